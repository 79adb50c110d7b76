//! Settings from every source, right and wrong.

use std::fs;

use clap::{Args as _, Command, FromArgMatches as _};

use super::*;
use crate::config::{SETTINGS, ServeFlags};

fn flags(args: &[&str]) -> Environment {
    let command = ServeFlags::augment_args(Command::new("serve"));
    let matches = command.get_matches_from(["serve"].iter().chain(args));
    Environment::from(ServeFlags::from_arg_matches(&matches).unwrap())
}

fn variables(environment: Environment, pairs: &[(&str, &str)]) -> Environment {
    environment
        .with_variables(pairs.iter().map(|(name, value)| (name.into(), value.into())))
        .unwrap()
}

fn read(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    Settings::read(&variables(Environment::default(), pairs))
}

fn problem(name: &str, value: &str) -> String {
    let error = read(&[(name, value)]).unwrap_err().to_string();
    assert!(!error.contains('\n'), "{error}");
    error
}

#[test]
fn without_any_settings_it_works() {
    let settings = read(&[]).unwrap();
    assert_eq!((settings.port, settings.host, settings.demo), (3003, None, false));
    assert!(
        matches!(&settings.database, Database::Embedded { dir, bindir: None } if dir.ends_with("data/postgres"))
    );
    assert_eq!(settings.uploads, Uploads::Folder("data/uploads".into()));
    assert_eq!(settings.max_file_size, 10_485_760);
    assert_eq!(settings.audience, Audience::Permitted);
    assert_eq!(settings.public_url(3003), "http://localhost:3003");
    assert_eq!(
        settings.origins(3003),
        ["http://localhost:3003", "http://127.0.0.1:3003"]
    );
    assert_eq!(settings.session_idle, Duration::from_hours(12));
    assert_eq!(settings.session_max, Duration::from_hours(24 * 7));
}

#[test]
fn every_example_is_a_valid_value() {
    let dir = tempfile::tempdir().unwrap();
    let providers = dir.path().join("providers.json");
    fs::write(&providers, include_str!("../../../deploy/providers.example.json")).unwrap();
    for secret in ["keycloak.secret", "partners.secret"] {
        fs::write(dir.path().join(secret), "secret").unwrap();
    }
    for setting in SETTINGS {
        let given = match setting.name {
            // Must be there: the one that is shipped.
            "OIDC_PROVIDERS" => vec![(setting.name, providers.to_str().unwrap())],
            "KEYCLOAK_ISSUER" => vec![(setting.name, setting.example), ("KEYCLOAK_ID", "informejo")],
            name => vec![(name, setting.example)],
        };
        read(&given).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn flags_win_over_variables_over_the_file_over_defaults() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(".env");
    fs::write(
        &file,
        "PORT=1\nDATA_DIR=\"from file\"\nSESSION_MAX_DAYS=3 # days\nSOMETHING_ELSE=x\n",
    )
    .unwrap();
    let environment = variables(
        flags(&["--port", "3", "--demo"]),
        &[("PORT", "2"), ("DATA_DIR", "from-env")],
    );
    let settings = Settings::read(&environment.with_file(&file).unwrap()).unwrap();
    assert_eq!(settings.port, 3);
    assert!(settings.demo);
    assert_eq!(settings.data_dir, PathBuf::from("from-env"));
    assert_eq!(settings.session_max, Duration::from_hours(72));
    assert_eq!(settings.max_file_size, 10_485_760);
}

#[test]
fn missing_file_is_none_and_a_broken_one_is_named_without_its_secrets() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join(".env");
    assert!(Environment::default().with_file(&file).is_ok());
    fs::write(&file, "PORT=1\nDATABASE_URL=a hunter2 b\n").unwrap();
    let error = Environment::default().with_file(&file).unwrap_err().to_string();
    assert!(
        error.contains(".env: line 2") && !error.contains("hunter2"),
        "{error}"
    );
}

#[test]
fn empty_is_not_given() {
    assert_eq!(read(&[("PORT", ""), ("APP_URL", " ")]).unwrap().port, 3003);
}

#[test]
fn an_empty_flag_is_no_folder() {
    for flag in ["--data-dir", "--upload-dir", "--pg-bindir"] {
        let error = Settings::read(&flags(&[flag, ""])).unwrap_err().to_string();
        assert!(
            error.starts_with(&format!("{flag}: \"\" is not a folder")),
            "{error}"
        );
    }
}

#[test]
fn names_of_the_original_are_understood() {
    let url = |pairs| read(pairs).unwrap().public_url(3003);
    assert_eq!(
        url(&[("NEXTAUTH_URL", "https://a.example/")]),
        "https://a.example"
    );
    assert_eq!(
        url(&[
            ("NEXTAUTH_URL", "https://a.example"),
            ("NEXT_PUBLIC_APP_URL", "https://b.example/desk/")
        ]),
        "https://b.example/desk"
    );
    let elsewhere = read(&[("NEXT_PUBLIC_SOCKET_URL", "https://Live.example:443/")]);
    assert_eq!(
        elsewhere.unwrap().socket_url.as_deref(),
        Some("https://live.example")
    );
    assert_eq!(
        read(&[("APP_URL", "https://c.example/desk")])
            .unwrap()
            .origins(3003),
        ["https://c.example"]
    );
}

#[test]
fn lists_are_read_whole() {
    let settings = read(&[
        (
            "ALLOWED_ORIGINS",
            "https://A.example:443, http://b.example:8080/,",
        ),
        ("TRUSTED_PROXIES", "127.0.0.1, 10.1.2.3/8, ::1"),
    ])
    .unwrap();
    assert_eq!(
        settings.origins(1),
        ["https://a.example", "http://b.example:8080"]
    );
    let networks: Vec<_> = settings.trusted_proxies.iter().map(ToString::to_string).collect();
    assert_eq!(networks, ["127.0.0.1/32", "10.0.0.0/8", "::1/128"]);
}

#[test]
fn a_wrong_one_is_named_with_an_example() {
    assert_eq!(
        problem("PORT", "abc"),
        "PORT: \"abc\" is not a number from 0 to 65535 (example: 8080)"
    );
    for (name, value) in [
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("HOST", "example.org"),
        ("DATABASE_POOL_SIZE", "1"),
        ("DEMO", "perhaps"),
        ("APP_URL", "help.example.org"),
        ("APP_URL", "ftp://help.example.org"),
        ("APP_URL", "https://help.example.org/?a=b"),
        ("SOCKET_URL", "wss://live.example.org"),
        ("SOCKET_URL", "https://live.example.org/socket.io"),
        ("ALLOWED_ORIGINS", "*"),
        ("ALLOWED_ORIGINS", "https://a.example/path"),
        ("REALTIME_AUDIENCE", "Everyone"),
        ("UPLOAD_URL", "gopher://bucket"),
        ("MAX_FILE_SIZE", "10MB"),
        ("TRUSTED_PROXIES", "10.0.0.0/33"),
        ("SESSION_IDLE_HOURS", "0"),
        ("HEADER_TIMEOUT", "1.5"),
        ("OTLP_ENDPOINT", "127.0.0.1:4318"),
        ("TRACES_PERCENT", "101"),
        ("METRICS_ADDRESS", "9464"),
        ("METRICS_ADDRESS", "127.0.0.1:3003"),
        ("LOG_FORMAT", "xml"),
        ("LOG_LEVEL", "info,=="),
    ] {
        let error = problem(name, value);
        assert!(
            error.starts_with(&format!("{name}: ")) && error.contains("(example: "),
            "{error}"
        );
    }
    let error = Settings::read(&flags(&["--port", "x"])).unwrap_err().to_string();
    assert!(error.starts_with("--port: "), "{error}");
}

#[test]
fn no_limit_of_the_live_updates_means_none_by_being_nothing() {
    for name in [
        "REALTIME_SOCKETS_PER_ADDRESS",
        "REALTIME_SOCKETS_PER_ACCOUNT",
        "REALTIME_HANDSHAKES_PER_SECOND",
        "REALTIME_EVENTS_PER_SECOND",
        "REALTIME_JOINS_PER_SECOND",
    ] {
        for nothing in ["0", "none", "-1", "unlimited"] {
            let error = problem(name, nothing);
            assert!(error.contains("is not a number from 1 to"), "{error}");
        }
    }
    let limits = read(&[("REALTIME_HANDSHAKES_PER_SECOND", "7")]).unwrap().realtime;
    assert_eq!((limits.handshakes.per_second, limits.handshakes.at_once), (7, 70));
}

#[test]
fn secrets_are_never_shown() {
    for url in [
        "postgresql://u:hunter2@h:port/db",
        "postgresql://u:hunter2@h/db?schema=public",
        "hunter2",
        "password=hunter2",
    ] {
        let error = problem("DATABASE_URL", url);
        assert!(!error.contains("hunter2"), "{error}");
    }
    let settings = read(&[
        ("DATABASE_URL", "postgresql://u:hunter2@h/db"),
        ("UPLOAD_URL", "s3://bucket/prefix"),
        ("AWS_SECRET_ACCESS_KEY", "hunter2"),
    ])
    .unwrap();
    let Uploads::S3 { variables, .. } = &settings.uploads else {
        panic!("no S3")
    };
    assert_eq!(variables["AWS_SECRET_ACCESS_KEY"], "hunter2");
    assert_eq!(
        variables_with_secret().given()["DATABASE_URL"],
        "(given, not shown)"
    );
    let shown = format!(
        "{settings:?} {:?} {:?}",
        variables_with_secret(),
        variables_with_secret().given()
    );
    assert!(!shown.contains("hunter2"), "{shown}");
}

fn variables_with_secret() -> Environment {
    variables(
        Environment::default(),
        &[("DATABASE_URL", "postgresql://u:hunter2@h/db")],
    )
}
