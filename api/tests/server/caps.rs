//! How many connections there may be.

use api::server::Limits;

use crate::fixture::{TestServer, generous, soon};

#[tokio::test]
async fn an_address_has_no_more_connections_than_its_cap() {
    let server = TestServer::start(Limits {
        connections_per_address: 2,
        ..generous()
    });
    let (mut first, mut second) = (server.connect().await, server.connect().await);
    assert!(first.get("/").await.ends_with("hello"));
    assert!(second.get("/").await.ends_with("hello"));

    let refused = server.connect().await.rest().await;
    assert!(refused.starts_with("HTTP/1.1 429 "), "{refused}");
    assert!(refused.contains("retry-after: "), "{refused}");
    assert!(first.get("/").await.ends_with("hello"));

    drop(first);
    let admitted_again = async {
        loop {
            let mut next = server.connect().await;
            next.send("GET / HTTP/1.1\r\nhost: test\r\nconnection: close\r\n\r\n")
                .await;
            if next.response().await.starts_with("HTTP/1.1 200 ") {
                return;
            }
        }
    };
    soon(admitted_again).await;
}

#[tokio::test]
async fn the_server_has_no_more_connections_than_its_cap() {
    let server = TestServer::behind(
        "127.0.0.1",
        Limits {
            connections: 1,
            ..generous()
        },
    );
    let mut first = server.connect().await;
    assert!(first.get("/").await.ends_with("hello"));
    let refused = server.connect().await.rest().await;
    assert!(refused.starts_with("HTTP/1.1 503 "), "{refused}");
    assert!(refused.contains("retry-after: "), "{refused}");
    assert!(first.get("/").await.ends_with("hello"));
}

#[tokio::test]
async fn a_trusted_proxy_is_not_counted_as_one_client() {
    let server = TestServer::behind(
        "127.0.0.0/8",
        Limits {
            connections_per_address: 1,
            ..generous()
        },
    );
    let mut clients = Vec::new();
    for _ in 0..5 {
        let mut client = server.connect().await;
        assert!(client.get("/").await.ends_with("hello"));
        clients.push(client);
    }
}

#[tokio::test]
async fn an_upgraded_connection_counts_until_it_is_dropped() {
    let mut server = TestServer::start(Limits {
        connections_per_address: 1,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("GET /upgrade HTTP/1.1\r\nhost: test\r\nconnection: upgrade\r\nupgrade: raw\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 101 "));
    let (upgraded, _) = soon(server.upgrades.recv()).await.unwrap();
    assert!(server.connect().await.rest().await.starts_with("HTTP/1.1 429 "));
    drop(upgraded);
    // The place is given back in the drop itself.
    assert!(server.connect().await.get("/").await.ends_with("hello"));
}
