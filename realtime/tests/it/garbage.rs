//! R9: whatever a client sends, only its own connection can suffer.

use std::sync::Once;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::actor::Role;
use futures::SinkExt;
use realtime::Options;
use serde_json::json;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{Data, OpCode};

use crate::client::{Client, Refusal};
use crate::world::{PATIENCE, World};

/// Panics in tasks of the server, however well they are caught.
static PANICS: AtomicUsize = AtomicUsize::new(0);

fn count_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let former = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            let of_library = panic.location().is_some_and(|location| {
                location.file().contains("oxide") || location.file().contains("realtime/src")
            });
            PANICS.fetch_add(usize::from(of_library), Ordering::SeqCst);
            former(panic);
        }));
    });
}

fn nested(depth: usize) -> String {
    format!("{}{}", "[".repeat(depth), "]".repeat(depth))
}

#[tokio::test(flavor = "multi_thread")]
async fn malformed_packets_harm_nobody_else() {
    count_panics();
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let mut bystander = Client::connect(&world, &agent).await;
    let garbage: Vec<String> = [
        "",
        "4",
        "42",
        "42[",
        "42[\"join-ticket\"",
        "42[]",
        "42{}",
        "42\"join-ticket\"",
        "42[7]",
        "42[null,null]",
        "42[\"join-ticket\"]",
        "42[\"join-ticket\",\"a\",\"b\",\"c\"]",
        "421[\"join-ticket\"]",
        "4299999999999999999999999[\"join-ticket\",\"x\"]",
        "42-1[\"join-ticket\",\"x\"]",
        "42/elsewhere,[\"join-ticket\",\"x\"]",
        "42/,[\"join-ticket\",\"x\"]",
        "40",
        "40/elsewhere,",
        "40{\"token\":",
        "41",
        "41/elsewhere,",
        "430[]",
        "43999[\"never asked\"]",
        "44{\"message\":\"x\"}",
        "451-[\"join-ticket\",{\"_placeholder\":true,\"num\":0}]",
        "4510000-[\"join-ticket\"]",
        "45-[\"x\"]",
        "451-1[\"x\",{\"_placeholder\":true,\"num\":9}]",
        "461-1[]",
        "47",
        "49[\"x\"]",
        "5",
        "6",
        "7",
        "9",
        "1",
        "bAAAA",
        "b!!!!",
        "\u{0}",
        "4\u{0}",
        "42[\"\\ud800\"]",
        "42[\"join-ticket\",\"\\ud800\"]",
        "é",
        "4é",
        "42é",
    ]
    .into_iter()
    .map(str::to_owned)
    .chain([
        format!("42[\"join-ticket\",{}]", nested(10_000)),
        format!("42{}", nested(10_000)),
        format!("40{}", nested(10_000)),
        format!("42[\"{}\"]", "x".repeat(60_000)),
        format!("42/{},[]", "n".repeat(60_000)),
    ])
    .collect();
    for packet in &garbage {
        for connected in [false, true] {
            let client = Client::open(&world, &[]).await.unwrap();
            let mut client = if connected {
                client.join_namespace(&agent.auth()).await.unwrap()
            } else {
                client
            };
            client.send(packet).await;
            client.send("427[\"join-ticket\",\"rubbish\"]").await;
            drop(client);
        }
        assert!(bystander.is_well().await, "{packet}");
    }
    bystander.join(ticket).await;
    world.until("they are gone", |stats| stats.sockets == 1).await;
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_frames_close_their_connection_only() {
    count_panics();
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut bystander = Client::connect(&world, &agent).await;
    let text = |bytes: &[u8], last| Frame::message(bytes.to_vec(), OpCode::Data(Data::Text), last);
    let frames = [
        text(b"42[\"join-ticket\",\"\xff\xfe\"]", true),
        text(b"\xc3", true),
        Frame::message(b"x".to_vec(), OpCode::Data(Data::Continue), true),
        Frame::message(vec![0; 70_000], OpCode::Data(Data::Binary), true),
    ];
    for frame in frames {
        let mut client = Client::connect(&world, &agent).await;
        drop(client.ws.send(Message::Frame(frame.clone())).await);
        client.ended().await;
        assert!(bystander.is_well().await, "{frame}");
    }
    // Binary where none was announced.
    let mut client = Client::connect(&world, &agent).await;
    drop(client.ws.send(Message::binary(vec![1, 2, 3])).await);
    client.ended().await;
    assert!(bystander.is_well().await);
    assert_eq!(PANICS.load(Ordering::SeqCst), 0);
}

/// F4: the library's own limit is 64 MiB.
#[tokio::test(flavor = "multi_thread")]
async fn an_oversized_message_closes_its_connection_only() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut bystander = Client::connect(&world, &agent).await;
    let mut client = Client::connect(&world, &agent).await;
    client
        .send(&format!("42[\"join-ticket\",\"{}\"]", "x".repeat(200_000)))
        .await;
    client.ended().await;

    // The same in pieces that are each small enough.
    let mut client = Client::connect(&world, &agent).await;
    for index in 0..8 {
        let code = if index == 0 { Data::Text } else { Data::Continue };
        let frame = Frame::message(vec![b'4'; 30_000], OpCode::Data(code), false);
        drop(client.ws.send(Message::Frame(frame)).await);
    }
    client.ended().await;
    world.until("both are gone", |stats| stats.sockets == 1).await;
    assert!(bystander.is_well().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn connecting_twice_is_ignored() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut client = Client::connect(&world, &agent).await;
    for _ in 0..500 {
        client.send(&format!("40{}", agent.auth())).await;
    }
    assert!(client.is_well().await);
    assert_eq!(world.realtime.stats().sockets, 1);

    let client = Client::open(&world, &[]).await.unwrap();
    let refused = client.join_namespace(&json!({})).await.map(drop);
    assert_eq!(refused, Err(Refusal::Message("unauthorized".to_owned())));
}

/// A client may leave the namespace and come back over the same connection.
#[tokio::test(flavor = "multi_thread")]
async fn leaving_and_coming_back_is_one_client() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut client = Client::connect(&world, &agent).await;
    for _ in 0..20 {
        client.send("41").await;
        world.until("it has left", |stats| stats.sockets == 0).await;
        // The library forgets the former socket a moment after we do, and ignores a connect packet until then.
        let back = async {
            loop {
                client.send(&format!("40{}", agent.auth())).await;
                let packet =
                    tokio::time::timeout(std::time::Duration::from_millis(100), client.packet()).await;
                if packet.is_ok_and(|packet| packet.unwrap().starts_with("40")) {
                    break;
                }
            }
        };
        tokio::time::timeout(PATIENCE, back).await.unwrap();
        assert!(client.is_well().await);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn bad_handshakes_are_refused() {
    let world = World::new().await;
    let url = |query: &str| format!("http://{}/socket.io/{query}", world.address);
    let http = reqwest::Client::new();
    for query in [
        "",
        "?EIO=3&transport=polling",
        "?EIO=5&transport=polling",
        "?transport=polling",
        "?EIO=4",
        "?EIO=4&transport=smoke",
        "?EIO=4&transport=polling&sid=unknown",
        "?EIO=4&transport=polling&sid=AAAAAAAAAAAAAAAA",
        "?EIO=4&transport=websocket",
        "?EIO=3&transport=websocket",
    ] {
        let status = http.get(url(query)).send().await.unwrap().status();
        assert!(status.is_client_error(), "{query}: {status}");
        let status = http.post(url(query)).body("40").send().await.unwrap().status();
        assert!(status.is_client_error(), "POST {query}: {status}");
    }
    let status = http
        .put(url("?EIO=4&transport=polling"))
        .send()
        .await
        .unwrap()
        .status();
    assert!(status.is_client_error(), "{status}");
    assert_eq!(world.realtime.stats().sockets, 0);
}

/// A connection that the gate does not take for a websocket, and Engine.IO does, could not be cut.
#[tokio::test(flavor = "multi_thread")]
async fn a_websocket_is_one_however_it_is_spelt_and_can_be_cut() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    for transport in [
        "transport=websocket",
        "transport=websocket=",
        "transport=websocket=polling",
        "transport=websocket&transport=polling",
    ] {
        let client = Client::open_by(&world, transport).await.unwrap();
        let mut client = client.join_namespace(&agent.auth()).await.unwrap();
        let cut = world.realtime.stats().cut;
        for _ in 0..300 {
            client.send("42[\"what-is-this\",1]").await;
        }
        client.ended().await;
        assert_eq!(world.realtime.stats().cut, cut + 1, "{transport}");
    }
}
