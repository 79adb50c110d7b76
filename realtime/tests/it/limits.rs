//! How much one client, one account and one address may take, and what whoever takes more is told.

use std::time::Duration;

use domain::actor::Role;
use domain::ids::TicketId;
use realtime::{InboundRate, Limit, Options};
use reqwest::StatusCode;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Error;

use crate::client::{Client, Refusal};
use crate::world::{World, id};

const NEIGHBOUR: [u8; 4] = [127, 0, 0, 2];
const SLOW: InboundRate = InboundRate {
    burst: 3,
    per_second: 1,
};

/// A new session by polling, from this address: the status, `Retry-After` and the body.
async fn poll(world: &World, address: [u8; 4]) -> (StatusCode, Option<u64>, String) {
    let http = reqwest::Client::builder().local_address(std::net::IpAddr::from(address));
    let url = format!("http://{}/socket.io/?EIO=4&transport=polling", world.address);
    let response = http.build().unwrap().get(url).send().await.unwrap();
    let retry_after = response.headers().get("retry-after");
    let retry_after = retry_after.map(|seconds| seconds.to_str().unwrap().parse().unwrap());
    (response.status(), retry_after, response.text().await.unwrap())
}

/// What a websocket handshake that was refused is told.
fn refused(opened: Result<Client, Error>) -> (u16, u64, Value) {
    let Err(Error::Http(response)) = opened else {
        panic!("it was let in, or failed otherwise");
    };
    let retry_after = response.headers()["retry-after"].to_str().unwrap();
    let body = response.body().as_ref().unwrap();
    (
        response.status().as_u16(),
        retry_after.parse().unwrap(),
        serde_json::from_slice(body).unwrap(),
    )
}

fn counted(world: &World, limit: Limit) -> u64 {
    let index = Limit::ALL.iter().position(|known| *known == limit).unwrap();
    world.realtime.stats().limited[index]
}

#[tokio::test(flavor = "multi_thread")]
async fn handshakes_of_one_address_are_bounded_in_number_over_both_transports() {
    let options = Options {
        handshakes: SLOW,
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut kept = Vec::new();
    let mut polled = Vec::new();
    // One second more may pass while these are made; then one more is let in.
    let (mut by_websocket, mut by_polling) = (None, None);
    for _ in 0..10 {
        match Client::open(&world, &[]).await {
            Ok(client) => kept.push(client),
            error => by_websocket = Some(refused(error)),
        }
        match poll(&world, [127, 0, 0, 1]).await {
            (StatusCode::OK, ..) => polled.push(()),
            refusal => by_polling = Some(refusal),
        }
    }
    let (status, seconds, body) = by_websocket.unwrap();
    assert_eq!((status, seconds), (429, 1));
    assert_eq!(body["limit"], "handshakes-per-address");
    let wait = body["retryAfterMs"].as_u64().unwrap();
    assert!((1..=1_000).contains(&wait), "{wait}");
    let (status, seconds, body) = by_polling.unwrap();
    assert_eq!((status, seconds), (StatusCode::TOO_MANY_REQUESTS, Some(1)));
    assert!(
        body.starts_with("{\"limit\":\"handshakes-per-address\",\"retryAfterMs\":"),
        "{body}"
    );
    assert!(kept.len() + polled.len() >= 3);
    assert!(counted(&world, Limit::HandshakesPerAddress) >= 2);

    Client::open_from(&world, NEIGHBOUR)
        .await
        .expect("others are not touched");
    assert_eq!(poll(&world, NEIGHBOUR).await.0, StatusCode::OK);

    tokio::time::sleep(Duration::from_secs(1)).await; // it was told that this is enough
    Client::open(&world, &[]).await.expect("it recovers");
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_of_one_address_are_bounded_over_both_transports_together() {
    let options = Options {
        sockets_per_address_max: 2,
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let first = Client::connect(&world, &agent).await;
    assert_eq!(poll(&world, [127, 0, 0, 1]).await.0, StatusCode::OK);
    let body = json!({ "limit": "sockets-per-address", "retryAfterMs": 5_000 });
    assert_eq!(refused(Client::open(&world, &[]).await), (429, 5, body.clone()));
    let polled = poll(&world, [127, 0, 0, 1]).await;
    assert_eq!(polled, (StatusCode::TOO_MANY_REQUESTS, Some(5), body.to_string()));
    assert_eq!(counted(&world, Limit::SocketsPerAddress), 2);
    Client::open_from(&world, NEIGHBOUR)
        .await
        .expect("others are not touched");

    drop(first);
    world
        .until("its socket has ended", |stats| stats.sockets == 0)
        .await;
    let mut again = None;
    for _ in 0..1_000 {
        again = Client::open(&world, &[]).await.ok();
        if again.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    again.expect("it recovers");
}

#[tokio::test(flavor = "multi_thread")]
async fn sockets_of_one_account_are_bounded() {
    let options = Options {
        sockets_per_account_max: 2,
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let other = world.person("other", Role::User).await;
    let mut first = Client::connect(&world, &agent).await;
    let second = Client::connect(&world, &agent).await;
    let third = Client::open(&world, &[]).await.unwrap();
    let refusal = third.join_namespace(&agent.auth()).await.err();
    let message = "limited: sockets-per-account; retry in 5000 ms".to_owned();
    assert_eq!(refusal, Some(Refusal::Message(message)));
    assert_eq!(counted(&world, Limit::SocketsPerAccount), 1);
    Client::connect(&world, &other).await;
    assert!(first.is_well().await, "nobody else is touched");

    drop(second);
    let mut again = None;
    for _ in 0..1_000 {
        let client = Client::open(&world, &[]).await.unwrap();
        again = client.join_namespace(&agent.auth()).await.ok();
        if again.is_some() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    again.expect("it recovers");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_session_cannot_try_to_join_the_namespace_without_end() {
    let options = Options {
        handshakes: InboundRate {
            burst: 2,
            per_second: 1,
        },
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut session = Client::open(&world, &[]).await.unwrap();
    let mut messages = Vec::new();
    for _ in 0..4 {
        session.send("40{\"token\":\"wrong\"}").await;
        let packet = session.packet().await.expect("an answer");
        messages.push(packet.strip_prefix("44").expect("a refusal").to_owned());
    }
    assert_eq!(messages[0], "{\"message\":\"unauthorized\"}");
    let limited = "{\"message\":\"limited: handshakes-per-address; retry in ";
    let refused = messages.iter().filter(|message| message.starts_with(limited));
    let refused = refused.count() as u64;
    assert!(refused >= 1, "{messages:?}");
    assert_eq!(
        world.sessions.asked() + refused,
        4,
        "whoever is refused costs no look-up"
    );
    assert_eq!(counted(&world, Limit::HandshakesPerAddress), refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_of_one_socket_are_bounded_and_leaving_is_not() {
    let options = Options {
        joins: SLOW,
        ..Options::default()
    };
    let (world, agent, ticket) = World::with_ticket(options).await;
    let mut client = Client::connect(&world, &agent).await;
    let mut refusal = None;
    for _ in 0..20 {
        let answer = client.join(TicketId::from_uuid(id())).await;
        if answer["error"] == "limited" {
            refusal = Some(answer);
        } else {
            assert_eq!(answer["error"], "not found");
        }
    }
    let refusal = refusal.expect("too many were refused");
    let wait = refusal["retryAfterMs"].as_u64().unwrap();
    assert_eq!(
        refusal,
        json!({ "ok": false, "error": "limited", "limit": "joins-per-socket", "retryAfterMs": wait })
    );
    assert!((1..=1_000).contains(&wait), "{wait}");
    assert!(counted(&world, Limit::JoinsPerSocket) >= 1);
    assert!(client.is_well().await, "leaving costs nothing that is looked up");
    let mut other = Client::connect(&world, &agent).await;
    assert_eq!(other.join(ticket).await["ok"], true, "others are not touched");

    tokio::time::sleep(Duration::from_millis(wait)).await; // it was told that this is enough
    assert_eq!(client.join(ticket).await["ok"], true, "it recovers");
}
