//! What no client sends closes that client's connection at most (R9).

use serde_json::json;
use tests::app::TestApp;
use tests::raw_ws::RawWebSocket;

use super::{caught_up, socket_of};

#[tokio::test]
async fn malformed_packets_harm_nobody_else() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let bystander = socket_of(&app, &ulla).await;
    let deep = format!(
        "42[\"join-ticket\",{}1{}]",
        "[".repeat(10_000),
        "]".repeat(10_000)
    );
    let long = format!("42[\"x\",\"{}\"]", "y".repeat(2_000_000));
    let rubbish = [
        "",
        "4",
        "42",
        "42[",
        "42[\"join-ticket\"",
        "42{\"not\":\"an array\"}",
        "42[]",
        "42[null]",
        "4\u{1F4A3}",
        "429999999999999999999999[\"join-ticket\",\"x\"]",
        "451-[\"join-ticket\",{\"_placeholder\":true,\"num\":0}]",
        "4510000-[\"x\"]",
        "40/other,",
        "40",
        "41",
        "43",
        "49",
        "9",
        "1",
        "2probe",
        deep.as_str(),
        long.as_str(),
    ];
    let connect = format!("40{}", json!({ "token": ulla.token() }));
    for text in rubbish {
        let mut socket = RawWebSocket::open(app.address(), &[]).await.unwrap();
        assert!(socket.next_with("0{").await.is_some());
        socket.text(&connect).await.unwrap();
        assert!(socket.next_with("40{").await.is_some());
        // Whether it is closed or ignored is the server's choice, in the first case maybe before all of it is sent.
        let _ = socket.text(text).await;
        let _ = socket.binary(&[0xff, 0xfe, 0x00]).await;
    }
    caught_up(&bystander, &ulla).await;
    ulla.get("/health").await.good();
}

#[tokio::test]
async fn unknown_events_are_ignored() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let socket = socket_of(&app, &ulla).await;
    for event in ["ticket:created", "admin", "join", "JOIN-TICKET"] {
        socket.emit(event, json!([{ "anything": true }]));
    }
    caught_up(&socket, &ulla).await;
    assert_eq!(super::broadcasts(&socket).len(), 1);
}
