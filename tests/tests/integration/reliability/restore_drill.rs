//! Dump while people write, restore into a fresh cluster as the run book says, and go on (D10).

use std::path::PathBuf;
use std::time::Duration;

use eventlog::{EventLog, Head};
use ops::clock::SystemClock;
use ops::postgres::{Cluster, Options};
use serde_json::json;
use tests::app::TestApp;
use tests::postgres::{connect, new_data_dir, url};
use tests::process::{ServerProcess, command, run};
use tests::workload::Workload;
use tokio::process::Command;
use tokio_postgres::Config;

/// A program of Postgres, run to its end.
async fn postgres(program: &str, arguments: &[&str]) {
    let output = Command::new(program).args(arguments).output().await;
    let output = output.unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    let complained = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{program}: {complained}");
}

async fn informejo(arguments: &[&str], settings: &[(&str, &str)]) {
    let mut verb = command();
    verb.args(arguments).envs(settings.iter().copied());
    let output = run(&mut verb, "").await;
    assert!(output.status.success(), "{arguments:?}: {output:?}");
}

async fn verified(config: &Config) -> Head {
    let verified = eventlog::verify(&connect(config).await, 0, &[], |_, _| ())
        .await
        .unwrap();
    assert!(verified.findings.kept().is_empty(), "{verified:?}");
    verified.head
}

/// The hash at a position.
async fn hash_at(config: &Config, position: i64) -> Vec<u8> {
    let sql = "SELECT hash FROM log.events WHERE position = $1";
    let row = connect(config).await.query_one(sql, &[&position]).await;
    row.unwrap().get(0)
}

/// A fresh cluster with an empty database in it.
async fn fresh_cluster(folder: &std::path::Path) -> (Cluster, Config) {
    let cluster = Cluster::start(Options::for_tests(folder.join("fresh")))
        .await
        .unwrap();
    cluster.create_database("informejo").await.unwrap();
    let config = cluster.config("informejo");
    (cluster, config)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dump_taken_under_load_is_the_same_log_elsewhere_and_goes_on() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let workload = Workload::start(&ada, 4);
    workload.more(40).await;
    let seen = app.shared().log.head().await.unwrap();
    let folder = new_data_dir();
    let dump: PathBuf = folder.path().join("informejo.dump");
    let dump = dump.to_str().unwrap();
    // As docs/operations.md says, while people write.
    let file = format!("--file={dump}");
    postgres(
        "pg_dump",
        &[
            "--format=custom",
            "--exclude-schema=read_*",
            &file,
            &app.database().url(),
        ],
    )
    .await;
    workload.more(10).await;
    workload.stop().await;

    let (cluster, config) = fresh_cluster(folder.path()).await;
    let there = url(&config);
    let data = folder.path().join("data");
    let settings = [
        ("DATABASE_URL", there.as_str()),
        ("DATA_DIR", data.to_str().unwrap()),
    ];
    informejo(&["migrate"], &settings).await;
    let dbname = format!("--dbname={there}");
    postgres(
        "pg_restore",
        &[
            "--data-only",
            "--single-transaction",
            "--schema=log",
            "--schema=auth",
            &dbname,
            dump,
        ],
    )
    .await;

    // The same log, up to where the dump was taken.
    let restored = verified(&config).await;
    assert!(restored.position >= seen.position);
    assert!(restored.position < app.head().await);
    let original = hash_at(&app.database().config(), restored.position).await;
    assert_eq!(restored.hash.to_vec(), original);

    // It serves, and goes on: read models are made anew, and whoever writes reads it.
    let mut server = ServerProcess::start(&settings).await;
    let ada = ada.at(&server.url()).again().await;
    let ticket = ada.new_ticket("After the restore").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    ada.patch(&path, &json!({ "status": "CLOSED" })).await.good();
    let head = verified(&config).await;
    assert!(head.position >= restored.position + 2);
    for model in ["tickets", "people"] {
        // Compares with a fresh fold, and would not swap if they differed.
        informejo(&["projections", "rebuild", model, "--json"], &settings).await;
    }
    informejo(&["audit", "verify"], &settings).await;

    // A subscriber that had come to a position before the dump goes on from there.
    let pool = eventlog::pool(&config, 2).unwrap();
    let clock = std::sync::Arc::new(SystemClock);
    let log = EventLog::open(pool, config.clone(), clock, eventlog::Options::default())
        .await
        .unwrap();
    let mut subscription = log.subscribe(seen.position);
    let mut next = seen.position + 1;
    while next <= head.position {
        let page = tests::wait::within("the events that it has not seen", subscription.next(100)).await;
        for event in page.unwrap() {
            assert_eq!(event.position, next);
            next += 1;
        }
    }
    log.close().await;
    assert!(server.terminate(Duration::from_secs(20)).await.success());
    cluster.stop().await.unwrap();
}
