//! Evidence and whole logs on the command line: out, checked, and in again.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::postgres::{TestDatabase, new_data_dir};
use tests::process::{ServerProcess, command, run};

struct Outcome {
    code: i32,
    said: String,
    complained: String,
}

/// Runs a verb on the database at `url` with the data directory `data`.
async fn informejo(arguments: &[&str], url: &str, data: &Path, input: &str) -> Outcome {
    let mut verb = command();
    verb.args(arguments)
        .current_dir(data)
        .env("DATABASE_URL", url)
        .env("DATA_DIR", data);
    let output = run(&mut verb, input).await;
    Outcome {
        code: output.status.code().unwrap(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

/// A desk with a few tickets, and a folder to export to.
struct World {
    app: TestApp,
    ada: Client,
    ticket: String,
    folder: tempfile::TempDir,
}

impl World {
    async fn new() -> Self {
        let app = TestApp::new().await;
        let ada = app.admin("Ada").await;
        let ticket = ada.new_ticket("Grüße — 🖨 \"quoted\" \\ back").await;
        for number in 0..20 {
            ada.new_ticket(&format!("Ticket number {number}")).await;
        }
        Self {
            app,
            ada,
            ticket: ticket["id"].as_str().unwrap().to_owned(),
            folder: new_data_dir(),
        }
    }

    async fn verb(&self, arguments: &[&str]) -> Outcome {
        informejo(arguments, &self.app.database().url(), self.app.data_dir(), "").await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Exports the log; the answer.
    async fn export(&self, file: &str, more: &[&str]) -> Value {
        let arguments = ["audit", "log", "export", "--json", "--out", file];
        let exported = self.verb(&[&arguments, more].concat()).await;
        assert_eq!(exported.code, 0, "{}", exported.complained);
        serde_json::from_str(&exported.said).unwrap()
    }
}

/// Imports a file into a database; the answer.
async fn import(file: &str, database: &TestDatabase) -> Outcome {
    let folder = new_data_dir();
    let arguments = ["audit", "log", "import", "--json", file];
    informejo(&arguments, &database.url(), folder.path(), "").await
}

#[tokio::test]
async fn evidence_is_taken_and_checked_and_what_does_not_hold_is_an_exit_code() {
    let world = World::new().await;
    let pack = world.path("ticket.evidence.zip");
    let pack_name = pack.to_str().unwrap();
    let arguments = ["audit", "export", &world.ticket, "--out", pack_name, "--json"];
    let exported = world.verb(&arguments).await;
    assert_eq!(exported.code, 0, "{}", exported.complained);
    let answer: Value = serde_json::from_str(&exported.said).unwrap();
    assert_eq!(answer["events"], 1);
    // Nothing is written over.
    assert_eq!(world.verb(&arguments).await.code, 2);
    let unknown = "00000000-0000-4000-8000-000000000000";
    let other = world.path("other.zip");
    let arguments = ["audit", "export", unknown, "--out", other.to_str().unwrap()];
    assert_eq!(world.verb(&arguments).await.code, 1);
    assert!(!other.exists());

    let key = world.verb(&["audit", "key"]).await.said;
    let key_file = world.path("desk.vkey");
    fs::write(&key_file, &key).unwrap();
    // Checking needs neither the database nor the settings.
    let elsewhere = new_data_dir();
    let check = async |file: &str, key: &str| {
        let arguments = ["audit", "check", file, "--key", key, "--json"];
        informejo(
            &arguments,
            "postgresql://nobody@nowhere.invalid/x",
            elsewhere.path(),
            "",
        )
        .await
    };
    for key in [key.trim(), key_file.to_str().unwrap()] {
        let checked = check(pack_name, key).await;
        assert_eq!(checked.code, 0, "{}", checked.complained);
        let answer: Value = serde_json::from_str(&checked.said).unwrap();
        assert_eq!(
            (&answer["holds"], &answer["stream"]),
            (&json!(true), &json!(world.ticket))
        );
    }
    let bytes = fs::read(&pack).unwrap();
    let at = bytes.windows(6).position(|part| part == b"quoted").unwrap();
    let mut changed = bytes.clone();
    changed[at] ^= 1;
    let changed_file = world.path("changed.zip");
    fs::write(&changed_file, changed).unwrap();
    let checked = check(changed_file.to_str().unwrap(), key.trim()).await;
    assert_eq!(checked.code, 1);
    let answer: Value = serde_json::from_str(&checked.said).unwrap();
    assert_eq!(answer["holds"], false, "{answer}");
    let other_key = audit::Signer::new("other", &[1; 32]).unwrap().key().to_string();
    assert_eq!(check(pack_name, &other_key).await.code, 1);
    assert_eq!(check("missing.zip", key.trim()).await.code, 2);
    assert_eq!(check(pack_name, "no+key").await.code, 2);
    assert_eq!(check(pack_name, "no-file").await.code, 2);
    assert_eq!(fs::read_dir(elsewhere.path()).unwrap().count(), 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_imported_log_has_the_same_head_and_the_desk_goes_on() {
    let world = World::new().await;
    let file = world.path("log.jsonl");
    let name = file.to_str().unwrap();
    let exported = world.export(name, &[]).await;
    let copy = TestDatabase::empty().await;
    let imported = import(name, &copy).await;
    assert_eq!(imported.code, 0, "{}", imported.complained);
    let imported: Value = serde_json::from_str(&imported.said).unwrap();
    assert_eq!(imported["hash"], exported["hash"]);
    assert_eq!(imported["imported"], exported["position"]);
    // Once more does nothing.
    let again: Value = serde_json::from_str(&import(name, &copy).await.said).unwrap();
    assert_eq!(
        (&again["imported"], &again["hash"]),
        (&json!(0), &exported["hash"])
    );

    // It can be verified before anything is made of it.
    let verified = informejo(&["audit", "verify"], &copy.url(), new_data_dir().path(), "").await;
    assert_eq!(verified.code, 0, "{}", verified.said);

    // The signed head is believed with the right key only.
    let key = world.verb(&["audit", "key"]).await.said;
    let with_key = async |key: &str| {
        let folder = new_data_dir();
        let arguments = ["audit", "log", "import", name, "--key", key];
        informejo(&arguments, &copy.url(), folder.path(), "").await.code
    };
    assert_eq!(with_key(key.trim()).await, 0);
    let other = audit::Signer::new("other", &[1; 32]).unwrap().key().to_string();
    assert_eq!(with_key(&other).await, 1);

    // Whoever had an account signs in again once the login is there.
    let data = new_data_dir();
    let login = ["accounts", "restore-login", "--email", world.ada.email()];
    let restored = informejo(&login, &copy.url(), data.path(), "gulls-over-dunes-9\n").await;
    assert_eq!(restored.code, 0, "{}", restored.complained);
    let again = informejo(&login, &copy.url(), data.path(), "gulls-over-dunes-9\n").await;
    assert_eq!(again.code, 1, "{}", again.said);
    let nobody = ["accounts", "restore-login", "--email", "nobody@example.test"];
    assert_eq!(
        informejo(&nobody, &copy.url(), data.path(), "gulls-over-dunes-9\n")
            .await
            .code,
        1
    );
    let url = copy.url();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", data.path().to_str().unwrap()),
    ];
    let server = ServerProcess::start(&settings).await;
    let ada = Client::anonymous(&server.url())
        .sign_in(world.ada.email(), "gulls-over-dunes-9")
        .await;
    let ticket = ada.get(&format!("/api/tickets/{}", world.ticket)).await.good();
    assert_eq!(ticket["title"], "Grüße — 🖨 \"quoted\" \\ back");
    ada.new_ticket("After the import").await;

    // From now on it is a log of its own.
    world.ada.new_ticket("Elsewhere").await;
    world.export(name, &["--resume"]).await;
    let refused = import(name, &copy).await;
    assert_eq!(refused.code, 1, "{}", refused.said);
}

#[tokio::test]
async fn a_broken_export_and_a_broken_import_are_gone_on_with() {
    let world = World::new().await;
    let file = world.path("log.jsonl");
    let name = file.to_str().unwrap();
    let arguments = ["audit", "log", "export", "--out", name];
    world.export(name, &[]).await;
    let whole = fs::read(&file).unwrap();
    assert_eq!(world.verb(&arguments).await.code, 2, "there is such a file");

    // Broken off in the middle of a line.
    let half = whole.len() / 2;
    fs::write(&file, &whole[..half]).unwrap();
    let copy = TestDatabase::empty().await;
    let refused = import(name, &copy).await;
    assert_eq!(refused.code, 1, "{}", refused.said);
    assert!(
        refused.complained.contains("broken off"),
        "{}",
        refused.complained
    );
    let resumed = world.export(name, &["--resume"]).await;
    assert!(fs::read(&file).unwrap().starts_with(&whole));
    let imported = import(name, &copy).await;
    assert_eq!(imported.code, 0, "{}", imported.complained);
    let imported: Value = serde_json::from_str(&imported.said).unwrap();
    assert_eq!(imported["hash"], resumed["hash"]);
    let there = imported["imported"].as_i64().unwrap();
    assert!(there > 0 && there < imported["position"].as_i64().unwrap());

    // Cut off between two lines: the signed head tells.
    let end = whole[..half].iter().rposition(|byte| *byte == b'\n').unwrap();
    fs::write(&file, &whole[..=end]).unwrap();
    let short = TestDatabase::empty().await;
    let refused = import(name, &short).await;
    assert_eq!(refused.code, 1);
    assert!(
        refused.complained.contains("signed head"),
        "{}",
        refused.complained
    );

    // A file of another log is not gone on with.
    let other = World::new().await;
    assert_eq!(
        other.verb(&[&arguments[..], &["--resume"]].concat()).await.code,
        1
    );
}

#[tokio::test]
async fn the_end_of_an_export_is_not_sworn_to_if_what_comes_before_it_is_damaged() {
    let world = World::new().await;
    let admin = world.app.database().admin().await;
    let sql = "ALTER TABLE log.events DISABLE TRIGGER ALL; \
               UPDATE log.events SET payload = replace(payload::text, 'number 3', 'number 4')::json";
    admin.batch_execute(sql).await.unwrap();
    let head = world.app.head().await;
    let file = world.path("log.jsonl");
    let from = (head - 1).to_string();
    let arguments = [
        "audit",
        "log",
        "export",
        "--out",
        file.to_str().unwrap(),
        "--from",
        &from,
    ];
    let refused = world.verb(&arguments).await;
    assert_eq!(refused.code, 1, "{}", refused.said);
    assert!(
        refused.complained.contains("nothing was signed"),
        "{}",
        refused.complained
    );
    assert!(!world.path("log.jsonl.head").exists());
}

#[tokio::test]
async fn a_log_that_was_changed_is_not_imported() {
    let world = World::new().await;
    let file = world.path("log.jsonl");
    let name = file.to_str().unwrap();
    world.export(name, &[]).await;
    let whole = fs::read_to_string(&file).unwrap();
    for (from, to) in [("number 7", "number 8"), ("\"version\":1,", "\"version\":2,")] {
        fs::write(&file, whole.replacen(from, to, 1)).unwrap();
        let copy = TestDatabase::empty().await;
        let refused = import(name, &copy).await;
        assert_eq!(refused.code, 1, "{}", refused.said);
        assert!(
            refused.complained.contains("hash does not fit"),
            "{}",
            refused.complained
        );
    }
    let out = world
        .verb(&["audit", "log", "export", "--out", "-", "--from", "3"])
        .await;
    assert_eq!(out.code, 0, "{}", out.complained);
    let lines: Vec<&str> = whole.lines().skip(2).collect();
    let piped: Vec<&str> = out.said.lines().collect();
    assert_eq!(piped[..lines.len()], lines);
}
