//! Coming in: by cookie or token, from our own pages only (R10, S-085).

use serde_json::json;
use tests::app::{SESSION_COOKIE, TestApp};
use tests::raw_ws::RawWebSocket;
use tests::socketio::{ConnectOptions, SocketClient};
use tokio_tungstenite::tungstenite::Error;

use super::{caught_up, socket_of};

#[tokio::test]
async fn a_page_of_ours_comes_in_by_its_cookie() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let cookie = format!("{SESSION_COOKIE}={}", ulla.token());
    for transport in ["websocket", "polling"] {
        let options = ConnectOptions::default()
            .transports(&[transport])
            .headers(&json!({ "Cookie": cookie, "Origin": app.url() }));
        let socket = SocketClient::connect(&app.url(), options).await;
        caught_up(&socket, &ulla).await;
    }
}

#[tokio::test]
async fn a_foreign_page_does_not_come_in_whatever_it_has() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let cookie = format!("{SESSION_COOKIE}={}", ulla.token());
    for origin in ["https://evil.example", "null"] {
        for transport in ["websocket", "polling"] {
            for token in ["", ulla.token()] {
                let mut options = ConnectOptions::default()
                    .transports(&[transport])
                    .headers(&json!({ "Cookie": cookie, "Origin": origin }));
                if !token.is_empty() {
                    options = options.token(token);
                }
                let socket = SocketClient::open(&app.url(), options);
                socket.refused().await;
            }
        }
        let refused = RawWebSocket::open(app.address(), &[("Origin", origin), ("Cookie", &cookie)]).await;
        match refused {
            Err(Error::Http(answer)) => assert_eq!(answer.status(), 403, "{origin}"),
            Err(other) => panic!("{origin}: {other}"),
            Ok(_) => panic!("{origin} comes in"),
        }
    }
}

#[tokio::test]
async fn a_cookie_without_an_origin_is_nobodys() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let cookie = format!("{SESSION_COOKIE}={}", ulla.token());
    let options = ConnectOptions::default().headers(&json!({ "Cookie": cookie }));
    let socket = SocketClient::open(&app.url(), options);
    assert_eq!(socket.refused().await, "unauthorized");
}

#[tokio::test]
async fn two_devices_of_two_people_hear_of_the_same_ticket() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let (agent, owner) = (socket_of(&app, &ada).await, socket_of(&app, &ulla).await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    for socket in [&agent, &owner] {
        assert_eq!(socket.expect("ticket:created").await[0]["id"], ticket["id"]);
    }
    assert_ne!(agent.identity().0, owner.identity().0);
}
