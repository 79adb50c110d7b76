//! Every entitled client receives every event, in log order, once (R1).

use serde_json::json;
use tests::app::TestApp;
use tests::socketio::ConnectOptions;

use super::join;

const SOCKETS: usize = 12;
const WRITERS: usize = 4;
const COMMENTS_EACH: usize = 15;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_client_of_a_busy_ticket_receives_all_of_it_in_order() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let mut sockets = Vec::new();
    for number in 0..SOCKETS {
        let transport = if number % 3 == 0 { "polling" } else { "websocket" };
        let options = ConnectOptions::default()
            .transports(&[transport])
            .token(ulla.token());
        let socket = tests::socketio::SocketClient::connect(&app.url(), options).await;
        join(&socket, &ticket).await;
        sockets.push(socket);
    }
    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    let writers = (0..WRITERS).map(async |writer| {
        for number in 0..COMMENTS_EACH {
            let wish = json!({ "content": format!("{writer}.{number}") });
            ulla.post(&path, &wish).await.is(201);
        }
    });
    futures::future::join_all(writers).await;
    let end = ulla.new_ticket("The end of it").await;
    let mut told: Vec<Vec<i64>> = Vec::new();
    for socket in &sockets {
        let is_end = |args: &Vec<serde_json::Value>| args[0]["id"] == end["id"];
        socket.expect_where("ticket:created", is_end).await;
        let comments = socket.received("comment:added");
        told.push(
            comments
                .iter()
                .map(|args| args[1]["position"].as_i64().unwrap())
                .collect(),
        );
    }
    for positions in &told {
        assert_eq!(positions.len(), WRITERS * COMMENTS_EACH);
        assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
        assert_eq!(*positions, told[0]);
    }
}
