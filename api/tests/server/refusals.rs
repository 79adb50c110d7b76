//! A refusal that the client cannot read is none: the answer arrives though the client is still sending.

use api::server::Limits;
use tokio::io::AsyncWriteExt;

use crate::fixture::{SHORT, TestServer, generous, soon};

#[tokio::test]
async fn an_answer_before_the_end_of_the_body_reaches_the_client() {
    let server = TestServer::start(generous());
    let length = 16 * 1024 * 1024;
    let mut client = server.connect().await;
    client
        .send(&format!(
            "POST /deaf HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n"
        ))
        .await;
    soon(client.0.write_all(&vec![b'x'; length])).await.unwrap();
    assert!(client.response().await.ends_with("not listening"));
}

#[tokio::test]
async fn a_client_that_never_stops_sending_is_closed() {
    let server = TestServer::start(Limits {
        linger: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("POST /deaf HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n")
        .await;
    let chunk = format!("400\r\n{}\r\n", "x".repeat(0x400));
    let flood = async { while client.0.write_all(chunk.as_bytes()).await.is_ok() {} };
    soon(flood).await;
}

#[tokio::test]
async fn bytes_that_are_no_http_end_their_connection_only() {
    let server = TestServer::start(Limits {
        linger: SHORT,
        ..generous()
    });
    let garbage: [&[u8]; 5] = [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\0\0\0\0\r\n\r\n",
        b"GET / HTTP/1.1\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\n",
    ];
    for bytes in garbage {
        let mut client = server.connect().await;
        soon(client.0.write_all(bytes)).await.unwrap();
        client.0.shutdown().await.unwrap();
        let rest = client.rest().await;
        assert!(
            rest.is_empty() || rest.starts_with("HTTP/1.1 400 "),
            "{bytes:?}: {rest}"
        );
    }
    assert!(server.connect().await.get("/").await.ends_with("hello"));
}
