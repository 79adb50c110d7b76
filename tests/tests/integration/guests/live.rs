//! Socket.IO for guests: their own tickets live, and nobody else's.

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::socketio::{ConnectOptions, SocketClient};

use super::{Wish, guest, path_of};

const GINA: &str = "gina@example.test";

async fn socket_of(app: &TestApp, person: &Client) -> SocketClient {
    SocketClient::connect(&app.url(), ConnectOptions::default().token(person.token())).await
}

fn id_of(path: &str) -> Value {
    json!(path.rsplit('/').next().unwrap())
}

#[tokio::test]
async fn a_guest_hears_of_the_own_ticket_and_of_nothing_else() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let (gina, own) = guest(&app, GINA).await;
    let (otto, others) = guest(&app, "otto@example.test").await;
    let socket = socket_of(&app, &gina).await;
    let joined = socket.ask("join-ticket", json!([id_of(&own)])).await;
    assert_eq!(joined[0]["ok"], true, "{joined:?}");
    let denied = socket.ask("join-ticket", json!([id_of(&others)])).await;
    assert_eq!(denied, [json!({ "ok": false, "error": "not found" })]);

    let say = async |path: &str, text: &str, internal: bool| {
        let comment = json!({ "content": text, "isInternal": internal });
        ada.post(&format!("{path}/comments"), &comment).await.is(201);
    };
    say(&others, "for otto", false).await;
    say(&own, "between us", true).await;
    say(&own, "for gina", false).await;
    let is_it = |args: &Vec<Value>| args[0]["content"] == "for gina";
    socket.expect_where("comment:added", is_it).await;
    let comments = socket.received("comment:added");
    assert_eq!(comments.len(), 1, "{comments:?}");
    let everything = format!("{:?}", socket.events());
    for secret in ["between us", "for otto", "otto@example.test"] {
        assert!(!everything.contains(secret), "{everything}");
    }

    // What the guest says is heard at once by agents and by the guest's other devices.
    let agent = socket_of(&app, &ada).await;
    agent.ask("join-ticket", json!([id_of(&own)])).await;
    gina.post(&format!("{own}/comments"), &json!({ "content": "thank you" }))
        .await
        .is(201);
    for listener in [&agent, &socket] {
        let said = |args: &Vec<Value>| args[0]["content"] == "thank you";
        listener.expect_where("comment:added", said).await;
    }
    drop(otto);
}

/// Defect 2: who was connected received the new guest's token with `ticket:created`.
#[tokio::test]
async fn a_submission_tells_agents_of_the_ticket_and_nobody_of_a_way_in() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let (otto, _) = guest(&app, "otto@example.test").await;
    let (agent, other) = (socket_of(&app, &ada).await, socket_of(&app, &otto).await);
    let submitted = Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let ticket = id_of(&path_of(&submitted));
    let created = agent
        .expect_where("ticket:created", |args| args[0]["id"] == ticket)
        .await;
    let told = format!("{created:?}").to_lowercase();
    for secret in ["token", "magic", "\"code\"", "password", "hash"] {
        assert!(!told.contains(secret), "{secret} in {told}");
    }
    // Otto hears of his next ticket, and so would have heard of Gina's.
    let next = Wish::of("otto@example.test")
        .submit(&app.anonymous())
        .await
        .is(201);
    let next = id_of(&path_of(&next));
    other
        .expect_where("ticket:created", |args| args[0]["id"] == next)
        .await;
    let heard = format!("{:?}", other.events());
    assert!(
        !heard.contains(GINA) && !heard.contains(ticket.as_str().unwrap()),
        "{heard}"
    );
}
