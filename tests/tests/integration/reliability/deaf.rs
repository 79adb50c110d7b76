//! A node that does not hear what others say, while all else works there: its listening connections are cut, or say nothing
//! without being cut. Rights that end at another node end there all the same (R4, R7).

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::chaos_proxy::ChaosProxy;
use tests::socketio::{ConnectOptions, SocketClient};
use tests::wait;

/// A second is what is promised, and about half of one what it takes; the others that run at the same time need some too.
const REVOKED_WITHIN: Duration = Duration::from_secs(5);

async fn socket(at: &TestApp, of: &Client) -> SocketClient {
    SocketClient::connect(&at.url(), ConnectOptions::default().token(of.token())).await
}

/// Ends rights in three ways at one node, and waits for the sockets at the other.
#[expect(
    clippy::print_stdout,
    reason = "how long it took, for whoever asks with --nocapture"
)]
async fn rights_end(app: &TestApp, other: &TestApp, deafen: impl Fn()) {
    let ada = app.admin("Ada").await;
    let (bob, eve, uwe) = (
        app.user("Bob").await,
        app.admin("Eve").await,
        app.user("Uwe").await,
    );
    let (his, hers) = (socket(app, &bob).await, socket(app, &eve).await);
    let of_uwe = socket(app, &uwe).await;
    let list = hers.ask("presence:list", json!([])).await;
    assert_eq!(list[0]["ok"], true, "{list:?}");
    deafen();

    let elsewhere = ada.at(&other.url());
    let change = async |whom: &Client, change: Value| {
        let path = format!("/api/admin/users/{}", whom.id());
        elsewhere.patch(&path, &change).await.good();
    };
    let began = Instant::now();
    bob.at(&other.url())
        .post("/api/auth/logout", &json!({}))
        .await
        .good();
    his.disconnected().await;
    let session = began.elapsed();

    let began = Instant::now();
    change(&eve, json!({ "role": "USER" })).await;
    wait::until("she is no agent any more", async || {
        let answer = hers.ask("presence:list", json!([])).await;
        (answer[0]["error"] == "not permitted").then_some(())
    })
    .await;
    let role = began.elapsed();

    let began = Instant::now();
    change(&uwe, json!({ "isActive": false })).await;
    of_uwe.disconnected().await;
    let account = began.elapsed();
    println!("a session ended after {session:?}, a role after {role:?}, an account after {account:?}");
    assert!(session.max(role).max(account) < REVOKED_WITHIN);
}

async fn two_nodes() -> (TestApp, ChaosProxy, TestApp) {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let other = app.second_node().await;
    (app, proxy, other)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_end_though_what_is_said_does_not_arrive() {
    let (app, proxy, other) = two_nodes().await;
    // For good: new connections hear nothing either.
    rights_end(&app, &other, || proxy.deafen(true)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn rights_end_though_the_listening_connections_are_cut() {
    let (app, proxy, other) = two_nodes().await;
    rights_end(&app, &other, || proxy.cut_listeners()).await;
}
