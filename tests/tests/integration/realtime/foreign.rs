//! Clients that nobody here wrote connect, join, receive, and resume by themselves after a cut.

use serde_json::{Value, json};
use tests::app::TestApp;
use tests::chaos_proxy::{ChaosProxy, Weather};
use tests::foreign::{ForeignClient, Package};

/// The life of one client: it sees a comment, is cut off, misses two, comes back, gets them as replayed ones, and then
/// sees the next as it happens; each once and in order.
async fn comes_back_and_has_missed_nothing(package: Package) {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let ticket = ticket["id"].as_str().unwrap();
    let path = format!("/api/tickets/{ticket}/comments");
    let comment = async |content: &str| {
        ulla.post(&path, &json!({ "content": content })).await.is(201);
    };
    let proxy = ChaosProxy::before(app.address()).await;
    let url = format!("http://{}", proxy.address());
    let mut client = ForeignClient::start(package, &url, ulla.token(), ticket);
    assert_eq!(client.tells("joined").await["answer"]["ok"], true);
    comment("seen").await;
    assert_eq!(client.receives("comment:added").await[0]["content"], "seen");

    proxy.set(Weather::Down);
    client.tells("disconnected").await;
    comment("missed").await;
    comment("missed, too").await;
    proxy.set(Weather::Calm);
    client.tells("connected").await;
    let welcome = &client.receives("welcome").await[0];
    assert_eq!(welcome["tickets"], json!([{ "ticket": ticket, "ok": true }]));
    assert_eq!(client.receives("caught-up").await[0]["replayed"], 2);
    comment("seen again").await;
    while client.receives("comment:added").await[0]["content"] != "seen again" {}

    let comments = client.received("comment:added");
    let of = |member: fn(&Value) -> Value| comments.iter().map(|args| member(args)).collect::<Vec<_>>();
    assert_eq!(
        of(|args| args[0]["content"].clone()),
        ["seen", "missed", "missed, too", "seen again"]
    );
    assert_eq!(
        of(|args| args[1]["replayed"].clone()),
        [Value::Null, json!(true), json!(true), Value::Null]
    );
    let positions = of(|args| args[1]["position"].clone());
    assert!(positions.is_sorted_by_key(Value::as_i64), "{positions:?}");
    app.stop().await;
}

#[tokio::test]
async fn socket_io_client_4_comes_back_and_has_missed_nothing() {
    comes_back_and_has_missed_nothing(Package::Node4).await;
}

#[tokio::test]
async fn socket_io_client_3_comes_back_and_has_missed_nothing() {
    comes_back_and_has_missed_nothing(Package::Node3).await;
}

#[tokio::test]
async fn python_socketio_comes_back_and_has_missed_nothing() {
    comes_back_and_has_missed_nothing(Package::Python).await;
}

#[tokio::test]
async fn rust_socketio_comes_back_and_has_missed_nothing() {
    comes_back_and_has_missed_nothing(Package::Rust).await;
}
