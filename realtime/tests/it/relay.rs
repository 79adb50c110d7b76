//! R11: the relay fails, and nobody but the operator notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::time::{Duration, Instant};

use domain::actor::Role;
use domain::decider::Decider;
use domain::ticket::{Tickets, Visibility};
use eventlog::{NewEvent, StreamId};
use realtime::Options;

use crate::client::Client;
use crate::server::Server;
use crate::world::{World, id};

#[tokio::test(flavor = "multi_thread")]
async fn the_relay_panics_and_goes_on_at_the_same_event() {
    let panics_left = Arc::new(AtomicU32::new(0));
    let left = Arc::clone(&panics_left);
    let options = Options {
        probe: Some(Arc::new(move |_| {
            let take = |left: u32| left.checked_sub(1);
            let taken = left.fetch_update(Ordering::SeqCst, Ordering::SeqCst, take);
            assert!(taken.is_err(), "the relay panics because the test wants it to");
        })),
        ..Options::default()
    };
    let world = World::with(options).await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    let mut client = Client::connect(&world, &owner).await;
    client.join(ticket).await;
    world.settled().await;

    let mut expected = Vec::new();
    for round in 0..10 {
        panics_left.store(round % 3, Ordering::SeqCst);
        // The command succeeds all the same.
        expected.push(
            world
                .comment(ticket, &owner, Visibility::Public, "Still broken")
                .await,
        );
        world.settled().await;
    }
    let received = client.everything().await;
    let positions: Vec<_> = received
        .iter()
        .map(|received| received.meta["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, expected, "each once, in order");
    let stats = world.realtime.stats();
    assert_eq!((stats.restarts, stats.parked, stats.cut), (9, 0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_that_cannot_be_relayed_does_not_keep_the_others_back() {
    let (world, poisoned) = poisoned().await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let mut client = Client::connect(&world, &agent).await;
    poisoned.store(world.head().await + 1, Ordering::SeqCst);
    world.comment(ticket, &agent, Visibility::Public, "Poison").await;
    world.settled().await;
    let resync = client.control("resync").await;
    let head = world.head().await;
    assert_eq!(
        resync,
        serde_json::json!({ "position": head, "reason": "missed" })
    );

    world.ticket(&agent, "Another one").await;
    assert_eq!(client.next().await.object["title"], "Another one");
    assert_eq!(world.realtime.stats().parked, 1);
}

/// A world whose relay panics at the event that is at this position.
async fn poisoned() -> (World, Arc<AtomicI64>) {
    let poisoned = Arc::new(AtomicI64::new(0));
    let poison = Arc::clone(&poisoned);
    let options = Options {
        probe: Some(Arc::new(move |event| {
            assert_ne!(
                event.position,
                poison.load(Ordering::SeqCst),
                "this event panics because the test wants it to"
            );
        })),
        ..Options::default()
    };
    (World::with(options).await, poisoned)
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_cannot_be_followed_are_not_kept() {
    let (world, poison) = poisoned().await;
    let person = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let foreign = world.ticket(&owner, "Somebody else's").await;
    world.settled().await;
    let mut client = Client::connect(&world, &person).await;
    client.join(foreign).await;
    poison.store(world.head().await + 1, Ordering::SeqCst);
    for role in [Role::User, Role::Admin, Role::User] {
        world.change_role(&person, role).await;
        world.comment(foreign, &owner, Visibility::Public, "canary").await;
        let told = client.ended().await;
        assert!(!format!("{told:?}").contains("canary"), "{told:?}");
        client = Client::connect(&world, &person).await;
        let is_in = client.join(foreign).await["ok"] == true;
        assert_eq!(is_in, role == Role::Admin);
    }
    assert_eq!(world.realtime.stats().parked, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_cannot_be_told_is_one_all_the_same() {
    let (world, poison) = poisoned().await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let seen = world.head().await;
    let mut client = Client::connect(&world, &agent).await;
    client.join(ticket).await;
    world.comment(ticket, &agent, Visibility::Public, "canary").await;
    poison.store(seen + 2, Ordering::SeqCst);
    world.comment(ticket, &agent, Visibility::Public, "Poison").await;
    let deleted = domain::ticket::TicketEvent::Deleted(domain::ticket::Deleted {});
    let gone = world.ticket_event(ticket, &agent, &deleted).await;
    world.settled().await;
    assert_eq!(world.realtime.stats().members, 0);
    let refused = serde_json::json!({ "ok": false, "error": "not found" });
    assert_eq!(client.join(ticket).await, refused);
    let mut client = crate::resume::resume(&world, &agent, seen, &[ticket]).await;
    assert_eq!(client.replay().await.0, [], "nothing of it is told again");
    let missed = serde_json::json!({ "position": gone, "reason": "missed" });
    assert_eq!(client.controls("resync"), [missed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_event_of_a_later_program_is_not_relayed_but_those_of_other_tickets_are() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let later = NewEvent {
        event_id: id(),
        event_type: "TicketBlessed".to_owned(),
        schema_version: 1,
        payload: "{}".to_owned(),
    };
    let stream = StreamId::new(Tickets::CATEGORY, ticket.as_uuid());
    world.append_raw(stream, vec![later], "system:test").await;
    world.settled().await;
    let mut client = Client::connect(&world, &agent).await;
    world.ticket(&agent, "Another one").await;
    assert_eq!(client.next().await.object["title"], "Another one");
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_passed_over() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let mut client = Client::connect(&world, &agent).await;
    assert_eq!(client.join(ticket).await, serde_json::json!({ "ok": true }));

    let server = Server::shared();
    server.refuse_connections(&world.config).await;
    let nowhere = domain::ids::TicketId::from_uuid(id());
    let answer = client.join(nowhere).await;
    assert_eq!(answer, serde_json::json!({ "ok": false, "error": "unavailable" }));
    server.accept_connections(&world.config).await;

    let position = world.comment_persistently(ticket, &agent, "Back again").await;
    assert_eq!(client.next().await.meta["position"], position);
}

#[tokio::test(flavor = "multi_thread")]
async fn tickets_from_before_the_start_are_known() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    for _ in 0..300 {
        world
            .comment(ticket, &agent, Visibility::Internal, "Once more")
            .await;
    }
    world.settled().await;
    // Another node, which begins at the head and has to fold a long stream first.
    let second = world.restarted(Options::default()).await;
    let mut client = Client::connect(&second, &agent).await;
    assert_eq!(client.join(ticket).await, serde_json::json!({ "ok": true }));
    let changed = domain::ticket::TicketEvent::StatusChanged(domain::ticket::StatusChanged {
        status: domain::ticket::Status::Resolved,
    });
    second.ticket_event(ticket, &agent, &changed).await;
    let received = client.next().await;
    assert_eq!(received.object["_count"]["comments"], 300);
    assert_eq!(received.object["version"], 302);
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_tells_every_client_in_bounded_time() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let mut client = Client::connect(&world, &agent).await;
    let mut stalled = Client::open_with(&world, &[], Some(1024)).await.unwrap();
    stalled = stalled.join_namespace(&agent.auth()).await.unwrap();
    let long = "x".repeat(60_000);
    let ticket = world.ticket(&agent, "Printer is broken").await;
    stalled.join(ticket).await;
    for _ in 0..60 {
        world.comment(ticket, &agent, Visibility::Public, &long).await;
    }
    world.settled().await;

    let since = Instant::now();
    world.realtime.close().await;
    assert!(since.elapsed() < Duration::from_secs(5), "{:?}", since.elapsed());
    let packets = client.ended().await;
    assert_eq!(
        packets.last().map(String::as_str),
        Some("1"),
        "an Engine.IO close"
    );
    assert_eq!(world.realtime.stats().sockets, 0);
    assert!(Client::open(&world, &[]).await.is_err(), "nobody new");
    drop(stalled);
}
