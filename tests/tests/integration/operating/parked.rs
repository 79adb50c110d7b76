//! A poison event stops its own stream only, until it is skipped (P5).

use eventlog::{Append, Metadata, NewEvent, StreamId};
use serde_json::{Value, json};
use tests::app::TestApp;
use uuid::Uuid;

use super::{projections, shown, until};

/// Appends an event to a ticket's stream, as a faulty program would.
pub(crate) async fn append(app: &TestApp, ticket: &Value, expected: i64, event_type: &str, payload: &str) {
    let id = |number: u128| Uuid::from_u128(0x0198_0000_0000_7000_8000_0000_0000_0000 + number);
    let number = u128::try_from(expected).unwrap();
    let append = Append {
        stream: StreamId::new("ticket", ticket["id"].as_str().unwrap().parse().unwrap()),
        expected,
        events: vec![NewEvent {
            event_id: id(2 * number),
            event_type: event_type.to_owned(),
            schema_version: 1,
            payload: payload.to_owned(),
        }],
        metadata: Metadata {
            actor: "system:test".to_owned(),
            command_id: id(2 * number + 1),
            correlation_id: id(0),
            causation_id: None,
            origin: "test".to_owned(),
            fingerprint: None,
            traceparent: None,
        },
        category_unchanged_since: None,
    };
    app.shared().log.append(append).await.unwrap();
}

/// Who skipped, why, and in which read model: what the log says.
async fn skips(app: &TestApp) -> Vec<[String; 3]> {
    let rows = app.database().admin().await;
    let sql = "SELECT metadata->>'actor', payload->>'reason', payload->>'projection' FROM log.events
               WHERE type = 'EventSkipped' ORDER BY position";
    let rows = rows.query(sql, &[]).await.unwrap();
    rows.iter()
        .map(|row| std::array::from_fn(|place| row.get(place)))
        .collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_poison_event_is_shown_tried_again_and_skipped_with_a_reason() {
    let app = TestApp::new().await;
    let (ada, opa) = (app.admin("Ada").await, app.operator("Opa").await);
    let ill = ada.new_ticket("Printer on fire").await;
    let (id, path) = (
        ill["id"].as_str().unwrap(),
        format!("/api/tickets/{}", ill["id"].as_str().unwrap()),
    );
    append(&app, &ill, 1, "TicketStatusChanged", r#"{"status":"CANARY"}"#).await;
    append(&app, &ill, 2, "TicketPriorityChanged", r#"{"priority":"HIGH"}"#).await;
    let parked = until(&opa, "tickets", "it is parked", |shown| {
        shown["health"] == "parked"
    })
    .await;
    assert_eq!(parked["parked"][0]["version"], 2);
    assert!(!parked.to_string().contains("CANARY"), "{parked}");
    for name in ["history", "search"] {
        until(&opa, name, "it is parked there too", |shown| {
            shown["health"] == "parked"
        })
        .await;
    }

    // All others go on.
    let well = ada.new_ticket("Printer on ice").await;
    ada.get(&format!("/api/tickets/{}", well["id"].as_str().unwrap()))
        .await
        .good();
    app.anonymous().get("/ready").await.good();

    let status = projections(&app, &["status"]).await;
    assert_eq!(status.code, Some(1));
    assert!(
        status.complained.contains("tickets is parked"),
        "{}",
        status.complained
    );
    let listed = projections(&app, &["parked", "tickets"]).await;
    assert_eq!(listed.code, Some(1));
    assert_eq!(listed.said["parked"][0]["stream"], *id);
    assert!(
        listed.said["parked"][0]["error"]
            .as_str()
            .unwrap()
            .contains("CANARY"),
        "whoever has the database may see it"
    );
    let stays = projections(&app, &["retry", "tickets", id]).await;
    assert_eq!(stays.code, Some(1), "{}", stays.complained);
    let stays = opa
        .post(
            &format!("/api/ops/projections/tickets/parked/{id}/retry"),
            &json!({}),
        )
        .await;
    assert!(!stays.problem(409).to_string().contains("CANARY"));

    let skip = format!("/api/ops/projections/tickets/parked/{id}/skip");
    opa.post(&skip, &json!({})).await.blames(422, "reason");
    opa.post(&skip, &json!({ "reason": "" }))
        .await
        .blames(422, "reason");
    assert_eq!(
        projections(&app, &["skip", "tickets", id]).await.code,
        Some(2),
        "no reason"
    );
    let skipped = opa
        .post(&skip, &json!({ "reason": "a status that there is not" }))
        .await
        .good();
    assert_eq!(
        (&skipped["version"], &skipped["parkedAt"]),
        (&json!(2), &Value::Null)
    );
    opa.post(&skip, &json!({ "reason": "again" })).await.problem(409);
    let ticket = ada.get(&path).await.good();
    assert_eq!(
        (&ticket["status"], &ticket["priority"]),
        (&json!("OPEN"), &json!("HIGH"))
    );

    for name in ["history", "search"] {
        let by_verb = projections(&app, &["skip", name, id, "--reason", "the same"]).await;
        assert_eq!(by_verb.code, Some(0), "{name}: {}", by_verb.complained);
    }
    assert_eq!(projections(&app, &["parked"]).await.code, Some(0));
    assert_eq!(projections(&app, &["status"]).await.code, Some(0));
    for name in ["tickets", "history", "search"] {
        let rebuilt = projections(&app, &["rebuild", name]).await;
        assert_eq!(
            rebuilt.said["sameAsBefore"], true,
            "{name}: {} {}",
            rebuilt.said, rebuilt.complained
        );
    }

    // The log remembers who and why.
    let decided = skips(&app).await;
    assert!(decided[0][0].contains(opa.id()), "{decided:?}");
    assert_eq!(decided[0][1..], ["a status that there is not", "tickets"]);
    assert_eq!(decided[1][1..], ["the same", "history"]);
    assert_eq!(decided[2][1..], ["the same", "search"]);
    assert_eq!(decided.len(), 3);
    assert_eq!(shown(&opa, "tickets").await["health"], "well");
}
