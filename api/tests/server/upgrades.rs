//! Connections that have become something else, such as websockets.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

use api::server::Limits;
use tokio::io::{AsyncReadExt, AsyncWrite, AsyncWriteExt, split};
use tokio::sync::oneshot;
use tokio::task::unconstrained;

use crate::fixture::{Client, SHORT, TestServer, Upgrade, generous, soon};

async fn upgrade(server: &mut TestServer) -> (Client, Upgrade) {
    let mut client = server.connect().await;
    client
        .send("GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    let upgrade = soon(server.upgrades.recv()).await.unwrap();
    (client, upgrade)
}

/// Writes for ever, and counts in `written`.
async fn flood(mut writer: impl AsyncWrite + Unpin, written: Arc<AtomicUsize>) -> io::Error {
    loop {
        // Without tokio's own turns, it waits only where the kernel takes no more.
        match unconstrained(writer.write(&[b'z'; 16 * 1024])).await {
            Ok(bytes) => written.fetch_add(bytes, Relaxed),
            Err(error) => return error,
        };
    }
}

/// Waits until a flood has come to a halt, because every buffer between it and its reader is full.
async fn halt(server: &TestServer, written: &AtomicUsize) {
    let mut other = server.connect().await;
    let (mut before, mut unchanged) = (0, 0);
    while unchanged < 50 {
        assert!(other.get("/").await.ends_with("hello"));
        let now = written.load(Relaxed);
        unchanged = if now == before && now > 0 {
            unchanged + 1
        } else {
            0
        };
        before = now;
    }
}

#[tokio::test]
async fn an_upgraded_connection_outlives_the_limits_of_requests() {
    let short = Limits {
        head: SHORT,
        idle: SHORT,
        body: SHORT,
        body_idle: SHORT,
        response: SHORT,
        ..generous()
    };
    let mut server = TestServer::start(short);
    let (mut client, (mut upgraded, connection)) = upgrade(&mut server).await;
    for _ in 0..2 {
        // The limits have passed when another connection has run into them.
        assert_eq!(server.connect().await.rest().await, "");
    }
    client.send("ping").await;
    let mut received = [0; 4];
    soon(upgraded.read_exact(&mut received)).await.unwrap();
    soon(upgraded.write_all(&received)).await.unwrap();
    soon(client.0.read_exact(&mut received)).await.unwrap();
    assert_eq!(&received, b"ping");
    assert!(!connection.is_aborted());
    drop(upgraded);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn abort_frees_a_blocked_writer_and_a_waiting_reader_and_resets_the_connection() {
    let mut server = TestServer::start(generous());
    let (mut client, (upgraded, connection)) = upgrade(&mut server).await;
    let (mut reader, writer) = split(upgraded);
    let written = Arc::default();
    let writing = tokio::spawn(flood(writer, Arc::clone(&written)));
    halt(&server, &written).await;
    let (reads_sender, reads) = oneshot::channel();
    let reading = tokio::spawn(async move {
        reads_sender.send(()).unwrap();
        reader.read_u8().await
    });
    soon(reads).await.unwrap();
    halt(&server, &written).await;

    connection.abort();

    let read = soon(reading).await.unwrap();
    assert_eq!(read.unwrap_err().kind(), io::ErrorKind::ConnectionAborted);
    let stopped = soon(writing).await.unwrap();
    assert_eq!(stopped.kind(), io::ErrorKind::ConnectionAborted);
    assert!(client.was_reset().await);
}

#[tokio::test]
async fn abort_frees_one_task_that_only_writes() {
    let mut server = TestServer::start(generous());
    let (mut client, (upgraded, connection)) = upgrade(&mut server).await;
    let written = Arc::default();
    let writing = tokio::spawn(flood(upgraded, Arc::clone(&written)));
    halt(&server, &written).await;
    connection.abort();
    assert_eq!(
        soon(writing).await.unwrap().kind(),
        io::ErrorKind::ConnectionAborted
    );
    assert!(client.was_reset().await);
}

#[tokio::test]
async fn an_upgraded_connection_whose_client_does_not_read_is_cut_by_itself() {
    let mut server = TestServer::start(Limits {
        write_stall: SHORT,
        ..generous()
    });
    let (mut client, (upgraded, connection)) = upgrade(&mut server).await;
    let stopped = soon(flood(upgraded, Arc::default())).await;
    assert_eq!(stopped.kind(), io::ErrorKind::TimedOut);
    assert!(connection.is_aborted());
    assert!(client.was_reset().await);
}

#[tokio::test]
async fn abort_ends_a_plain_request_and_no_other_connection() {
    let mut server = TestServer::start(generous());
    let mut other = server.connect().await;
    assert!(other.get("/").await.ends_with("hello"));
    let mut client = server.connect().await;
    client.send("GET /gate HTTP/1.1\r\nhost: test\r\n\r\n").await;
    let connection = soon(server.entered.recv()).await.unwrap();
    assert_eq!(connection.peer, client.0.local_addr().unwrap());
    connection.abort();
    assert!(client.was_reset().await);
    assert!(other.get("/").await.ends_with("hello"));
}
