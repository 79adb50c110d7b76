//! Rooms: who gets in, and what leaving means (S-078–S-081).

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::socketio::ConnectOptions;

use super::{caught_up, heard_of, join, socket_of};

fn refusal(error: &str) -> [Value; 1] {
    [json!({ "ok": false, "error": error })]
}

#[tokio::test]
async fn rubbish_gets_an_error_acknowledgement_and_does_no_harm() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let socket = socket_of(&app, &ulla).await;
    let rubbish = [
        json!([]),
        json!([null]),
        json!([42]),
        json!([""]),
        json!(["not an id"]),
        json!([{ "id": "x" }]),
        json!([["a", "b"]]),
        json!(["x".repeat(5_000)]),
        json!(["\u{0}"]),
        json!(["../../etc/passwd"]),
    ];
    for args in rubbish {
        for event in ["join-ticket", "leave-ticket"] {
            assert_eq!(
                socket.ask(event, args.clone()).await,
                refusal("not a ticket id"),
                "{event} {args}"
            );
        }
    }
    let nobodys = json!(["00000000-0000-4000-8000-000000000000"]);
    assert_eq!(socket.ask("join-ticket", nobodys).await, refusal("not found"));
    let ticket = ulla.new_ticket("Printer on fire").await;
    join(&socket, &ticket).await;
}

#[tokio::test]
async fn a_foreign_and_a_missing_ticket_look_the_same() {
    let app = TestApp::new().await;
    let (ulla, otto) = (app.user("Ulla").await, app.user("Otto").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let socket = socket_of(&app, &otto).await;
    let foreign = socket.ask("join-ticket", json!([ticket["id"]])).await;
    let missing = socket
        .ask("join-ticket", json!(["00000000-0000-4000-8000-000000000000"]))
        .await;
    assert_eq!(foreign, missing);
}

#[tokio::test]
async fn who_has_left_hears_no_more_of_the_room() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let socket = socket_of(&app, &ulla).await;
    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    join(&socket, &ticket).await;
    join(&socket, &ticket).await;
    ulla.post(&path, &json!({ "content": "heard" })).await.is(201);
    socket.expect("comment:added").await;
    let left = socket.ask("leave-ticket", json!([ticket["id"]])).await;
    assert_eq!(left, [json!({ "ok": true })]);
    ulla.post(&path, &json!({ "content": "not heard" })).await.is(201);
    caught_up(&socket, &ulla).await;
    assert_eq!(heard_of(&socket, &ticket), ["comment:added"]);
}

#[tokio::test]
async fn a_new_connection_is_in_no_room_until_it_joins() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let options = ConnectOptions::default().token(ulla.token()).reconnecting();
    let socket = tests::socketio::SocketClient::connect(&app.url(), options).await;
    join(&socket, &ticket).await;
    socket.lose_connection();
    socket.connected_times(2).await;
    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    ulla.post(&path, &json!({ "content": "not heard" })).await.is(201);
    caught_up(&socket, &ulla).await;
    assert_eq!(heard_of(&socket, &ticket), [""; 0]);
    join(&socket, &ticket).await;
    ulla.post(&path, &json!({ "content": "heard" })).await.is(201);
    let comment = socket.expect("comment:added").await;
    assert_eq!(comment[0]["content"], "heard");
}

#[tokio::test]
async fn a_deleted_tickets_room_is_gone() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let socket = socket_of(&app, &ada).await;
    join(&socket, &ticket).await;
    ada.delete(&format!("/api/tickets/{}", ticket["id"].as_str().unwrap()))
        .await
        .good();
    socket.expect("ticket:deleted").await;
    let again = socket.ask("join-ticket", json!([ticket["id"]])).await;
    assert_eq!(again, refusal("not found"));
}
