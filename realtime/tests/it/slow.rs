//! R5, R6: a client that does not read is cut, at once and alone, and never has a silent gap.

use std::time::Duration;

use domain::actor::Role;
use domain::ticket::Visibility;
use realtime::Options;
use serde_json::json;

use crate::client::{Client, Received};
use crate::world::World;

const BODY_BYTES: usize = 16 * 1024;

#[tokio::test(flavor = "multi_thread")]
async fn clients_that_do_not_read_are_cut_and_the_others_notice_nothing() {
    let options = Options {
        buffer_frames_max: 32,
        ping_interval: Duration::from_mins(5),
        stall_timeout: Duration::from_millis(300),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let mut stalled = Vec::new();
    for _ in 0..5 {
        let client = Client::open_with(&world, &[], Some(4096)).await.unwrap();
        let mut client = client.join_namespace(&agent.auth()).await.unwrap();
        client.join(ticket).await;
        stalled.push(client);
    }
    let mut reader = Client::connect(&world, &agent).await;
    reader.join(ticket).await;

    let mut appended = Vec::new();
    while world.realtime.stats().cut < 5 {
        assert!(appended.len() < 4000, "{:?}", world.realtime.stats());
        let body = "x".repeat(BODY_BYTES);
        appended.push(world.comment(ticket, &agent, Visibility::Public, &body).await);
        assert_eq!(reader.next().await.meta["position"], *appended.last().unwrap());
    }
    let stats = world.realtime.stats();
    assert_eq!(
        (stats.sockets, stats.members, stats.rooms),
        (1, 1, 1),
        "out at once"
    );
    assert!(reader.is_well().await);
    // What they did receive is an unbroken beginning, and then the connection has ended.
    for mut client in stalled {
        let packets = client.ended().await;
        let positions: Vec<i64> = packets
            .iter()
            .filter_map(|packet| packet.strip_prefix("42"))
            .map(|packet| serde_json::from_str::<Vec<serde_json::Value>>(packet).unwrap())
            .filter_map(|event| event.get(2)?["position"].as_i64())
            .collect();
        assert!(positions.len() < appended.len());
        assert_eq!(positions, appended[..positions.len()]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_answers_no_pings_is_gone() {
    let options = Options {
        ping_interval: Duration::from_millis(100),
        ping_timeout: Duration::from_millis(200),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let client = Client::connect(&world, &agent).await;
    world.until("it is gone", |stats| stats.sockets == 0).await;
    drop(client);
}

/// A slow reader within the buffer is only slow.
#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_reads_late_but_within_the_buffer_receives_everything() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let mut client = Client::connect(&world, &agent).await;
    assert_eq!(client.join(ticket).await, json!({ "ok": true }));
    let mut expected = Vec::new();
    for _ in 0..200 {
        expected.push(world.comment(ticket, &agent, Visibility::Public, "Hello").await);
    }
    world.settled().await;
    let received: Vec<Received> = client.everything().await;
    let positions: Vec<_> = received
        .iter()
        .map(|received| received.meta["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, expected);
}
