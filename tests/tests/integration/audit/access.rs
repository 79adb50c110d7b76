//! Auditors read everything, and the log says what they read.

use std::sync::Arc;

use commands::{Cause, Commands, Origin};
use domain::Actor;
use domain::access::{RecordAccessed, What};
use eventlog::EventLog;
use ops::clock::{OsEntropy, SystemClock};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::postgres::TestDatabase;
use uuid::Uuid;

/// What the log says of accesses: who, and what.
async fn accesses(app: &TestApp) -> Vec<(String, Value)> {
    let admin = app.database().admin().await;
    let rows = admin
        .query(
            "SELECT metadata->>'actor', payload::text FROM log.events WHERE category = 'access' ORDER BY position",
            &[],
        )
        .await
        .unwrap();
    rows.iter()
        .map(|row| (row.get(0), serde_json::from_str(row.get::<_, &str>(1)).unwrap()))
        .collect()
}

#[tokio::test]
async fn what_an_auditor_reads_is_recorded_before_it_is_shown() {
    let app = TestApp::new().await;
    let (ada, ulla, otto) = (
        app.admin("Ada").await,
        app.user("Ulla").await,
        app.auditor("Otto").await,
    );
    let ticket = ulla.new_ticket("Printer on fire").await;
    let id = ticket["id"].as_str().unwrap();
    let path = format!("/api/tickets/{id}");
    for reader in [&ada, &ulla] {
        reader.get(&path).await.good();
        reader.get("/api/tickets").await.good();
        reader.get("/api/stats").await.good();
    }
    ada.get("/api/users").await.good();
    ada.get("/api/admin/users").await.good();
    assert_eq!(accesses(&app).await, [], "only auditors' reads are recorded");
    otto.get(&path).await.good();
    otto.get("/api/tickets?status=OPEN").await.good();
    otto.get("/api/stats").await.good();
    otto.get("/api/users").await.good();
    otto.get("/api/admin/users?search=ulla").await.good();
    let actor = format!("account:{}", otto.id());
    let expected = [
        json!({ "what": "TICKET", "ticket": id, "detail": null }),
        json!({ "what": "TICKET_LIST", "ticket": null, "detail": "status=OPEN" }),
        json!({ "what": "FIGURES", "ticket": null, "detail": null }),
        json!({ "what": "ACCOUNT_LIST", "ticket": null, "detail": null }),
        json!({ "what": "ACCOUNT_LIST", "ticket": null, "detail": "search=ulla" }),
    ];
    assert_eq!(
        accesses(&app).await,
        expected.map(|access| (actor.clone(), access))
    );
}

#[tokio::test]
async fn what_an_auditor_may_not_find_is_not_recorded_as_found() {
    let app = TestApp::new().await;
    let otto = app.auditor("Otto").await;
    otto.get("/api/tickets/00000000-0000-4000-8000-000000000000")
        .await
        .problem(404);
    assert_eq!(accesses(&app).await, []);
}

/// Commands of a node that has just begun, and its log.
async fn node(database: &TestDatabase) -> (Commands, EventLog) {
    let config = database.config();
    let pool = eventlog::pool(&config, 2).unwrap();
    let log = EventLog::open(pool, config, Arc::new(SystemClock), eventlog::Options::default());
    let log = log.await.unwrap();
    let commands = Commands::new(log.clone(), Arc::new(SystemClock), Arc::new(OsEntropy));
    (commands, log)
}

/// Whether an access can be recorded.
async fn is_recorded(commands: &Commands) -> bool {
    let cause = Cause::once(Origin::CommandLine, Uuid::nil(), &SystemClock, &OsEntropy);
    let accessed = RecordAccessed {
        what: What::Log,
        ticket: None,
        detail: None,
    };
    let recorded = commands.record_access(&Actor::System("test"), &cause, accessed);
    recorded.await.is_ok()
}

/// A reader of long standing has more accesses than can be read in the time of one command: what was read of them is kept,
/// or nothing could be shown to them ever again after a restart.
#[tokio::test]
async fn a_long_record_of_accesses_is_read_in_parts() {
    let database = TestDatabase::new().await;
    let (commands, log) = node(&database).await;
    assert!(is_recorded(&commands).await);
    log.close().await;
    let admin = database.admin().await;
    let many = "WITH head AS (SELECT position, hash FROM log.events ORDER BY position DESC LIMIT 1), \
                first AS (SELECT stream, payload::text, metadata::text FROM log.events WHERE category = 'access'), \
                numbers AS (SELECT array_agg(gen_random_uuid()) AS ids, array_agg(n + 2::bigint ORDER BY n) AS versions, \
                array_agg(n ORDER BY n) AS indexes FROM generate_series(0, 1799) n) \
                SELECT outcome FROM head, first, numbers, log.append_events(position, hash, 'epoch', \
                array_fill('access'::text, ARRAY[1800]), array_fill(stream, ARRAY[1800]), versions, ids, \
                array_fill('RecordAccessed'::text, ARRAY[1800]), array_fill(1, ARRAY[1800]), \
                array_fill(payload, ARRAY[1800]), array_fill(metadata, ARRAY[1800]), \
                array_fill(gen_random_uuid(), ARRAY[1800]), indexes, \
                array_fill(sha256(''), ARRAY[1800]), '{}', '{}')";
    let row = admin.query_one(many, &[]).await.unwrap();
    assert_eq!(row.get::<_, &str>(0), "appended");
    // A new node cannot read the second half; and when it can, no longer the first.
    let spoil = "ALTER TABLE log.events DISABLE TRIGGER ALL; \
                 CREATE TEMP TABLE kept AS SELECT payload FROM log.events WHERE category = 'access' AND version = 1; \
                 UPDATE log.events SET payload = '[]' WHERE category = 'access' AND version = 1500";
    admin.batch_execute(spoil).await.unwrap();
    let (commands, log) = node(&database).await;
    assert!(!is_recorded(&commands).await);
    let mend = "UPDATE log.events SET payload = '[]' WHERE category = 'access' AND version = 1; \
                UPDATE log.events SET payload = kept.payload FROM kept WHERE category = 'access' AND version = 1500";
    admin.batch_execute(mend).await.unwrap();
    assert!(is_recorded(&commands).await, "it begins with the first one again");
    log.close().await;
}

#[tokio::test]
async fn an_auditors_query_is_recorded_whole_or_not_answered() {
    let app = TestApp::new().await;
    let (ada, otto) = (app.admin("Ada").await, app.auditor("Otto").await);
    let padding = "OPEN,".repeat(100);
    // All that is told of a list would stand in front of what is looked for.
    let hidden = format!("/api/tickets?status={padding}OPEN&q=salary");
    let refused = otto.get(&hidden).await.problem(422);
    assert_eq!(refused["error"], "Query cannot be recorded");
    otto.get(&format!("/api/tickets?{}q=salary", "&".repeat(500)))
        .await
        .problem(422);
    assert_eq!(accesses(&app).await, [], "nothing was shown");
    ada.get(&hidden).await.good();
    otto.get("/api/tickets?q=salary&status=OPEN").await.good();
    let recorded = accesses(&app).await;
    assert_eq!(recorded.len(), 1);
    assert_eq!(recorded[0].1["detail"], "q=salary&status=OPEN");
}
