//! From the log's events to what is to be sent: once, whoever reads them, and never again.

use domain::ids::uuid_v7;
use eventlog::{Append, Metadata, NewEvent, StreamId};
use ops::clock::{OsEntropy, SystemClock};
use projections::engine::Check;
use serde_json::json;
use tests::app::{Client, TestApp};
use tests::wait;
use uuid::Uuid;

/// What has been written down, as kind and recipient, in order.
async fn deliveries(app: &TestApp) -> Vec<(String, Option<Uuid>)> {
    let client = app.database().admin().await;
    let sql = "SELECT kind, account_id FROM reactors.deliveries WHERE event_id IS NOT NULL ORDER BY position, kind, id";
    let rows = client.query(sql, &[]).await.unwrap();
    rows.iter().map(|row| (row.get(0), row.get(1))).collect()
}

/// Waits until the reactor has read everything that is in the log.
async fn caught_up(app: &TestApp) {
    let head = app.head().await;
    let client = app.database().admin().await;
    wait::until("the checkpoint at the head", async || {
        let sql = "SELECT position FROM reactors.checkpoints WHERE name = 'mail'";
        let position: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
        (position >= head).then_some(())
    })
    .await;
}

async fn create(person: &Client, title: &str) -> String {
    let wish =
        json!({ "title": title, "description": "It rains in.", "category": "OTHER", "priority": "LOW" });
    let ticket = person.post("/api/tickets", &wish).await.is(201).json();
    ticket["id"].as_str().unwrap().to_owned()
}

/// Appends an event with an empty payload, as a ticket's second.
async fn append(app: &TestApp, ticket: &str, event_type: &str) {
    let append = Append {
        stream: StreamId::new("ticket", ticket.parse().unwrap()),
        expected: 1,
        events: vec![NewEvent {
            event_id: uuid_v7(&SystemClock, &OsEntropy),
            event_type: event_type.to_owned(),
            schema_version: 1,
            payload: "{}".to_owned(),
        }],
        metadata: Metadata {
            actor: "system:test".to_owned(),
            command_id: uuid_v7(&SystemClock, &OsEntropy),
            correlation_id: Uuid::nil(),
            causation_id: None,
            origin: "cli".to_owned(),
            fingerprint: None,
            traceparent: None,
        },
        category_unchanged_since: None,
    };
    app.shared().log.append(append).await.unwrap();
}

fn to(person: &Client, kind: &str) -> (String, Option<Uuid>) {
    (kind.to_owned(), Some(person.id().parse().unwrap()))
}

#[tokio::test]
async fn each_event_is_written_down_once_though_two_nodes_read_it() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let other = app.second_node().await;
    let mut expected = Vec::new();
    for number in 0..20 {
        create(&ulla, &format!("Roof {number}")).await;
        expected.extend([to(&ulla, "created"), to(&ada, "new_ticket")]);
    }
    caught_up(&app).await;
    caught_up(&other).await;
    assert_eq!(deliveries(&app).await, expected);
}

#[tokio::test]
async fn what_happened_before_there_was_mail_is_not_told() {
    let app = TestApp::new().await;
    let (_ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    create(&ulla, "Before").await;
    caught_up(&app).await;
    // As a restored log, or a program of before, leaves it.
    let client = app.database().admin().await;
    client
        .batch_execute("DELETE FROM reactors.checkpoints; DELETE FROM reactors.deliveries")
        .await
        .unwrap();
    let other = app.second_node().await;
    assert!(deliveries(&other).await.is_empty());
    create(&ulla.at(&other.url()), "After").await;
    caught_up(&other).await;
    assert_eq!(
        deliveries(&other).await.len(),
        2,
        "{:?}",
        deliveries(&other).await
    );
}

#[tokio::test]
async fn a_rebuild_of_every_read_model_sends_nothing() {
    let app = TestApp::new().await;
    let (_ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    create(&ulla, "Roof leaks").await;
    caught_up(&app).await;
    let before = deliveries(&app).await;
    assert_eq!(before.len(), 2);
    let engine = app.shared().projections.engine();
    for name in ["tickets", "people", "history", "search"] {
        engine.rebuild(name, Check::Compare, |_| {}).await.unwrap();
    }
    create(&ulla, "Cellar flooded").await;
    caught_up(&app).await;
    assert_eq!(deliveries(&app).await.len(), 4);
}

#[tokio::test]
async fn an_event_of_an_unknown_type_stops_it_and_says_so() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = create(&ulla, "Roof leaks").await;
    caught_up(&app).await;
    append(&app, &ticket, "TicketBlessed").await;
    let client = app.database().admin().await;
    let said: String = wait::until("why it stands", async || {
        let sql = "SELECT last_error FROM reactors.checkpoints WHERE name = 'mail'";
        client.query_one(sql, &[]).await.unwrap().get(0)
    })
    .await;
    assert!(said.contains("TicketBlessed"), "{said}");
    assert_eq!(deliveries(&app).await.len(), 1);
}

#[tokio::test]
async fn an_event_that_cannot_be_read_is_parked_and_stops_nobody() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = create(&ulla, "Roof leaks").await;
    append(&app, &ticket, "TicketStatusChanged").await;
    create(&ulla, "Cellar flooded").await;
    caught_up(&app).await;
    let told = [to(&ulla, "created"), to(&ada, "new_ticket")];
    let unread = [("unread".to_owned(), None)];
    let expected = told.iter().chain(&unread).chain(&told).cloned();
    assert_eq!(deliveries(&app).await, expected.collect::<Vec<_>>());
    let client = app.database().admin().await;
    let sql = "SELECT last_error FROM reactors.deliveries WHERE parked_at IS NOT NULL";
    let why: String = client.query_one(sql, &[]).await.unwrap().get(0);
    assert_eq!(why, "the event cannot be read");
}
