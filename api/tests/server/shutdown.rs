//! The orderly end, and the address that is taken.

use std::io::ErrorKind;

use api::server::{Drained, Limits, ListenError, Listener};
use tokio::net::TcpStream;

use crate::fixture::{SHORT, TestServer, generous, soon};

#[tokio::test]
async fn a_request_at_hand_is_finished_and_new_connections_are_refused() {
    let mut server = TestServer::start(generous());
    let mut idle = server.connect().await;
    assert!(idle.get("/").await.ends_with("hello"));
    let mut fresh = server.connect().await;
    let mut busy = server.connect().await;
    busy.send("GET /gate HTTP/1.1\r\nhost: test\r\n\r\n").await;
    soon(server.entered.recv()).await.unwrap();

    server.stop.cancel();
    // They are closed without waiting for the busy one; by then the listener is gone as well.
    assert_eq!(idle.rest().await, "");
    assert_eq!(fresh.rest().await, "");
    let refused = soon(TcpStream::connect(server.address)).await;
    assert_eq!(refused.unwrap_err().kind(), ErrorKind::ConnectionRefused);
    assert!(!server.ended.is_finished());

    server.gate.add_permits(1);
    let rest = busy.rest().await;
    assert!(
        rest.starts_with("HTTP/1.1 200 ") && rest.ends_with("through"),
        "{rest}"
    );
    assert!(rest.contains("connection: close"), "{rest}");
    assert_eq!(soon(server.ended).await.unwrap(), Drained::Finished);
}

#[tokio::test]
async fn what_does_not_end_is_cut_when_the_time_is_over() {
    let mut server = TestServer::start(Limits {
        shutdown: SHORT,
        ..generous()
    });
    let mut stuck = server.connect().await;
    stuck.send("GET /gate HTTP/1.1\r\nhost: test\r\n\r\n").await;
    soon(server.entered.recv()).await.unwrap();
    server.stop.cancel();
    assert_eq!(soon(server.ended).await.unwrap(), Drained::Cut { connections: 1 });
    assert!(stuck.was_reset().await);
}

#[tokio::test]
async fn the_end_waits_for_upgraded_connections() {
    let mut server = TestServer::start(generous());
    let mut client = server.connect().await;
    client
        .send("GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    let (upgraded, _) = soon(server.upgrades.recv()).await.unwrap();
    let mut idle = server.connect().await;
    assert!(idle.get("/").await.ends_with("hello"));
    server.stop.cancel();
    assert_eq!(idle.rest().await, "");
    assert!(!server.ended.is_finished());
    drop(upgraded);
    assert_eq!(soon(server.ended).await.unwrap(), Drained::Finished);
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn upgraded_connections_that_stay_are_cut_when_the_time_is_over() {
    let mut server = TestServer::start(Limits {
        shutdown: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    let (upgraded, connection) = soon(server.upgrades.recv()).await.unwrap();
    server.stop.cancel();
    assert_eq!(soon(server.ended).await.unwrap(), Drained::Cut { connections: 1 });
    assert!(connection.is_aborted());
    drop(upgraded);
    assert!(client.was_reset().await);
}

#[tokio::test]
async fn a_taken_address_is_named() {
    let server = TestServer::start(generous());
    let error = Listener::bind(server.address, &Limits::default()).unwrap_err();
    assert!(matches!(error, ListenError::InUse { address } if address == server.address));
    assert_eq!(
        error.to_string(),
        format!("address {} is in use by another program", server.address)
    );
}

#[tokio::test]
async fn an_address_of_another_machine_is_refused() {
    let error = Listener::bind("192.0.2.1:0".parse().unwrap(), &Limits::default()).unwrap_err();
    assert!(matches!(error, ListenError::Failed { .. }));
}

#[tokio::test]
async fn an_address_is_free_again_at_once() {
    let server = TestServer::start(generous());
    let mut client = server.connect().await;
    assert!(client.get("/").await.ends_with("hello"));
    server.stop.cancel();
    assert_eq!(soon(server.ended).await.unwrap(), Drained::Finished);
    assert_eq!(client.rest().await, "");
    Listener::bind(server.address, &Limits::default()).unwrap();
}
