//! The seed's table, row by row, over each transport (S-013–S-016, S-063–S-077, S-101, S-102).

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::socketio::{Args, ConnectOptions, SocketClient};

use super::join;
use crate::shape::{PNG, keys};

/// The item of the list that is this ticket.
async fn item(person: &Client, ticket: &Value) -> Value {
    let list = person.get("/api/tickets").await.good();
    let found = list
        .as_array()
        .unwrap()
        .iter()
        .find(|item| item["id"] == ticket["id"]);
    found.unwrap().clone()
}

/// The broadcast's object; its second argument must be the meta.
fn object(args: &Args) -> Value {
    assert_eq!(args.len(), 2, "(object, meta): {args:?}");
    assert_eq!(
        keys(&args[1]),
        ["actor", "eventId", "occurredAt", "position", "version"]
    );
    args[0].clone()
}

fn of_version(version: i64) -> impl Fn(&Args) -> bool {
    move |args| args[1]["version"] == version
}

/// Every row of the table at an agent's socket that is in the ticket's room.
async fn hears_every_row(app: &TestApp, options: ConnectOptions) -> SocketClient {
    let ada = app.admin("Ada").await;
    let ulla = app.user("Ulla").await;
    let socket = SocketClient::connect(&app.url(), options.token(ada.token())).await;

    let ticket = ulla.new_ticket("Printer on fire").await;
    let created = object(&socket.expect("ticket:created").await);
    assert_eq!(created, item(&ada, &ticket).await);
    join(&socket, &ticket).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());

    let changes = [
        json!({ "status": "IN_PROGRESS" }),
        json!({ "priority": "HIGH" }),
        json!({ "assignedToId": ada.id() }),
        json!({ "title": "Printer on fire again" }),
        json!({ "category": "OTHER" }),
        json!({ "assignedToId": null }),
    ];
    for (version, change) in (2..).zip(changes) {
        ada.patch(&path, &change).await.good();
        let args = socket.expect_where("ticket:updated", of_version(version)).await;
        assert_eq!(object(&args), item(&ada, &ticket).await, "{change}");
        assert_eq!(args[1]["actor"], ada.id());
    }

    let wish = json!({ "content": "Have you tried water?" });
    let comment = ulla.post(&format!("{path}/comments"), &wish).await.is(201).json();
    assert_eq!(object(&socket.expect("comment:added").await), comment);

    let answer = ulla
        .upload(&format!("{path}/attachments"), "shot 1.png", "image/png", PNG)
        .await;
    let attachment = answer.is(201).json();
    assert_eq!(object(&socket.expect("attachment:added").await), attachment);

    let before = item(&ada, &ticket).await;
    ada.delete(&path).await.good();
    let deleted = object(&socket.expect("ticket:deleted").await);
    assert_eq!(deleted["id"], ticket["id"]);
    assert_eq!(keys(&deleted["ticket"]), keys(&before));
    assert_eq!(deleted["ticket"]["title"], before["title"]);

    // Each once, although the socket is in the room and among all clients (1.14-9, S-069).
    let names: Vec<_> = super::broadcasts(&socket)
        .into_iter()
        .map(|(name, _)| name)
        .collect();
    let mut expected = vec!["ticket:created"];
    expected.extend(["ticket:updated"; 6]);
    expected.extend(["comment:added", "attachment:added", "ticket:deleted"]);
    assert_eq!(names, expected);
    socket
}

#[tokio::test]
async fn every_event_arrives_over_websocket_only() {
    let app = TestApp::new().await;
    let options = ConnectOptions::default().transports(&["websocket"]);
    let socket = hears_every_row(&app, options).await;
    assert_eq!(socket.identity().1, "websocket");
}

#[tokio::test]
async fn every_event_arrives_over_polling_only() {
    let app = TestApp::new().await;
    let options = ConnectOptions::default().transports(&["polling"]);
    let socket = hears_every_row(&app, options).await;
    assert_eq!(socket.identity().1, "polling");
}

#[tokio::test]
async fn every_event_arrives_when_polling_becomes_websocket() {
    let app = TestApp::new().await;
    let options = ConnectOptions::default().transports(&["polling", "websocket"]);
    let socket = hears_every_row(&app, options).await;
    assert_eq!(socket.upgraded().await, "websocket");
}

#[tokio::test]
async fn two_on_one_ticket_see_a_comment_and_one_outside_does_not() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let inside_ada = super::socket_of(&app, &ada).await;
    let inside_ulla = super::socket_of(&app, &ulla).await;
    let outside = super::socket_of(&app, &ada).await;
    join(&inside_ada, &ticket).await;
    join(&inside_ulla, &ticket).await;

    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    let wish = json!({ "content": "Seen at once, without a reload" });
    let comment = ulla.post(&path, &wish).await.is(201).json();

    for socket in [&inside_ada, &inside_ulla] {
        assert_eq!(object(&socket.expect("comment:added").await), comment);
    }
    for socket in [&inside_ada, &inside_ulla, &outside] {
        super::caught_up(socket, &ulla).await;
    }
    assert_eq!(inside_ada.received("comment:added").len(), 1);
    assert_eq!(inside_ulla.received("comment:added").len(), 1);
    assert_eq!(outside.received("comment:added").len(), 0);
}

#[tokio::test]
async fn a_change_that_changes_nothing_is_not_broadcast() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let socket = super::socket_of(&app, &ada).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let same = json!({ "status": "OPEN", "title": "Printer on fire" });
    ada.patch(&path, &same).await.good();
    super::caught_up(&socket, &ada).await;
    assert_eq!(super::heard_of(&socket, &ticket), [""; 0]);
}
