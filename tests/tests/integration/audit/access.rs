//! Auditors read everything, and the log says what they read.

use serde_json::{Value, json};
use tests::app::TestApp;

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
    assert_eq!(accesses(&app).await, [], "only auditors' reads are recorded");
    otto.get(&path).await.good();
    otto.get("/api/tickets?status=OPEN").await.good();
    otto.get("/api/stats").await.good();
    let actor = format!("account:{}", otto.id());
    let expected = [
        json!({ "what": "TICKET", "ticket": id, "detail": null }),
        json!({ "what": "TICKET_LIST", "ticket": null, "detail": "status=OPEN" }),
        json!({ "what": "FIGURES", "ticket": null, "detail": null }),
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
