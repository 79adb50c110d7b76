//! `REALTIME_AUDIENCE`: who receives what the seed sends to all clients (S-064, S-082, S-083), and what nobody
//! receives in either mode.

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::socketio::{ConnectOptions, SocketClient};

use super::{caught_up, heard_of, join, socket_of};

const SECRET: &str = "internal-canary-5c1f";

struct Cast {
    ada: Client,
    ulla: Client,
    otto: Client,
}

impl Cast {
    async fn of(app: &TestApp) -> Self {
        Self {
            ada: app.admin("Ada").await,
            ulla: app.user("Ulla").await,
            otto: app.user("Otto").await,
        }
    }

    /// A ticket of Ulla's, on which much happens, an internal comment among it.
    async fn much_happens(&self, ticket: &Value) {
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
        let change = json!({ "status": "WAITING" });
        self.ada.patch(&path, &change).await.good();
        let comments = format!("{path}/comments");
        let secret = json!({ "content": SECRET, "isInternal": true });
        self.ada.post(&comments, &secret).await.is(201);
        let public = json!({ "content": "for everybody on the ticket" });
        self.ada.post(&comments, &public).await.is(201);
        let change = json!({ "priority": "LOW" });
        self.ada.patch(&path, &change).await.good();
    }
}

fn never_says(socket: &SocketClient, secret: &str) {
    let events = json!(socket.events()).to_string();
    assert!(!events.contains(secret), "{events}");
}

#[tokio::test]
async fn permitted_nobody_hears_of_anothers_ticket_and_no_requester_of_an_internal_comment() {
    let app = TestApp::new().await;
    let cast = Cast::of(&app).await;
    let ticket = cast.ulla.new_ticket("Printer on fire").await;
    let agent = socket_of(&app, &cast.ada).await;
    let owner = socket_of(&app, &cast.ulla).await;
    let other = socket_of(&app, &cast.otto).await;
    join(&agent, &ticket).await;
    join(&owner, &ticket).await;
    let denied = other.ask("join-ticket", json!([ticket["id"]])).await;
    assert_eq!(denied, [json!({ "ok": false, "error": "not found" })]);

    cast.much_happens(&ticket).await;
    caught_up(&agent, &cast.ulla).await;
    caught_up(&owner, &cast.ulla).await;
    caught_up(&other, &cast.otto).await;

    let agents = [
        "ticket:updated",
        "comment:added",
        "comment:added",
        "ticket:updated",
    ];
    assert_eq!(heard_of(&agent, &ticket), agents);
    let owners = ["ticket:updated", "comment:added", "ticket:updated"];
    assert_eq!(heard_of(&owner, &ticket), owners);
    assert_eq!(heard_of(&other, &ticket), [""; 0]);
    // All that Otto has heard of is his own mark (1.14-12).
    assert_eq!(super::broadcasts(&other).len(), 1);
    never_says(&owner, SECRET);
    never_says(&other, SECRET);
    // An internal comment does not even show as a number.
    let last = owner.received("ticket:updated").pop().unwrap();
    assert_eq!(last[0]["_count"]["comments"], 1);
    let last = agent.received("ticket:updated").pop().unwrap();
    assert_eq!(last[0]["_count"]["comments"], 2);
}

#[tokio::test]
async fn permitted_nobody_connects_without_a_session() {
    let app = TestApp::new().await;
    for options in [
        ConnectOptions::default(),
        ConnectOptions::default().transports(&["polling"]),
        ConnectOptions::default().token("not-a-token"),
        ConnectOptions::default().token(""),
    ] {
        let socket = SocketClient::open(&app.url(), options);
        assert_eq!(socket.refused().await, "unauthorized");
    }
}

#[tokio::test]
async fn everyone_hears_of_tickets_but_comments_stay_in_their_rooms() {
    let app = TestApp::with(&[("REALTIME_AUDIENCE", "everyone")]).await;
    let cast = Cast::of(&app).await;
    let anonymous = SocketClient::connect(&app.url(), ConnectOptions::default()).await;
    let other = socket_of(&app, &cast.otto).await;
    let owner = socket_of(&app, &cast.ulla).await;
    let ticket = cast.ulla.new_ticket("Printer on fire").await;
    join(&owner, &ticket).await;
    for socket in [&anonymous, &other] {
        let denied = socket.ask("join-ticket", json!([ticket["id"]])).await;
        assert_eq!(denied, [json!({ "ok": false, "error": "not found" })]);
    }

    cast.much_happens(&ticket).await;
    for socket in [&anonymous, &other, &owner] {
        caught_up(socket, &cast.ulla).await;
        never_says(socket, SECRET);
        for secret in ["password", "token", "hash", "isActive"] {
            never_says(socket, secret);
        }
    }
    for socket in [&anonymous, &other] {
        let heard = heard_of(socket, &ticket);
        assert_eq!(heard, ["ticket:created", "ticket:updated", "ticket:updated"]);
    }
    let owners = [
        "ticket:created",
        "ticket:updated",
        "comment:added",
        "ticket:updated",
    ];
    assert_eq!(heard_of(&owner, &ticket), owners);
}
