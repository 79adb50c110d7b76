//! Limits at the door, whoever claims to come from where.

use reqwest::StatusCode;
use serde_json::Value;
use tests::app::TestApp;
use tests::socketio::{ConnectOptions, SocketClient};

use super::{caught_up, socket_of};

/// Handshakes by polling from each of these addresses in turn, as far as `X-Forwarded-For` says: how many were let in,
/// and what the last refusal said.
async fn handshakes(app: &TestApp, claimed: impl Iterator<Item = String>) -> (usize, Option<Value>) {
    let http = reqwest::Client::new();
    let url = format!("{}/socket.io/?EIO=4&transport=polling", app.url());
    let (mut let_in, mut refusal) = (0, None);
    for address in claimed {
        let request = http.get(&url).header("X-Forwarded-For", address);
        let response = request.send().await.unwrap();
        match response.status() {
            StatusCode::OK => let_in += 1,
            StatusCode::TOO_MANY_REQUESTS => refusal = Some(response.json().await.unwrap()),
            other => panic!("{other}"),
        }
    }
    (let_in, refusal)
}

/// Addresses that are all different.
fn many() -> impl Iterator<Item = String> {
    (1..=60).map(|number| format!("203.0.113.{number}"))
}

#[tokio::test]
async fn a_claimed_address_helps_nobody_whom_nobody_trusts() {
    let app = TestApp::with(&[("REALTIME_SOCKETS_PER_ADDRESS", "10")]).await;
    let (let_in, refusal) = handshakes(&app, many()).await;
    assert_eq!(let_in, 10);
    assert_eq!(refusal.unwrap()["limit"], "sockets-per-address");
}

#[tokio::test]
async fn behind_a_trusted_proxy_each_client_counts_for_itself() {
    let settings = [
        ("REALTIME_SOCKETS_PER_ADDRESS", "10"),
        ("TRUSTED_PROXIES", "127.0.0.1"),
    ];
    let app = TestApp::with(&settings).await;
    assert_eq!(handshakes(&app, many()).await, (60, None));
    let neighbours = (0..20).map(|number| format!("2001:db8:1:2::{number:x}"));
    let (let_in, refusal) = handshakes(&app, neighbours).await;
    assert_eq!(let_in, 10, "an IPv6 network is one customer");
    assert_eq!(refusal.unwrap()["limit"], "sockets-per-address");
    let others = std::iter::once("2001:db8:1:3::1".to_owned());
    assert_eq!(handshakes(&app, others).await, (1, None));
}

#[tokio::test]
async fn the_official_client_is_told_which_limit_and_when_to_try_again() {
    let app = TestApp::with(&[("REALTIME_SOCKETS_PER_ACCOUNT", "1")]).await;
    let (ulla, otto) = (app.user("Ulla").await, app.user("Otto").await);
    let first = socket_of(&app, &ulla).await;
    for transport in ["websocket", "polling"] {
        let options = ConnectOptions::default()
            .token(ulla.token())
            .transports(&[transport]);
        let second = SocketClient::open(&app.url(), options);
        assert_eq!(
            second.refused().await,
            "limited: sockets-per-account; retry in 5000 ms"
        );
    }
    socket_of(&app, &otto).await;
    caught_up(&first, &ulla).await;
}
