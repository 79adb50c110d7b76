//! Rebuilding, accepting, going back: over HTTP and by the program's verbs, while people work.

use serde_json::json;
use tests::app::TestApp;
use tests::socketio::{ConnectOptions, SocketClient};

use super::{projections, shown, until};
use crate::realtime::broadcasts;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_rebuilds_goes_back_and_gives_up_the_old_over_http() {
    let app = TestApp::new().await;
    let (ada, opa) = (app.admin("Ada").await, app.operator("Opa").await);
    let ticket = ada.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let projection = until(&opa, "tickets", "well", |shown| shown["health"] == "well").await;
    assert_eq!(
        (&projection["generation"], &projection["colour"]),
        (&json!(1), &json!("green"))
    );

    let ops = |what: &str| format!("/api/ops/projections/tickets/{what}");
    for nothing in ["rollback", "drop-old", "abort", "accept-diff"] {
        opa.post(&ops(nothing), &json!({})).await.problem(409);
    }
    opa.post("/api/ops/projections/nothing/rebuild", &json!({}))
        .await
        .problem(404);
    opa.get("/api/ops/projections/nothing/parked").await.problem(404);

    opa.post(&ops("rebuild"), &json!({})).await.is(202);
    until(&opa, "tickets", "the rebuild is done", |shown| {
        shown["generation"] == 2
    })
    .await;
    ada.get(&path).await.good();
    until(&opa, "tickets", "the one before is kept", |shown| {
        shown["previous"]["keptCurrent"] == true && shown["build"].is_null()
    })
    .await;
    let back = opa.post(&ops("rollback"), &json!({})).await.good();
    assert_eq!(
        (&back["generation"], &back["previous"]["generation"]),
        (&json!(1), &json!(2))
    );
    let later = ada.new_ticket("After the way back").await;
    ada.get(&format!("/api/tickets/{}", later["id"].as_str().unwrap()))
        .await
        .good();
    let dropped = opa.post(&ops("drop-old"), &json!({})).await.good();
    assert!(dropped["previous"].is_null());
    let ready = app.anonymous().get("/ready").await.good();
    let tickets = ready["projections"]
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["name"] == "tickets");
    assert_eq!(tickets.unwrap()["health"], "well");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_difference_is_told_and_waits_and_no_operator_sees_contents() {
    let app = TestApp::new().await;
    let (ada, opa) = (app.admin("Ada").await, app.operator("Opa").await);
    ada.new_ticket("Canary in the title").await;
    let admin = app.database().admin().await;
    let forge = "UPDATE read_tickets.tickets SET title = 'Forged canary'";
    admin.batch_execute(forge).await.unwrap();

    let refused = projections(&app, &["rebuild", "tickets"]).await;
    assert_eq!(refused.code, Some(1), "{}", refused.complained);
    assert_eq!(
        (&refused.said["swapped"], &refused.said["sameAsBefore"]),
        (&json!(false), &json!(false))
    );
    let table = &refused.said["differences"]["tables"][0];
    assert_eq!(table["columns"], json!([{ "column": "title", "rows": 1 }]));
    assert_eq!(table["samples"][0]["columns"][0]["live"], "Forged canary");

    // Over HTTP there are counts, columns and keys.
    let shown = shown(&opa, "tickets").await;
    assert_eq!(
        (&shown["generation"], &shown["build"]["different"]),
        (&json!(1), &json!(true))
    );
    let table = &shown["build"]["differences"][0];
    assert_eq!(table["samples"][0]["columns"], json!(["title"]));
    assert!(!shown.to_string().to_lowercase().contains("canary"), "{shown}");

    let accepted = projections(&app, &["rebuild", "tickets", "--accept-diff"]).await;
    assert_eq!(accepted.code, Some(0), "{}", accepted.complained);
    assert_eq!(
        (&accepted.said["swapped"], &accepted.said["generation"]),
        (&json!(true), &json!(2))
    );
    let held = accepted.said["heldMs"].as_f64().unwrap();
    assert!(held < 100.0, "{held}");
    let list = ada.get("/api/tickets").await.good();
    assert_eq!(list[0]["title"], "Canary in the title");
    let again = projections(&app, &["rebuild", "tickets"]).await;
    assert_eq!((again.code, &again.said["sameAsBefore"]), (Some(0), &json!(true)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_broadcasts_nothing() {
    let app = TestApp::new().await;
    let (ada, opa) = (app.admin("Ada").await, app.operator("Opa").await);
    for number in 0..5 {
        ada.new_ticket(&format!("Ticket {number}")).await;
    }
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(ada.token())).await;
    for name in ["tickets", "people", "history", "search"] {
        opa.post(&format!("/api/ops/projections/{name}/rebuild"), &json!({}))
            .await
            .is(202);
        until(&opa, name, "the rebuild is done", |shown| {
            shown["generation"] == 2
        })
        .await;
        opa.post(&format!("/api/ops/projections/{name}/rollback"), &json!({}))
            .await
            .good();
    }
    let mark = ada.new_ticket("A mark in the stream").await;
    socket
        .expect_where("ticket:created", |args| args[0]["id"] == mark["id"])
        .await;
    let heard = broadcasts(&socket);
    assert_eq!(heard.len(), 1, "{heard:?}");
}
