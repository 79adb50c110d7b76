//! `informejo doctor`, with and without a program that runs, and with proxies that do and do not do their work.

use std::collections::BTreeMap;

use serde_json::Value;
use tests::process::{Ground, ServerProcess, command, run};

use super::proxy::{self, Habits};

/// What the doctor said.
struct Said {
    /// The exit code; if nothing but the disk of the machine is full, that of a machine with room.
    code: Option<i32>,
    /// The worst level of each check.
    levels: BTreeMap<String, String>,
    answer: Value,
}

impl Said {
    fn level(&self, check: &str) -> &str {
        self.levels.get(check).map_or("nothing", String::as_str)
    }

    fn finding(&self, check: &str) -> &Value {
        let findings = self.answer["findings"].as_array().unwrap();
        let found = findings.iter().find(|finding| finding["check"] == check);
        found.unwrap_or_else(|| panic!("{check}: {}", self.answer))
    }
}

async fn doctor(settings: &[(&str, &str)]) -> Said {
    let folder = tests::postgres::new_data_dir();
    let mut command = command();
    command
        .args(["doctor", "--json"])
        .envs(settings.iter().copied())
        .current_dir(folder.path());
    let output = run(&mut command, "").await;
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let mut levels = BTreeMap::new();
    for finding in answer["findings"].as_array().unwrap() {
        let text = |name: &str| finding[name].as_str().unwrap().to_owned();
        let (level, advice) = (text("level"), text("advice"));
        let is_bad = level == "warning" || level == "error";
        assert_eq!(is_bad, !advice.is_empty(), "{finding}");
        let worst = levels.entry(text("check")).or_insert_with(|| level.clone());
        if is_bad {
            *worst = level;
        }
    }
    let errors: Vec<&String> = levels.keys().filter(|check| levels[*check] == "error").collect();
    assert_eq!(
        output.status.code(),
        Some(i32::from(!errors.is_empty())),
        "{answer}"
    );
    let is_disk = |check: &&String| check.rsplit('.').next() == Some("disk");
    let only_disks = errors.iter().all(is_disk);
    Said {
        code: Some(i32::from(!only_disks)),
        levels,
        answer,
    }
}

/// A server that runs, on a port that the doctor is told.
async fn running(ground: &Ground, further: &[(&str, &str)]) -> (ServerProcess, String) {
    let server = ground.serve(further).await;
    let port = server.address().port().to_string();
    (server, port)
}

#[tokio::test]
async fn a_well_installation_has_no_errors() {
    let ground = Ground::new().await;
    let (server, port) = running(&ground, &[]).await;
    let here = [("HOST", "127.0.0.1"), ("PORT", &port), ("APP_URL", &server.url())];
    let said = doctor(&[&ground.settings()[..], &here].concat()).await;
    for check in [
        "data.folder",
        "uploads.store",
        "database",
        "database.durability",
        "database.rights",
        "database.migrations",
        "database.clock",
        "projections",
        "desk.program",
        "desk.address",
        "desk.forwarding",
        "desk.websocket",
    ] {
        assert_eq!(said.level(check), "ok", "{check}: {}", said.answer);
    }
    assert_eq!(said.code, Some(0), "{}", said.answer);
    assert_eq!(said.answer["settings"]["DATABASE_URL"], "(given, not shown)");
    assert!(!said.answer.to_string().contains(&ground.database.url()));
}

#[tokio::test]
async fn without_a_program_and_a_database_it_says_what_it_skipped() {
    let ground = Ground::new().await;
    let said = doctor(&[&ground.settings()[..], &[("PORT", "1")]].concat()).await;
    assert_eq!(said.level("database"), "ok");
    assert_eq!(said.level("database.rights"), "skipped", "{}", said.answer);
    assert_eq!(said.level("database.migrations"), "warning");
    for check in [
        "desk.program",
        "desk.address",
        "desk.forwarding",
        "desk.websocket",
    ] {
        assert_ne!(said.level(check), "error", "{check}: {}", said.answer);
    }
    assert_eq!(said.code, Some(0), "{}", said.answer);

    let folder = tests::postgres::new_data_dir();
    let settings = [
        ("DATABASE_URL", "postgresql://nobody:hunter2@127.0.0.1:1/none"),
        ("DATA_DIR", folder.path().to_str().unwrap()),
        ("PORT", "1"),
    ];
    let said = doctor(&settings).await;
    assert_eq!(said.level("database"), "error");
    assert_eq!(said.level("projections"), "skipped");
    assert_eq!(said.code, Some(1));
    assert!(!said.answer.to_string().contains("hunter2"), "{}", said.answer);

    let settings = [("DATA_DIR", "nothing"), ("PORT", "1")];
    let said = doctor(&settings).await;
    assert_eq!(said.level("database"), "skipped", "nothing is made by looking");
    assert_eq!(said.code, Some(0));
    let mut wrong = command();
    wrong.args(["doctor"]).env("PORT", "many");
    assert_eq!(run(&mut wrong, "").await.status.code(), Some(2));
}

#[tokio::test]
async fn a_proxy_is_found_out() {
    let ground = Ground::new().await;
    let (trusting, port) = running(&ground, &[("TRUSTED_PROXIES", "127.0.0.1")]).await;
    let (wary, _) = running(&ground, &[]).await;
    let good = Habits {
        forwards: Some("http"),
        strips_upgrade: false,
    };
    let silent = Habits::default();
    let deaf = Habits {
        strips_upgrade: true,
        ..good
    };
    for (target, habits, forwarding, websocket, code) in [
        (&trusting, good, "ok", "ok", 0),
        (&trusting, silent, "ok", "ok", 0),
        (&trusting, deaf, "ok", "error", 1),
        (&wary, good, "error", "ok", 1),
    ] {
        let proxy = proxy::before(target.address(), habits).await;
        let url = format!("http://{proxy}");
        let here = [("HOST", "127.0.0.1"), ("PORT", &port), ("APP_URL", &url)];
        let said = doctor(&[&ground.settings()[..], &here].concat()).await;
        assert_eq!(said.level("desk.address"), "ok", "{habits:?}: {}", said.answer);
        assert_eq!(
            said.level("desk.forwarding"),
            forwarding,
            "{habits:?}: {}",
            said.answer
        );
        assert_eq!(
            said.level("desk.websocket"),
            websocket,
            "{habits:?}: {}",
            said.answer
        );
        assert_eq!(said.code, Some(code), "{habits:?}: {}", said.answer);
        let said_of = |check: &str| said.finding(check).to_string();
        if websocket == "error" {
            assert!(
                said_of("desk.websocket").contains("takes away Upgrade"),
                "{}",
                said.answer
            );
        }
        if habits.forwards.is_some() && forwarding == "ok" {
            let told = said_of("desk.forwarding");
            assert!(
                told.contains("203.0.113.7") && told.contains("through 127.0.0.1"),
                "{told}"
            );
        }
        if forwarding == "error" {
            let advice = said.finding("desk.forwarding")["advice"].as_str().unwrap();
            assert!(advice.contains("TRUSTED_PROXIES=127.0.0.1"), "{advice}");
        }
    }
    let nobody = proxy::before("127.0.0.1:1".parse().unwrap(), good).await;
    let url = format!("http://{nobody}");
    let here = [("HOST", "127.0.0.1"), ("PORT", &port), ("APP_URL", &url)];
    let said = doctor(&[&ground.settings()[..], &here].concat()).await;
    assert_eq!(said.level("desk.program"), "ok", "{}", said.answer);
    assert_eq!(said.level("desk.address"), "error", "{}", said.answer);
    assert_eq!(said.level("desk.websocket"), "skipped", "{}", said.answer);
}

#[tokio::test]
async fn what_is_wrong_in_the_database_is_found() {
    let ground = Ground::new().await;
    let (_server, port) = running(&ground, &[]).await;
    let admin = ground.database.admin().await;
    let name = ground.database.name();
    let settings = [&ground.settings()[..], &[("PORT", &*port), ("HOST", "127.0.0.1")]].concat();
    for (spoil, repair, check) in [
        (
            "GRANT INSERT ON log.events TO informejo_app".to_owned(),
            "REVOKE INSERT ON log.events FROM informejo_app".to_owned(),
            "database.rights",
        ),
        (
            "ALTER TABLE log.events DISABLE TRIGGER ALL".to_owned(),
            "ALTER TABLE log.events ENABLE TRIGGER ALL".to_owned(),
            "database.rights",
        ),
        (
            format!("ALTER DATABASE {name} SET synchronous_commit = off"),
            format!("ALTER DATABASE {name} RESET synchronous_commit"),
            "database.durability",
        ),
    ] {
        admin.batch_execute(&spoil).await.unwrap();
        let said = doctor(&settings).await;
        assert_eq!(said.level(check), "error", "{spoil}: {}", said.answer);
        assert_eq!(said.code, Some(1));
        admin.batch_execute(&repair).await.unwrap();
    }
    let said = doctor(&settings).await;
    assert_eq!(said.code, Some(0), "{}", said.answer);
    std::fs::write(ground.data_dir().join("log.key"), "no key").unwrap();
    let said = doctor(&settings).await;
    assert_eq!(said.level("signing.key"), "error", "{}", said.answer);
}

#[tokio::test]
async fn people_get_lines_with_what_to_do() {
    let ground = Ground::new().await;
    let mut command = command();
    command.arg("doctor").env("PORT", "1").envs(ground.settings());
    let output = run(&mut command, "").await;
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("Settings that are given:\n  DATABASE_URL=(given, not shown)\n"),
        "{text}"
    );
    assert!(text.contains("\n  PORT=1\n"), "{text}");
    assert!(text.contains("\nwarning  database.migrations"), "{text}");
    assert!(text.contains("→ run `informejo migrate`"), "{text}");
    assert!(text.trim_end().ends_with("skipped"), "{text}");
}
