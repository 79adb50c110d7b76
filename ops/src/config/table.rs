//! The one list of settings: names, defaults, examples, and what they are for.

mod mail;

use super::setting::{Group, NONE, Setting};

/// Every setting, in the order of `--help`.
pub const SETTINGS: &[Setting] = &[
    Setting {
        name: "PORT",
        value: "NUMBER",
        default: "3003",
        example: "8080",
        help: "Port to listen on; 0 takes any free one",
        ..NONE
    },
    Setting {
        name: "HOST",
        value: "ADDRESS",
        default: "every address of the machine",
        example: "127.0.0.1",
        help: "Address to listen on; behind a proxy on the same machine, 127.0.0.1 keeps others out",
        ..NONE
    },
    Setting {
        name: "DATA_DIR",
        value: "FOLDER",
        default: "./data",
        example: "/var/lib/informejo",
        help: "Where the embedded database, the uploads and the signing key lie",
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "DATABASE_URL",
        value: "URL",
        default: "the embedded PostgreSQL in DATA_DIR/postgres",
        example: "postgresql://informejo:secret@db.example.org/informejo",
        help: "A PostgreSQL (14 or newer) to use, as a role that may create roles at the first start; as a flag, other \
               users of this machine can read its password",
        secret: true,
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "PG_BINDIR",
        value: "FOLDER",
        default: "the newest found in PATH and the usual folders",
        example: "/usr/lib/postgresql/17/bin",
        help: "Where initdb and postgres are, for the embedded PostgreSQL",
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "DATABASE_POOL_SIZE",
        value: "NUMBER",
        default: "16",
        example: "32",
        help: "Connections to the database for queries, 2 to 1000",
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "DEMO",
        example: "true",
        help: "Fill an empty help desk with people and tickets",
        ..NONE
    },
    Setting {
        name: "DEFAULT_ADMIN_EMAIL",
        value: "ADDRESS",
        default: "none, see accounts create-admin",
        example: "ada@example.org",
        help: "Who is to administer a help desk on which nobody has an account yet; later without effect",
        ..NONE
    },
    Setting {
        name: "DEFAULT_ADMIN_PASSWORD",
        value: "PASSWORD",
        default: "none",
        example: "three herons over the lake",
        help: "The password of that account, 8 to 128 characters; to be removed after the first start; as a flag, other users \
               of this machine can read it",
        secret: true,
        ..NONE
    },
    Setting {
        name: "DEFAULT_ADMIN_NAME",
        value: "NAME",
        default: "System Administrator",
        example: "Ada Agent",
        help: "The name of that account's owner",
        ..NONE
    },
    Setting {
        name: "APP_URL",
        old_names: &["NEXT_PUBLIC_APP_URL", "NEXTAUTH_URL"],
        value: "URL",
        default: "http://localhost:PORT",
        example: "https://help.example.org",
        help: "Where people reach this help desk; https here makes cookies secure",
        ..NONE
    },
    Setting {
        name: "SOCKET_URL",
        old_names: &["NEXT_PUBLIC_SOCKET_URL"],
        value: "URL",
        default: "that of the page",
        example: "https://live.example.org",
        help: "Where browsers find the live updates, if another host serves them; it must take the pages' origin (its \
               ALLOWED_ORIGINS)",
        ..NONE
    },
    Setting {
        name: "ALLOWED_ORIGINS",
        value: "URL,URL,…",
        default: "that of APP_URL",
        example: "https://help.example.org,https://intranet.example.org",
        help: "Web sites whose pages may use the API and the live updates",
        ..NONE
    },
    Setting {
        name: "REALTIME_AUDIENCE",
        value: "permitted|everyone",
        default: "permitted",
        example: "permitted",
        help: "Who receives live updates: those who may read the ticket, or everyone who is connected (closed networks only)",
        ..NONE
    },
    Setting {
        name: "RESUME_EVENTS_MAX",
        value: "NUMBER",
        default: "10000",
        example: "5000",
        help: "How many events of the log a client of the live updates may have missed and still be told one by one when it \
               comes back; beyond that it is told to fetch anew, 0 to 1000000",
        ..NONE
    },
    Setting {
        name: "REALTIME_SOCKETS_PER_ADDRESS",
        value: "NUMBER",
        default: "2000",
        example: "500",
        help: "Clients of the live updates at a time from one address (behind TRUSTED_PROXIES, the client's own; of IPv6, a \
               /64 network), 1 to 1000000",
        ..NONE
    },
    Setting {
        name: "REALTIME_SOCKETS_PER_ACCOUNT",
        value: "NUMBER",
        default: "200",
        example: "20",
        help: "Clients of the live updates at a time of one account, 1 to 1000000",
        ..NONE
    },
    Setting {
        name: "REALTIME_HANDSHAKES_PER_SECOND",
        value: "NUMBER",
        default: "200",
        example: "50",
        help: "New clients of the live updates from one address a second in the long run, and ten times as many at once, 1 to \
               100000",
        ..NONE
    },
    Setting {
        name: "REALTIME_EVENTS_PER_SECOND",
        value: "NUMBER",
        default: "20",
        example: "10",
        help: "Events that one client of the live updates may send a second in the long run, and six times as many at once; \
               beyond that they are refused, and beyond twice that its connection is cut, 1 to 10000",
        ..NONE
    },
    Setting {
        name: "REALTIME_JOINS_PER_SECOND",
        value: "NUMBER",
        default: "10",
        example: "5",
        help: "Tickets' rooms and lists that one client may ask for a second in the long run, and ten times as many at once, \
               1 to 10000",
        ..NONE
    },
    Setting {
        name: "UPLOAD_DIR",
        value: "FOLDER",
        default: "DATA_DIR/uploads",
        example: "/srv/informejo/uploads",
        help: "Where attachments are kept",
        group: Group::Store,
        ..NONE
    },
    Setting {
        name: "UPLOAD_URL",
        value: "URL",
        default: "none, see UPLOAD_DIR",
        example: "s3://bucket/prefix",
        help: "Keep attachments in S3 instead; AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_REGION, AWS_ENDPOINT … as usual",
        group: Group::Store,
        ..NONE
    },
    Setting {
        name: "MAX_FILE_SIZE",
        value: "BYTES",
        default: "10485760",
        example: "26214400",
        help: "Largest attachment, 1 to 1073741824",
        ..NONE
    },
    Setting {
        name: "TRUSTED_PROXIES",
        value: "NETWORK,…",
        default: "none",
        example: "127.0.0.1,10.10.0.0/16",
        help: "Proxies whose X-Forwarded-For and X-Forwarded-Proto are believed",
        ..NONE
    },
    Setting {
        name: "SESSION_IDLE_HOURS",
        value: "HOURS",
        default: "12",
        example: "8",
        help: "A session ends when it was not used for this long, 1 to 8760",
        ..NONE
    },
    Setting {
        name: "SESSION_MAX_DAYS",
        value: "DAYS",
        default: "7",
        example: "30",
        help: "A session ends after this long in any case, 1 to 365",
        ..NONE
    },
    Setting {
        name: "PROOFS_PER_MINUTE",
        value: "NUMBER",
        default: "30",
        example: "120",
        help: "Passwords, links and codes that may be tried from one address a minute in the long run, and twice as many at \
               once, 1 to 1000000; more where many people share an address",
        ..NONE
    },
    Setting {
        name: "PASSWORDS_PER_HOUR",
        value: "NUMBER",
        default: "20",
        example: "10",
        help: "Wrong passwords that may be tried on one account an hour in the long run, and three times as many at once, 1 to \
               1000000; browsers that its owner has used before are not held up",
        ..NONE
    },
    Setting {
        name: "WISHES_PER_HOUR",
        value: "NUMBER",
        default: "60",
        example: "300",
        help: "Registrations, links by mail and guests' tickets that may be asked for from one address an hour in the long run, \
               each, and half as many at once, 1 to 1000000",
        ..NONE
    },
    Setting {
        name: "MAILS_PER_HOUR",
        value: "NUMBER",
        default: "12",
        example: "30",
        help: "How often strangers may have each of these mails sent to one e-mail address an hour, 1 to 1000000",
        ..NONE
    },
    Setting {
        name: "OIDC_PROVIDERS",
        value: "FILE",
        default: "none",
        example: "/etc/informejo/providers.json",
        help: "Identity providers (OpenID Connect) where people may sign in besides: a JSON list, see docs/operations.md",
        ..NONE
    },
    Setting {
        name: "KEYCLOAK_ISSUER",
        value: "URL",
        default: "none",
        example: "https://id.example.org/realms/desk",
        help: "One Keycloak, without a file: the address of its realm",
        ..NONE
    },
    Setting {
        name: "KEYCLOAK_ID",
        value: "NAME",
        default: "none",
        example: "informejo",
        help: "The client of this help desk in that realm",
        ..NONE
    },
    Setting {
        name: "KEYCLOAK_SECRET",
        value: "SECRET",
        default: "none: a public client",
        example: "from the client's credentials in Keycloak",
        help: "That client's secret; as a flag, other users of this machine can read it",
        secret: true,
        ..NONE
    },
    Setting {
        name: "MAX_CONNECTIONS",
        value: "NUMBER",
        default: "16384",
        example: "20000",
        help: "Connections at a time, lowered to what the limit of open files leaves; further ones are answered 503",
        ..NONE
    },
    Setting {
        name: "MAX_CONNECTIONS_PER_ADDRESS",
        value: "NUMBER",
        default: "1024",
        example: "200",
        help: "Connections at a time from one address (those in TRUSTED_PROXIES are not counted); further ones are answered 429",
        ..NONE
    },
    Setting {
        name: "HEADER_TIMEOUT",
        value: "SECONDS",
        default: "10",
        example: "5",
        help: "How long a client may take to send a request's head, or leave a connection idle, 1 to 3600",
        ..NONE
    },
    Setting {
        name: "BODY_TIMEOUT",
        value: "SECONDS",
        default: "30",
        example: "60",
        help: "How long a client may pause while it sends a body, 1 to 3600",
        ..NONE
    },
    Setting {
        name: "REQUEST_TIMEOUT",
        value: "SECONDS",
        default: "60",
        example: "300",
        help: "How long a request may take in all, 1 to 3600; the body of an upload may take 180 at least",
        ..NONE
    },
    mail::SMTP_HOST,
    mail::SMTP_PORT,
    mail::SMTP_USER,
    mail::SMTP_PASSWORD,
    mail::SMTP_TLS,
    mail::SMTP_CA_FILE,
    mail::SMTP_TIMEOUT,
    mail::MAIL_DIR,
    mail::SMTP_FROM,
    Setting {
        name: "GUEST_LINK_HOURS",
        value: "HOURS",
        default: "72",
        example: "24",
        help: "How long the link and the code are good that let a guest in, 1 to 8760",
        ..NONE
    },
    Setting {
        name: "SIGNING_KEY_FILE",
        value: "FILE",
        default: "DATA_DIR/log.key, made at the first start",
        example: "/etc/informejo/log.key",
        help: "The Ed25519 key that signs heads of the log; programs that share a database need the same one",
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "LOG_ORIGIN",
        value: "NAME",
        default: "made up with the key",
        example: "help.example.org/log",
        help: "The log's name in signed heads, for the first start: it is part of the key",
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "OTLP_ENDPOINT",
        old_names: &["OTEL_EXPORTER_OTLP_ENDPOINT"],
        value: "URL",
        default: "none: no traces",
        example: "http://127.0.0.1:4318",
        help: "A collector of OpenTelemetry traces (OTLP over HTTP, protobuf)",
        ..NONE
    },
    Setting {
        name: "TRACES_PERCENT",
        value: "NUMBER",
        default: "100",
        example: "5",
        help: "How many of a hundred requests are traced, where nobody else has decided, 0 to 100",
        ..NONE
    },
    Setting {
        name: "HEAD_INTERVAL",
        value: "SECONDS",
        default: "300",
        example: "60",
        help: "How often a head of the log is signed while the log moves, 1 to 86400",
        ..NONE
    },
    Setting {
        name: "HEAD_PUBLISH",
        value: "FILE,FOLDER/,URL,…",
        default: "nowhere",
        example: "/mnt/witness/desk.head,https://witness.example.org/desk",
        help: "Where signed heads go: a file that has the newest, a folder (with a slash at its end) that gets one file a \
               head, an http(s) address that gets the newest by PUT",
        secret: true,
        ..NONE
    },
    Setting {
        name: "METRICS_ADDRESS",
        value: "ADDRESS:PORT",
        default: "none: no figures",
        example: "127.0.0.1:9464",
        help: "Where Prometheus may read figures, at /metrics; anybody who reaches it may, so keep it to this machine or to \
               the operators' network",
        ..NONE
    },
    Setting {
        name: "LOG_FORMAT",
        value: "text|json",
        default: "text",
        example: "json",
        help: "Log lines for people, or a JSON object on each",
        group: Group::Database,
        ..NONE
    },
    Setting {
        name: "LOG_LEVEL",
        old_names: &["RUST_LOG"],
        value: "FILTER",
        default: "info",
        example: "warn,eventlog=debug",
        help: "What is logged: error, warn, info, debug, trace, or a filter by part",
        group: Group::Database,
        ..NONE
    },
];

#[cfg(test)]
mod tests;
