//! A thousand clients and a planned restart (R8, S-135, S-140): each is told when to come back, all are back and have what they
//! missed within half a minute, and the program stays small.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use serde_json::{Value, json};
use tests::process::Ground;
use tests::raw_ws::RawWebSocket;
use tokio::time::{Instant, sleep_until};

use super::admin;

const CLIENTS: usize = 1_000;
/// What happens while they come back.
const MISSED: usize = 20;
/// How long an end may take, and how long until all are back after the restart.
const END_WITHIN: Duration = Duration::from_secs(10);
const BACK_WITHIN: Duration = Duration::from_secs(30);
/// Resident memory, at most, in KiB: 100 MB.
const MEMORY_KIB_MAX: u64 = 100_000;

/// The object of a frame's event.
fn object(frame: &str) -> Value {
    let array: Value = serde_json::from_str(frame.trim_start_matches(char::is_numeric)).unwrap();
    array[1].clone()
}

async fn connect(address: SocketAddr, auth: &Value) -> RawWebSocket {
    let mut socket = RawWebSocket::open(address, &[]).await.unwrap();
    socket.next_with("0{").await.unwrap();
    socket.text(&format!("40{auth}")).await.unwrap();
    socket
}

fn resident_kib(pid: i32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// A client from before the stop until it has received what happened: when it was told to come back.
async fn stay(mut socket: RawWebSocket, address: SocketAddr, auth: Value) -> u64 {
    let stopping = socket.next_with("42[\"server:stopping\"").await;
    let reconnect_in_ms = object(&stopping.unwrap())["reconnectInMs"].as_u64().unwrap();
    sleep_until(Instant::now() + Duration::from_millis(reconnect_in_ms)).await;
    let mut socket = loop {
        // The new program may not listen yet.
        match RawWebSocket::open(address, &[]).await {
            Ok(socket) => break socket,
            Err(_) => tokio::time::sleep(Duration::from_millis(500)).await,
        }
    };
    socket.next_with("0{").await.unwrap();
    socket.text(&format!("40{auth}")).await.unwrap();
    // Told late or live, whenever it came back: each of them, once and in order.
    for number in 0..MISSED {
        let comment = socket.next_with("42[\"comment:added\"").await.unwrap();
        assert_eq!(object(&comment)["content"], number.to_string());
    }
    reconnect_in_ms
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_thousand_clients_come_back_after_a_planned_restart_without_a_stampede() {
    let ground = Ground::new().await;
    let limits = [
        ("REALTIME_SOCKETS_PER_ACCOUNT", "2000"),
        ("MAX_CONNECTIONS_PER_ADDRESS", "3000"),
        ("MAX_CONNECTIONS", "4000"),
    ];
    let mut server = ground.serve(&limits).await;
    let address = server.address();
    let ada = admin(&server, &ground.settings()).await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let ticket = ticket["id"].as_str().unwrap().to_owned();
    let auth = json!({ "token": ada.token(), "tickets": [ticket] });
    let mut clients = Vec::new();
    let mut position = 0;
    for _ in 0..CLIENTS {
        let mut socket = connect(address, &auth).await;
        let welcome = socket.next_with("42[\"welcome\"").await.unwrap();
        position = object(&welcome)["position"].as_i64().unwrap();
        clients.push(socket);
    }
    let memory = resident_kib(server.pid());
    assert!(memory < MEMORY_KIB_MAX, "{memory} KiB with {CLIENTS} clients");

    let mut returning = auth.clone();
    returning["position"] = json!(position);
    let clients: Vec<_> = clients
        .into_iter()
        .map(|socket| tokio::spawn(stay(socket, address, returning.clone())))
        .collect();
    let status = server.terminate(END_WITHIN).await;
    assert!(status.success(), "{status}");
    let port = address.port().to_string();
    let server = ground
        .serve(&[&limits[..], &[("PORT", port.as_str())]].concat())
        .await;
    let began = Instant::now();
    for number in 0..MISSED {
        let comment = json!({ "content": format!("{number}") });
        let path = format!("/api/tickets/{ticket}/comments");
        ada.post(&path, &comment).await.is(201);
    }
    let mut times = BTreeSet::new();
    for client in clients {
        times.insert(client.await.unwrap());
    }
    let took = began.elapsed();
    assert!(took < BACK_WITHIN, "{took:?}");
    // Hardly two at the same millisecond, over a few seconds.
    assert!(times.len() > CLIENTS / 2, "{}", times.len());
    assert!(
        times.last().unwrap() - times.first().unwrap() > 1_000,
        "{times:?}"
    );
    assert_eq!(server.address(), address);
}
