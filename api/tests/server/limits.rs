//! What a slow client may take of time, and a talkative one of memory.

use std::time::{Duration, Instant};

use api::server::Limits;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::{interval, sleep};

use crate::fixture::{Client, SHORT, TestServer, generous, soon};

/// Goes on sending `piece` in short intervals until the connection is over.
async fn dribble(client: &mut Client, piece: &[u8]) -> String {
    let (mut reader, mut writer) = client.0.split();
    let mut received = String::new();
    let mut pace = interval(SHORT / 10);
    let sending = async {
        loop {
            pace.tick().await;
            if writer.write_all(piece).await.is_err() {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        read = soon(reader.read_to_string(&mut received)) => { let _ = read; }
        () = sending => {}
    }
    received
}

#[tokio::test]
async fn a_half_sent_head_is_closed() {
    let server = TestServer::start(Limits {
        head: SHORT,
        ..generous()
    });
    let start = Instant::now();
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: te").await;
    assert_eq!(client.rest().await, "");
    assert!(start.elapsed() >= SHORT);
}

#[tokio::test]
async fn a_silent_connection_is_closed() {
    let server = TestServer::start(Limits {
        head: SHORT,
        ..generous()
    });
    assert_eq!(server.connect().await.rest().await, "");
}

#[tokio::test]
async fn a_head_that_dribbles_is_closed() {
    let server = TestServer::start(Limits {
        head: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\n").await;
    assert_eq!(dribble(&mut client, b"a: b\r\n").await, "");
}

#[tokio::test]
async fn the_head_of_a_later_request_has_no_more_time_than_the_first() {
    let server = TestServer::start(Limits {
        head: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    assert!(client.get("/").await.ends_with("hello"));
    client.send("GET / HTTP/1.1\r\n").await;
    assert_eq!(client.rest().await, "");
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let server = TestServer::start(Limits {
        idle: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    assert!(client.get("/").await.ends_with("hello"));
    assert!(client.get("/").await.ends_with("hello"));
    let start = Instant::now();
    assert_eq!(client.rest().await, "");
    assert!(start.elapsed() >= SHORT / 2);
}

#[tokio::test]
async fn half_a_pipelined_head_is_closed() {
    let server = TestServer::start(Limits {
        idle: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client.send("GET / HTTP/1.1\r\nhost: test\r\n\r\nGET / HT").await;
    let rest = client.rest().await;
    assert!(rest.ends_with("hello"), "{rest}");
}

#[tokio::test]
async fn a_handler_may_take_longer_than_a_client() {
    let short = Limits {
        head: SHORT,
        idle: SHORT,
        body_idle: SHORT,
        body: SHORT,
        response: SHORT,
        ..generous()
    };
    let mut server = TestServer::start(short);
    let mut waiting = server.connect().await;
    waiting.send("GET /gate HTTP/1.1\r\nhost: test\r\n\r\n").await;
    soon(server.entered.recv()).await.unwrap();
    // The limits have passed when a later connection has run into them.
    assert_eq!(server.connect().await.rest().await, "");
    server.gate.add_permits(1);
    assert!(waiting.response().await.ends_with("through"));
}

#[tokio::test]
async fn half_a_body_is_answered_408_and_closed() {
    let server = TestServer::start(Limits {
        body_idle: SHORT,
        linger: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf")
        .await;
    let rest = client.rest().await;
    assert!(rest.starts_with("HTTP/1.1 408 "), "{rest}");
}

#[tokio::test]
async fn half_a_chunked_body_is_answered_408_and_closed() {
    let server = TestServer::start(Limits {
        body_idle: SHORT,
        linger: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: test\r\ntransfer-encoding: chunked\r\n\r\n4\r\nhalf\r\n")
        .await;
    let rest = client.rest().await;
    assert!(rest.starts_with("HTTP/1.1 408 "), "{rest}");
}

#[tokio::test]
async fn a_body_that_dribbles_is_answered_408_and_closed() {
    let server = TestServer::start(Limits {
        body: SHORT,
        linger: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 100000\r\n\r\n")
        .await;
    let received = dribble(&mut client, b"x").await;
    assert!(received.starts_with("HTTP/1.1 408 "), "{received}");
}

#[tokio::test]
async fn a_body_in_several_pieces_arrives_whole() {
    let server = TestServer::start(Limits {
        body_idle: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: 6\r\n\r\none")
        .await;
    sleep(SHORT / 5).await;
    client.send("two").await;
    assert!(client.response().await.ends_with("onetwo"));
    assert!(client.get("/").await.ends_with("hello"));
}

#[tokio::test]
async fn expect_100_continue_is_answered_when_the_body_is_wanted() {
    let server = TestServer::start(generous());
    let mut client = server.connect().await;
    client
        .send("POST /echo HTTP/1.1\r\nhost: test\r\nexpect: 100-continue\r\ncontent-length: 3\r\n\r\n")
        .await;
    assert!(client.head().await.starts_with("HTTP/1.1 100 "));
    client.send("yes").await;
    assert!(client.response().await.ends_with("yes"));
}

#[tokio::test]
async fn half_a_body_that_no_handler_reads_is_closed_with_the_answer() {
    let server = TestServer::start(Limits {
        linger: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client
        .send("POST /deaf HTTP/1.1\r\nhost: test\r\ncontent-length: 10\r\n\r\nhalf")
        .await;
    let rest = client.rest().await;
    assert!(rest.ends_with("not listening"), "{rest}");
}

#[tokio::test]
async fn a_client_that_does_not_read_is_cut() {
    let mut server = TestServer::start(Limits {
        write_stall: SHORT,
        ..generous()
    });
    let mut client = server.connect().await;
    client.send("GET /endless HTTP/1.1\r\nhost: test\r\n\r\n").await;
    soon(server.released.recv()).await.unwrap();
    assert!(client.was_reset().await);
}

#[tokio::test]
async fn a_client_that_reads_with_pauses_is_not_cut() {
    let write_stall = Duration::from_secs(2);
    let server = TestServer::start(Limits {
        write_stall,
        ..generous()
    });
    let mut client = server.connect().await;
    client.send("GET /endless HTTP/1.1\r\nhost: test\r\n\r\n").await;
    let mut pace = interval(SHORT);
    let mut buffer = vec![0; 16 * 1024 * 1024];
    let start = Instant::now();
    while start.elapsed() < write_stall * 3 / 2 {
        pace.tick().await;
        // Not all that is there, so that the server has to wait in every pause.
        assert!(client.0.read(&mut buffer).await.unwrap() > 0);
    }
}

#[tokio::test]
async fn a_client_that_reads_little_by_little_is_cut_in_the_end() {
    let mut server = TestServer::start(Limits {
        response: SHORT * 2,
        ..generous()
    });
    let mut client = server.connect().await;
    client.send("GET /endless HTTP/1.1\r\nhost: test\r\n\r\n").await;
    let mut pace = interval(Duration::from_millis(5));
    let mut buffer = vec![0; 1024 * 1024];
    let reading = async {
        loop {
            pace.tick().await;
            if !client.0.read(&mut buffer).await.is_ok_and(|bytes| bytes > 0) {
                std::future::pending::<()>().await;
            }
        }
    };
    tokio::select! {
        released = soon(server.released.recv()) => released.unwrap(),
        () = reading => {}
    }
}

#[tokio::test]
async fn a_slow_reader_of_a_long_answer_is_not_idle() {
    // All of the answer is in the server's buffer at once, and far more than the kernel takes.
    let server = TestServer::start(Limits {
        idle: SHORT,
        ..generous()
    });
    let length = 24 * 1024 * 1024;
    let mut client = server.connect().await;
    client
        .send(&format!(
            "POST /echo HTTP/1.1\r\nhost: test\r\ncontent-length: {length}\r\n\r\n"
        ))
        .await;
    let body = vec![b'y'; length];
    soon(client.0.write_all(&body)).await.unwrap();
    client.head().await;
    // The idle limit has passed when another connection has run into it.
    let mut other = server.connect().await;
    assert!(other.get("/").await.ends_with("hello"));
    assert_eq!(other.rest().await, "");
    let mut received = vec![0; length];
    soon(client.0.read_exact(&mut received)).await.unwrap();
    assert!(received == body);
}

#[tokio::test]
async fn heads_up_to_the_limit_are_read_and_larger_ones_answered_431() {
    let server = TestServer::start(Limits {
        head_bytes: 12 * 1024,
        ..generous()
    });
    let long = |bytes: usize| {
        format!(
            "GET / HTTP/1.1\r\nhost: test\r\nlong: {}\r\n\r\n",
            "x".repeat(bytes)
        )
    };
    let mut client = server.connect().await;
    client.send(&long(10_000)).await;
    assert!(client.response().await.starts_with("HTTP/1.1 200 "));
    for bytes in [12 * 1024, 100_000, 1_000_000] {
        let mut client = server.connect().await;
        client.send(&long(bytes)).await;
        client.0.shutdown().await.unwrap();
        let rest = client.rest().await;
        assert!(rest.starts_with("HTTP/1.1 431 "), "{bytes}: {rest}");
    }
}

#[tokio::test]
async fn too_many_header_fields_are_answered_431() {
    let server = TestServer::start(Limits {
        linger: SHORT,
        ..generous()
    });
    let with_fields = |fields: usize| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(fields));
    let mut client = server.connect().await;
    client.send(&with_fields(100)).await;
    assert!(client.response().await.starts_with("HTTP/1.1 200 "));
    client.send(&with_fields(101)).await;
    let rest = client.rest().await;
    assert!(rest.starts_with("HTTP/1.1 431 "), "{rest}");
}
