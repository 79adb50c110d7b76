//! Clients that are behind: slow ones, those that hear of little, and those that are told to go.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::actor::Role;
use domain::ticket::{TicketEvent, Visibility};
use realtime::Options;
use serde_json::{Value, json};

use crate::client::Client;
use crate::resume::{comments, positions, replayed, resume};
use crate::world::World;

#[tokio::test(flavor = "multi_thread")]
async fn a_burst_that_is_larger_than_the_buffer_cuts_nobody_who_reads() {
    let options = Options {
        buffer_frames_max: 4,
        ..Options::default()
    };
    let (world, agent, ticket) = World::with_ticket(options).await;
    let mut client = Client::connect(&world, &agent).await;
    client.join(ticket).await;
    // One command with many events: they are told in one go.
    let events: Vec<_> = (0..200)
        .map(|number| {
            TicketEvent::CommentAdded(domain::ticket::CommentAdded {
                comment: domain::ids::CommentId::from_uuid(crate::world::id()),
                author: agent.account,
                body: domain::text::CommentBody::parse(&format!("Comment {number}")).unwrap(),
                visibility: Visibility::Public,
            })
        })
        .collect();
    let mut expected = Vec::new();
    for events in events.chunks(50) {
        let last = world.ticket_events(ticket, &agent, events).await;
        expected.extend(last - 49..=last);
    }
    expected.extend(comments(&world, ticket, &agent, 1).await);
    let mut received = Vec::new();
    while received.len() < expected.len() {
        received.push(client.next().await);
    }
    assert_eq!(positions(&received), expected);
    assert_eq!(replayed(&received), 0, "it was not away");
    assert_eq!(world.realtime.stats().cut, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_hears_of_little_is_told_how_far_the_log_has_come() {
    let options = Options {
        resume_events_max: 20,
        bookmark_interval: Duration::from_millis(50),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let mut client = Client::connect(&world, &owner).await;
    let mut busy = Client::connect(&world, &agent).await;
    busy.join(ticket).await;
    comments(&world, ticket, &agent, 50).await;
    world.settled().await;
    let head = world.head().await;
    let mut at = 0;
    while at < head - 2 {
        at = client.control("bookmark").await["position"].as_i64().unwrap();
    }
    assert!(at <= head);
    let mut client = resume(&world, &owner, at, &[]).await;
    assert_eq!(client.replay().await.0, []);
    assert_eq!(client.controls("resync"), [] as [Value; 0], "not too far");
    assert_eq!(busy.everything().await.len(), 50);
    assert!(
        !busy.has_been_told("bookmark"),
        "whoever hears of everything needs none"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_planned_stop_gives_each_client_a_time_to_return_of_its_own() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut clients = Vec::new();
    for _ in 0..20 {
        clients.push(Client::connect(&world, &agent).await);
    }
    world.realtime.close().await;
    let mut times = BTreeSet::new();
    for client in &mut clients {
        client.until_the_end().await;
        let stopping = client.controls("server:stopping");
        let time = stopping[0]["reconnectInMs"].as_u64().unwrap();
        assert_eq!(stopping.len(), 1);
        assert!((500..=1_500).contains(&time), "{time}");
        times.insert(time);
    }
    assert_eq!(times.len(), clients.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn joining_says_from_where_on_everything_is_told() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let before = comments(&world, ticket, &agent, 2).await;
    world.settled().await;
    let mut client = Client::connect(&world, &agent).await;
    for _ in 0..2 {
        let answer = client.ask("join-ticket", &json!(ticket.to_string())).await;
        assert_eq!(answer, json!({ "ok": true, "position": before[1] }));
    }
    let next = comments(&world, ticket, &agent, 1).await;
    assert_eq!(positions(&[client.next().await]), next);
}
