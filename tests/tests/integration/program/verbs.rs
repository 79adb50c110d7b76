//! Verbs and settings, and what a shell is told (S-023, S-098, S-105, A11).

use tests::app::TestApp;
use tests::postgres::TestDatabase;
use tests::process::{command, run};

struct Outcome {
    code: Option<i32>,
    said: String,
    complained: String,
}

async fn informejo(arguments: &[&str], settings: &[(&str, &str)], input: &str) -> Outcome {
    // Nothing lies about in the working directory that could be a setting.
    let folder = tests::postgres::new_data_dir();
    let mut command = command();
    command
        .args(arguments)
        .envs(settings.iter().copied())
        .current_dir(folder.path());
    let output = run(&mut command, input).await;
    Outcome {
        code: output.status.code(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn the_version_and_the_help_are_told() {
    let version = informejo(&["--version"], &[], "").await;
    assert_eq!(
        version.said.trim(),
        format!("informejo {}", env!("CARGO_PKG_VERSION"))
    );
    let help = informejo(&["serve", "--help"], &[], "").await;
    for setting in ["DATABASE_URL", "3003", "REALTIME_AUDIENCE", "TRUSTED_PROXIES"] {
        assert!(help.said.contains(setting), "{setting}");
    }
    assert_eq!((version.code, help.code), (Some(0), Some(0)));
}

#[tokio::test]
async fn a_wrong_setting_is_one_line_and_exit_code_two() {
    for (name, value) in [
        ("PORT", "http"),
        ("PORT", "65536"),
        ("DATABASE_URL", "nonsense://"),
        ("REALTIME_AUDIENCE", "nobody"),
        ("TRUSTED_PROXIES", "10.0.0.0/99"),
        ("MAX_FILE_SIZE", "-1"),
        ("APP_URL", "ftp://desk"),
    ] {
        let outcome = informejo(&["serve"], &[(name, value)], "").await;
        assert_eq!(outcome.code, Some(2), "{name}={value}: {}", outcome.complained);
        assert_eq!(outcome.complained.lines().count(), 1, "{}", outcome.complained);
        assert!(outcome.complained.contains(name), "{}", outcome.complained);
    }
    assert_eq!(informejo(&["dance"], &[], "").await.code, Some(2));
}

#[tokio::test]
async fn the_descriptions_of_the_api_and_of_the_live_protocol_are_those_that_are_served() {
    let app = TestApp::new().await;
    for name in ["openapi", "asyncapi"] {
        let printed = informejo(&[name], &[], "").await;
        let served = app.anonymous().get(&format!("/api/{name}.json")).await.good();
        let printed: serde_json::Value = serde_json::from_str(&printed.said).unwrap();
        assert_eq!(printed, served);
    }
}

#[tokio::test]
async fn an_admin_is_made_with_a_good_password_only_and_once() {
    let database = TestDatabase::empty().await;
    let url = database.url();
    let settings = [("DATABASE_URL", url.as_str())];
    let verb = [
        "accounts",
        "create-admin",
        "--email",
        "ada@example.test",
        "--name",
        "Ada",
    ];
    for password in ["", "canary7", "password"] {
        let outcome = informejo(&verb, &settings, &format!("{password}\n")).await;
        assert_ne!(outcome.code, Some(0), "{password:?}");
        assert!(!outcome.complained.contains("canary7"), "{}", outcome.complained);
    }
    let made = informejo(&verb, &settings, "gulls-over-harbour\n").await;
    assert_eq!(made.code, Some(0), "{}", made.complained);
    let twice = informejo(&verb, &settings, "gulls-over-harbour\n").await;
    assert_eq!(twice.code, Some(1));
    let admin = database.admin().await;
    let row = admin
        .query_one("SELECT count(*) FROM log.events", &[])
        .await
        .unwrap();
    assert_eq!(row.get::<_, i64>(0), 1);
}

#[tokio::test]
async fn migrating_twice_changes_nothing() {
    let database = TestDatabase::empty().await;
    let url = database.url();
    for _ in 0..2 {
        let outcome = informejo(&["migrate"], &[("DATABASE_URL", url.as_str())], "").await;
        assert_eq!(outcome.code, Some(0), "{}", outcome.complained);
    }
}
