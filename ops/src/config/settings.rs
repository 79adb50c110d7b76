//! What the program was told, as values.

use std::collections::BTreeMap;
use std::fmt;
use std::net::{IpAddr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use api::AttemptLimits;
use domain::text::{Email, PersonName};
use identity::{NewPassword, Password, ProviderSettings};
use ipnet::IpNet;
use url::Url;

use super::mail::MailSettings;
use super::place::Place;
use super::providers;
use super::sources::{ConfigError, Environment};
use super::values::{self, Reader};
use crate::telemetry::LogFormat;

/// All settings, checked.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Which database.
    pub database: Database,
    /// Connections for queries.
    pub pool_size: usize,
    /// Where durable things lie.
    pub data_dir: PathBuf,
    /// Address to listen on; `None` is every address, of both kinds.
    pub host: Option<IpAddr>,
    /// Port to listen on; 0 is any.
    pub port: u16,
    /// Whether to fill an empty help desk.
    pub demo: bool,
    /// Who is to administer an empty help desk.
    pub first_admin: FirstAdmin,
    /// Where people reach the help desk; `None` until the port is known, see [`Settings::public_url`].
    pub app_url: Option<Url>,
    /// The origin where browsers find the live updates; `None` is that of the page.
    pub socket_url: Option<String>,
    /// Origins that were named; see [`Settings::origins`].
    pub allowed_origins: Option<Vec<String>>,
    /// Who receives broadcasts.
    pub audience: Audience,
    /// Limits on clients of the live updates.
    pub realtime: RealtimeLimits,
    /// Where attachments are kept.
    pub uploads: Uploads,
    /// Largest attachment, in bytes.
    pub max_file_size: u64,
    /// Whose forwarding headers are believed.
    pub trusted_proxies: Vec<IpNet>,
    /// A session ends when it was not used for this long.
    pub session_idle: Duration,
    /// A session ends after this long.
    pub session_max: Duration,
    /// Limits on what strangers try.
    pub attempts: AttemptLimits,
    /// Where people may sign in besides.
    pub providers: Vec<ProviderSettings>,
    /// Limits on connections and requests.
    pub http: HttpLimits,
    /// How mail leaves.
    pub mail: MailSettings,
    /// The key that signs heads of the log, where it is given.
    pub signing_key_file: Option<PathBuf>,
    /// The log's name in signed heads, where it is set.
    pub log_origin: Option<String>,
    /// Who collects traces; `None` is nobody.
    pub otlp_endpoint: Option<Url>,
    /// How many of a hundred requests are traced.
    pub traces_percent: u8,
    /// Where Prometheus may read figures; `None` is nowhere.
    pub metrics_address: Option<SocketAddr>,
    /// How often a head of the log is signed while the log moves.
    pub head_interval: Duration,
    /// Where signed heads go.
    pub head_publish: Vec<Place>,
    /// What log lines look like.
    pub log_format: LogFormat,
    /// What is logged, in the form of `RUST_LOG`.
    pub log_filter: String,
}

/// Who is to administer an empty help desk.
#[derive(Debug, Clone)]
pub struct FirstAdmin {
    /// Where the person is reached; nobody, if it is left out.
    pub email: Option<Email>,
    /// With which the person signs in. (Not shown by `Debug`.)
    pub password: Option<NewPassword>,
    /// What the person is called.
    pub name: Option<PersonName>,
}

/// Which database the log lies in.
#[derive(Debug, Clone)]
pub enum Database {
    /// The program's own, in this folder, by the programs in `bindir` if given.
    Embedded {
        /// The cluster's folder.
        dir: PathBuf,
        /// `PG_BINDIR`.
        bindir: Option<PathBuf>,
    },
    /// Another one. (The password is not shown by `Debug`.)
    Url(Box<tokio_postgres::Config>),
}

/// Who receives broadcasts that the seed sent to all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Audience {
    /// Those who may read the ticket.
    Permitted,
    /// Everyone who is connected.
    Everyone,
}

/// Where attachments are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum Uploads {
    /// In a folder.
    Folder(PathBuf),
    /// In S3, with the `AWS_*` variables.
    S3 {
        /// `s3://bucket/prefix`.
        url: Url,
        /// Names and values, secrets among them.
        variables: BTreeMap<String, String>,
    },
}

/// Without the secrets.
impl fmt::Debug for Uploads {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Folder(dir) => f.debug_tuple("Folder").field(dir).finish(),
            Self::S3 { url, .. } => f
                .debug_struct("S3")
                .field("url", &url.as_str())
                .finish_non_exhaustive(),
        }
    }
}

/// Limits on connections and requests.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HttpLimits {
    /// Connections at a time.
    pub connections: usize,
    /// Connections at a time from one address.
    pub connections_per_address: usize,
    /// For a request's head, and for an idle connection.
    pub header_timeout: Duration,
    /// For a pause in a body.
    pub body_timeout: Duration,
    /// For a request in all.
    pub request_timeout: Duration,
}

/// Limits on clients of the live updates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RealtimeLimits {
    /// Clients at a time from one address.
    pub sockets_per_address: usize,
    /// Clients at a time of one account.
    pub sockets_per_account: usize,
    /// New ones from one address.
    pub handshakes: Pace,
    /// Events that one of them may send.
    pub events: Pace,
    /// Rooms and lists that one of them may ask for.
    pub joins: Pace,
    /// Events that one of them may have missed and still be told one by one.
    pub resume_events: i64,
}

/// How much may come how fast.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// A second in the long run.
    pub per_second: u32,
    /// At once, after a silence.
    pub at_once: u32,
}

impl Settings {
    /// Reads and checks all settings; the first wrong one is the error.
    pub fn read(environment: &Environment) -> Result<Self, ConfigError> {
        let from = Reader { environment };
        let data_dir = from
            .optional("DATA_DIR", values::folder)?
            .unwrap_or_else(|| "data".into());
        let seconds = |name| from.number(name, 1..=3600).map(Duration::from_secs);
        let limit = |name| -> Result<u32, ConfigError> {
            Ok(u32::try_from(from.number(name, 1..=1_000_000)?).unwrap_or(u32::MAX))
        };
        let database = match from.optional("DATABASE_URL", values::database)? {
            Some(config) => Database::Url(Box::new(config)),
            None => Database::Embedded {
                dir: data_dir.join("postgres"),
                bindir: from.optional("PG_BINDIR", values::folder)?,
            },
        };
        let port = u16::try_from(from.number("PORT", 0..=65535)?).unwrap_or_default();
        Ok(Self {
            database,
            pool_size: count(from.number("DATABASE_POOL_SIZE", 2..=1000)?),
            host: from.optional("HOST", values::address)?,
            port,
            demo: from.optional("DEMO", values::switch)?.unwrap_or(false),
            first_admin: FirstAdmin {
                email: from.optional("DEFAULT_ADMIN_EMAIL", str::parse)?,
                password: from.optional("DEFAULT_ADMIN_PASSWORD", first_password)?,
                name: from.optional("DEFAULT_ADMIN_NAME", str::parse)?,
            },
            app_url: from.optional("APP_URL", values::web_address)?,
            socket_url: from.optional("SOCKET_URL", values::origin)?,
            allowed_origins: from.optional("ALLOWED_ORIGINS", values::origins)?,
            audience: from
                .optional("REALTIME_AUDIENCE", audience)?
                .unwrap_or(Audience::Permitted),
            realtime: realtime_limits(&from)?,
            uploads: uploads(&from, &data_dir)?,
            max_file_size: from.number("MAX_FILE_SIZE", 1..=1 << 30)?,
            trusted_proxies: from
                .optional("TRUSTED_PROXIES", values::networks)?
                .unwrap_or_default(),
            session_idle: Duration::from_hours(from.number("SESSION_IDLE_HOURS", 1..=8760)?),
            session_max: Duration::from_hours(24 * from.number("SESSION_MAX_DAYS", 1..=365)?),
            attempts: AttemptLimits {
                proofs_per_minute: limit("PROOFS_PER_MINUTE")?,
                passwords_per_hour: limit("PASSWORDS_PER_HOUR")?,
                wishes_per_hour: limit("WISHES_PER_HOUR")?,
                mails_per_hour: limit("MAILS_PER_HOUR")?,
            },
            providers: providers::read(&from)?,
            http: HttpLimits {
                connections: count(from.number("MAX_CONNECTIONS", 1..=1_000_000)?),
                connections_per_address: count(from.number("MAX_CONNECTIONS_PER_ADDRESS", 1..=1_000_000)?),
                header_timeout: seconds("HEADER_TIMEOUT")?,
                body_timeout: seconds("BODY_TIMEOUT")?,
                request_timeout: seconds("REQUEST_TIMEOUT")?,
            },
            mail: MailSettings::read(&from, &data_dir)?,
            signing_key_file: from.optional("SIGNING_KEY_FILE", values::file)?,
            log_origin: from.optional("LOG_ORIGIN", values::log_name)?,
            otlp_endpoint: from.optional("OTLP_ENDPOINT", values::web_address)?,
            traces_percent: u8::try_from(from.number("TRACES_PERCENT", 0..=100)?).unwrap_or(100),
            metrics_address: metrics_address(&from, port)?,
            head_interval: Duration::from_secs(from.number("HEAD_INTERVAL", 1..=86_400)?),
            head_publish: from.optional("HEAD_PUBLISH", values::places)?.unwrap_or_default(),
            log_format: from
                .optional("LOG_FORMAT", log_format)?
                .unwrap_or(LogFormat::Text),
            log_filter: from
                .optional("LOG_LEVEL", values::filter)?
                .unwrap_or_else(|| "info".into()),
            data_dir,
        })
    }

    /// Where people reach the help desk, without a slash at its end, when it listens on `port`.
    pub fn public_url(&self, port: u16) -> String {
        match &self.app_url {
            Some(url) => url.as_str().trim_end_matches('/').to_owned(),
            None => format!("http://localhost:{port}"),
        }
    }

    /// Origins whose pages may use the API, when it listens on `port`.
    pub fn origins(&self, port: u16) -> Vec<String> {
        match (&self.allowed_origins, &self.app_url) {
            (Some(origins), _) => origins.clone(),
            (None, Some(url)) => vec![url.origin().ascii_serialization()],
            (None, None) => vec![
                format!("http://localhost:{port}"),
                format!("http://127.0.0.1:{port}"),
            ],
        }
    }
}

fn count(number: u64) -> usize {
    usize::try_from(number).unwrap_or(usize::MAX)
}

fn realtime_limits(from: &Reader<'_>) -> Result<RealtimeLimits, ConfigError> {
    let pace = |name, most, at_once_factor| -> Result<Pace, ConfigError> {
        let per_second = u32::try_from(from.number(name, 1..=most)?).unwrap_or(u32::MAX);
        Ok(Pace {
            per_second,
            at_once: per_second.saturating_mul(at_once_factor),
        })
    };
    Ok(RealtimeLimits {
        sockets_per_address: count(from.number("REALTIME_SOCKETS_PER_ADDRESS", 1..=1_000_000)?),
        sockets_per_account: count(from.number("REALTIME_SOCKETS_PER_ACCOUNT", 1..=1_000_000)?),
        handshakes: pace("REALTIME_HANDSHAKES_PER_SECOND", 100_000, 10)?,
        events: pace("REALTIME_EVENTS_PER_SECOND", 10_000, 6)?,
        joins: pace("REALTIME_JOINS_PER_SECOND", 10_000, 10)?,
        resume_events: i64::try_from(from.number("RESUME_EVENTS_MAX", 0..=1_000_000)?).unwrap_or(i64::MAX),
    })
}

/// The original's own default is in its documents, so everybody knows it.
fn first_password(text: &str) -> Result<NewPassword, String> {
    if text.strip_prefix("ChangeMe") == Some("123!") {
        return Err("is known to everybody".to_owned());
    }
    NewPassword::parse(Password::new(text.to_owned())).map_err(|refusal| refusal.to_string())
}

fn audience(text: &str) -> Result<Audience, &'static str> {
    match text {
        "permitted" => Ok(Audience::Permitted),
        "everyone" => Ok(Audience::Everyone),
        _ => Err("is neither permitted nor everyone"),
    }
}

fn log_format(text: &str) -> Result<LogFormat, &'static str> {
    match text {
        "text" => Ok(LogFormat::Text),
        "json" => Ok(LogFormat::Json),
        _ => Err("is neither text nor json"),
    }
}

/// Its port must be another than the help desk's, on whatever address: everybody may see that one.
fn metrics_address(from: &Reader<'_>, port: u16) -> Result<Option<SocketAddr>, ConfigError> {
    from.optional("METRICS_ADDRESS", |text| {
        let address: SocketAddr = text
            .replace("localhost:", "127.0.0.1:")
            .parse()
            .map_err(|_| "is not an address with a port")?;
        if address.port() == port && port != 0 {
            return Err("has the port of the help desk itself");
        }
        Ok(address)
    })
}

fn uploads(from: &Reader<'_>, data_dir: &std::path::Path) -> Result<Uploads, ConfigError> {
    let url = from.optional("UPLOAD_URL", |text| {
        let url = Url::parse(text).map_err(|_| "is not a URL")?;
        if url.scheme() == "s3" && url.host_str().is_some() {
            Ok(url)
        } else {
            Err("is not s3://bucket/prefix")
        }
    })?;
    if let Some(url) = url {
        return Ok(Uploads::S3 {
            url,
            variables: from.environment.aws(),
        });
    }
    let dir = from.optional("UPLOAD_DIR", values::folder)?;
    Ok(Uploads::Folder(dir.unwrap_or_else(|| data_dir.join("uploads"))))
}

#[cfg(test)]
mod tests;
