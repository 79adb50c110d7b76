//! SIGTERM while people write (H6, S-108), and starting where somebody else listens (S-109).

use std::time::Duration;

use serde_json::json;
use tests::process::{Ground, ServerProcess};
use tests::socketio::{ConnectOptions, SocketClient};
use tests::workload::Workload;

use super::admin;

/// Ten seconds are promised.
const WITHIN: Duration = Duration::from_secs(10);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_is_under_way_is_finished_and_nothing_is_lost() {
    let ground = Ground::new().await;
    let mut server = ground.serve(&[]).await;
    let ada = admin(&server, &ground.settings()).await;
    let options = ConnectOptions::default().token(ada.token());
    let socket = SocketClient::connect(&server.url(), options).await;
    let workload = Workload::start(&ada, 16);
    workload.more(50).await;
    let status = server.terminate(WITHIN).await;
    assert_eq!(status.code(), Some(0), "{}", server.log().lines().join("\n"));
    socket.disconnected().await;
    server
        .log()
        .line_with("[SIGTERM] Shutting down gracefully...")
        .await;
    server.log().line_with("[HTTP] Server closed").await;
    let report = workload.check(&ground.database.admin().await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    // In an orderly end no answer is lost either: what was taken in was answered.
    assert_eq!(report.recovered, 0, "{report}");
}

#[tokio::test]
async fn a_port_that_is_taken_is_said_at_once() {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let ground = Ground::new().await;
    let taken = [("PORT", port.as_str())];
    let mut server = ServerProcess::spawn(&[&ground.settings()[..], &taken].concat());
    let status = server.end().await;
    assert_eq!(status.code(), Some(2));
    let said = server.log().line_with("in use").await;
    assert!(said.contains(&port), "{said}");
}

#[tokio::test]
async fn one_program_serves_everything_on_one_port_and_says_the_seeds_words() {
    let ground = Ground::new().await;
    let mut server = ground.serve(&[]).await;
    assert_eq!(listening_ports(server.pid()), [server.address().port()]);
    let ada = admin(&server, &ground.settings()).await;
    let options = ConnectOptions::default().token(ada.token());
    let socket = SocketClient::connect(&server.url(), options).await;
    let (id, _) = socket.identity();
    let ticket = ada.new_ticket("Printer on fire").await;
    let ticket = ticket["id"].as_str().unwrap();
    socket.ask("join-ticket", json!([ticket])).await;
    let comment = json!({ "content": "still burning" });
    ada.post(&format!("/api/tickets/{ticket}/comments"), &comment)
        .await
        .is(201);
    socket.expect("comment:added").await;
    socket.ask("leave-ticket", json!([ticket])).await;
    socket.disconnect();
    // S-089 to S-093, letter for letter.
    for line in [
        format!("[Socket.IO] Client connected: {id}"),
        format!("[Socket.IO] Socket {id} joined ticket:{ticket}"),
        "[Socket.IO] Emitted 'ticket:created' to all clients".to_owned(),
        format!("[Socket.IO] Emitted 'comment:added' to ticket:{ticket}"),
        format!("[Socket.IO] Socket {id} left ticket:{ticket}"),
        format!("[Socket.IO] Client disconnected: {id}"),
    ] {
        server.log().line_with(&line).await;
    }
    assert!(server.terminate(WITHIN).await.success());
}

/// The TCP ports on which a process listens.
fn listening_ports(pid: i32) -> Vec<u16> {
    let mut inodes = Vec::new();
    for entry in std::fs::read_dir(format!("/proc/{pid}/fd")).unwrap() {
        let target = std::fs::read_link(entry.unwrap().path()).unwrap_or_default();
        let target = target.to_str().unwrap_or_default().to_owned();
        if let Some(inode) = target.strip_prefix("socket:[") {
            inodes.push(inode.trim_end_matches(']').to_owned());
        }
    }
    let mut ports = Vec::new();
    for table in ["tcp", "tcp6"] {
        let text = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if fields[3] == "0A" && inodes.contains(&fields[9].to_owned()) {
                let port = fields[1].rsplit(':').next().unwrap();
                ports.push(u16::from_str_radix(port, 16).unwrap());
            }
        }
    }
    ports
}
