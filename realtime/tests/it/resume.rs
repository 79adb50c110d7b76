//! R2, R4: whoever was away is told what it missed, once and in order, and then the live part, without a seam.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::time::{Duration, Instant};

use domain::TicketId;
use domain::actor::Role;
use domain::ticket::{Deleted, TicketEvent, Visibility};
use futures::future::join_all;
use realtime::Options;
use serde_json::{Value, json};

use crate::client::{Client, Received, Refusal, names};
use crate::lists::projected;
use crate::world::{PATIENCE, Person, World};

/// How a client comes back: who it is, what it has seen, and the rooms that it was in.
fn auth(person: &Person, position: i64, tickets: &[TicketId]) -> Value {
    let tickets: Vec<_> = tickets.iter().map(ToString::to_string).collect();
    json!({ "token": person.token, "position": position, "tickets": tickets })
}

pub(crate) async fn resume(world: &World, person: &Person, position: i64, tickets: &[TicketId]) -> Client {
    let client = Client::open(world, &[]).await.unwrap();
    client
        .join_namespace(&auth(person, position, tickets))
        .await
        .unwrap()
}

pub(crate) fn positions(received: &[Received]) -> Vec<i64> {
    let position = |received: &Received| received.meta["position"].as_i64().unwrap();
    received.iter().map(position).collect()
}

pub(crate) fn replayed(received: &[Received]) -> usize {
    received
        .iter()
        .filter(|received| received.meta["replayed"] == true)
        .count()
}

pub(crate) async fn comments(world: &World, ticket: TicketId, author: &Person, number: usize) -> Vec<i64> {
    let mut positions = Vec::new();
    for _ in 0..number {
        positions.push(world.comment(ticket, author, Visibility::Public, "Hello").await);
    }
    positions
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_missed_comes_first_and_then_what_happens_without_a_seam() {
    // From memory, and from the log.
    for recent_events_max in [2_048, 0] {
        let options = Options {
            recent_events_max,
            ..Options::default()
        };
        let (world, agent, ticket) = World::with_ticket(options).await;
        let seen = world.head().await;
        let mut expected = comments(&world, ticket, &agent, 300).await;
        let missed = expected.len();
        world.settled().await;

        let stop = AtomicBool::new(false);
        let writing = async {
            let mut positions = Vec::new();
            while !stop.load(Ordering::SeqCst) {
                positions.extend(comments(&world, ticket, &agent, 1).await);
            }
            positions
        };
        let reading = async {
            let mut received = Vec::new();
            let mut at = seen;
            // Away again at once, twice, in the middle of the replay.
            for _ in 0..2 {
                let mut client = resume(&world, &agent, at, &[ticket]).await;
                for _ in 0..40 {
                    received.push(client.next().await);
                }
                at = *positions(&received).last().unwrap();
            }
            let mut client = resume(&world, &agent, at, &[ticket]).await;
            let welcome = client.welcome().clone();
            assert_eq!(welcome["replaying"], true);
            let target = welcome["position"].as_i64().unwrap();
            let (replay, caught_up) = client.replay().await;
            assert_eq!(replayed(&replay), replay.len());
            assert_eq!(caught_up, json!({ "position": target, "replayed": replay.len() }));
            assert!(positions(&replay).iter().all(|position| *position <= target));
            received.extend(replay);
            for _ in 0..50 {
                let live = client.next().await;
                assert_eq!(live.meta.get("replayed"), None);
                received.push(live);
            }
            stop.store(true, Ordering::SeqCst);
            (client, received)
        };
        let (written, (mut client, mut received)) = tokio::join!(writing, reading);
        expected.extend(written);
        world.settled().await;
        world.until("nobody is behind", |stats| stats.behind == 0).await;
        received.extend(client.everything().await);
        assert_eq!(positions(&received), expected, "each once, in order");
        assert!(replayed(&received) >= missed);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn those_who_come_back_at_once_read_the_log_once() {
    const CLIENTS: usize = 60;
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let tickets = [
        world.ticket(&agent, "Printer is broken").await,
        world.ticket(&agent, "Printer is on fire").await,
    ];
    let seen = world.head().await;
    let mut expected = Vec::new();
    for ticket in tickets.iter().cycle().take(20) {
        expected.extend(comments(&world, *ticket, &agent, 50).await);
    }
    // Another node, which has told nothing yet.
    let second = world.restarted(Options::default()).await;
    let one = async || {
        let mut client = resume(&second, &agent, seen, &tickets).await;
        let (replay, _) = client.replay().await;
        assert_eq!(positions(&replay), expected);
        assert!(client.is_well().await, "not cut");
    };
    one().await;
    let pages = second.realtime.stats().pages_read;
    let first_page = seen / 256;
    let last_page = (expected.last().unwrap() - 1) / 256;
    assert_eq!(
        i64::try_from(pages).unwrap(),
        last_page - first_page + 1,
        "each page once"
    );
    join_all((0..CLIENTS).map(|_| one())).await;
    assert_eq!(second.realtime.stats().pages_read, pages, "and never again");
    second.until("nobody is behind", |stats| stats.behind == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn beyond_the_limit_or_the_log_a_client_is_told_to_fetch_anew() {
    let options = Options {
        resume_events_max: 10,
        ..Options::default()
    };
    let (world, agent, ticket) = World::with_ticket(options).await;
    comments(&world, ticket, &agent, 18).await;
    world.settled().await;
    let head = world.head().await;
    assert_eq!(head, 20);
    for (position, reason) in [
        (0, "too-far"),
        (head - 11, "too-far"),
        (head + 1, "unknown-position"),
        (i64::MAX, "unknown-position"),
    ] {
        let mut client = resume(&world, &agent, position, &[ticket]).await;
        assert_eq!(client.welcome()["replaying"], false);
        assert_eq!(client.welcome()["position"], head);
        let resync = client.control("resync").await;
        assert_eq!(
            resync,
            json!({ "position": head, "reason": reason }),
            "{position}"
        );
        assert_eq!(client.everything().await, [], "nothing is told twice");
        assert!(!client.has_been_told("caught-up"));
    }
    let mut client = resume(&world, &agent, head - 10, &[ticket]).await;
    let (replay, _) = client.replay().await;
    assert_eq!(positions(&replay), (head - 9..=head).collect::<Vec<_>>());
    let mut client = resume(&world, &agent, head, &[ticket]).await;
    let (replay, caught_up) = client.replay().await;
    assert_eq!(replay, []);
    assert_eq!(caught_up, json!({ "position": head, "replayed": 0 }));
    // What is told after a resync is live.
    let mut client = resume(&world, &agent, 0, &[ticket]).await;
    let next = comments(&world, ticket, &agent, 1).await;
    let live = client.next().await;
    assert_eq!(
        (positions(std::slice::from_ref(&live)), replayed(&[live])),
        (next, 0)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_beginning_of_a_short_log_everything_is_told() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let mut client = resume(&world, &agent, 0, &[ticket]).await;
    let (replay, _) = client.replay().await;
    assert_eq!(positions(&replay), [1, 2]);
    assert_eq!(replay[0].name, "account:created");
    assert_eq!(replay[1].object["title"], "Printer is broken");
    // Whoever passes no position is told nothing of the past.
    let mut client = Client::connect(&world, &agent).await;
    assert_eq!(client.everything().await, []);
    assert!(!client.has_been_told("caught-up"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_position_is_refused() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    for position in [json!(-1), json!("7"), json!(0.5), json!([]), json!(1e40)] {
        let client = Client::open(&world, &[]).await.unwrap();
        let auth = json!({ "token": agent.token, "position": position });
        let refusal = client.join_namespace(&auth).await.err();
        let message = "bad request: position must be an integer, 0 or more".to_owned();
        assert_eq!(refusal, Some(Refusal::Message(message)), "{auth}");
    }
    let mut client = Client::connect(&world, &agent).await;
    assert!(client.is_well().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn rooms_are_renewed_before_anything_is_told_each_with_its_answer() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let other = world.person("other", Role::User).await;
    let own = world.ticket(&owner, "Printer is broken").await;
    let foreign = world.ticket(&other, "Printer is on fire").await;
    let deleted = world.ticket(&owner, "Printer is gone").await;
    world
        .ticket_event(deleted, &owner, &TicketEvent::Deleted(Deleted {}))
        .await;
    let nowhere = TicketId::from_uuid(crate::world::id());
    world.settled().await;
    let seen = world.head().await;
    let expected = comments(&world, own, &owner, 3).await;
    comments(&world, foreign, &other, 3).await;
    let tickets = [own, foreign, deleted, nowhere, own];
    let mut client = resume(&world, &owner, seen, &tickets).await;
    let answer = |ticket: TicketId, ok: bool| {
        let ticket = ticket.to_string();
        if ok {
            json!({ "ticket": ticket, "ok": true })
        } else {
            json!({ "ticket": ticket, "ok": false, "error": "not found" })
        }
    };
    let answers = [
        answer(own, true),
        answer(foreign, false),
        answer(deleted, false),
        answer(nowhere, false),
        answer(own, true),
    ];
    assert_eq!(client.welcome()["tickets"], json!(answers));
    assert_eq!(positions(&client.replay().await.0), expected);
    let next = comments(&world, own, &owner, 1).await;
    assert_eq!(positions(&[client.next().await]), next, "in the room from now on");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_may_be_seen_is_decided_as_of_now() {
    let world = World::new().await;
    let person = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let foreign = world.ticket(&owner, "Somebody else's").await;
    let own = world.ticket(&person, "His own one").await;
    world.settled().await;
    let seen = world.head().await;
    let public = world.comment(foreign, &owner, Visibility::Public, "public").await;
    let internal = world.comment(own, &owner, Visibility::Internal, "canary").await;
    let on_own = world.comment(own, &owner, Visibility::Public, "public").await;

    let demoted = world.change_role(&person, Role::User).await;
    world.settled().await;
    let mut client = resume(&world, &person, seen, &[foreign, own]).await;
    let (replay, _) = client.replay().await;
    assert_eq!(
        positions(&replay),
        [on_own],
        "rights that were lost are lost for the past"
    );
    assert!(!format!("{replay:?}").contains("canary"));

    let promoted = world.change_role(&person, Role::Admin).await;
    world.settled().await;
    let mut client = resume(&world, &person, seen, &[foreign, own]).await;
    let (replay, _) = client.replay().await;
    assert_eq!(
        positions(&replay),
        [public, internal, on_own, demoted, promoted],
        "also what became of accounts"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ticket_that_is_deleted_by_now_shows_in_its_deletion_only() {
    for recent_events_max in [2_048, 0] {
        let options = Options {
            recent_events_max,
            ..Options::default()
        };
        let (world, agent, ticket) = World::with_ticket(options).await;
        let kept = world.ticket(&agent, "Printer is on fire").await;
        world.settled().await;
        let seen = world.head().await;
        comments(&world, ticket, &agent, 2).await;
        let on_kept = comments(&world, kept, &agent, 1).await;
        world.settled().await;
        // Its pages are remembered by now.
        let mut client = resume(&world, &agent, seen, &[ticket, kept]).await;
        assert_eq!(client.replay().await.0.len(), 3);
        let gone = world
            .ticket_event(ticket, &agent, &TicketEvent::Deleted(Deleted {}))
            .await;
        world.settled().await;
        let mut client = resume(&world, &agent, seen, &[ticket, kept]).await;
        let (replay, _) = client.replay().await;
        assert_eq!(positions(&replay), [on_kept[0], gone]);
        assert_eq!(replay[1].name, "ticket:deleted");
        // Another node learns of it from the log alone.
        let second = world.restarted(Options::default()).await;
        let mut client = resume(&second, &agent, seen, &[ticket, kept]).await;
        assert_eq!(client.replay().await.0, replay);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_replayed_is_what_was_told_live() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    world.settled().await;
    let seen = world.head().await;
    let mut live_agent = Client::connect(&world, &agent).await;
    let mut live_owner = Client::connect(&world, &owner).await;
    live_agent.join(ticket).await;
    live_owner.join(ticket).await;
    for event in crate::samples::events() {
        let is_of_another_ticket = matches!(event, TicketEvent::Created(_) | TicketEvent::Assigned(_));
        if !is_of_another_ticket && !matches!(event, TicketEvent::Deleted(_)) {
            world.ticket_event(ticket, &agent, &event).await;
        }
    }
    world.settled().await;
    let second = world.restarted(Options::default()).await;
    for (person, live) in [(&agent, &mut live_agent), (&owner, &mut live_owner)] {
        let live = live.everything().await;
        assert!(live.len() > 5);
        for node in [&world, &second] {
            let mut client = resume(node, person, seen, &[ticket]).await;
            let (mut replay, _) = client.replay().await;
            for received in &mut replay {
                let mark = received.meta.as_object_mut().unwrap().remove("replayed");
                assert_eq!(mark, Some(json!(true)));
            }
            assert_eq!(replay, live);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_is_further_than_this_node_receives_nothing_twice() {
    let barrier = Arc::new(AtomicI64::new(i64::MAX));
    let held_at = Arc::clone(&barrier);
    let options = Options {
        probe: Some(Arc::new(move |event| {
            tokio::task::block_in_place(|| {
                let began = Instant::now();
                while event.position >= held_at.load(Ordering::SeqCst) {
                    assert!(began.elapsed() < PATIENCE, "this node is held back");
                    std::thread::sleep(Duration::from_millis(1));
                }
            });
        })),
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    projected(&world).await;
    barrier.store(3, Ordering::SeqCst);
    let missed_by_node = comments(&world, ticket, &agent, 3).await;
    let head = *missed_by_node.last().unwrap();
    let mut client = resume(&world, &agent, head, &[ticket]).await;
    assert_eq!(client.welcome()["position"], head);
    assert_eq!(
        client.replay().await.1,
        json!({ "position": head, "replayed": 0 })
    );
    // Whether or not the last event's changes of its lists had reached it, this node cannot know.
    let mut auth = auth(&agent, head, &[ticket]);
    auth["lists"] = json!([{ "list": "all" }]);
    let mut watching = Client::open(&world, &[])
        .await
        .unwrap()
        .join_namespace(&auth)
        .await
        .unwrap();
    assert_eq!(watching.welcome()["replaying"], false);
    assert_eq!(
        watching.replay().await.1,
        json!({ "position": head, "replayed": 0 })
    );
    barrier.store(i64::MAX, Ordering::SeqCst);
    let next = comments(&world, ticket, &agent, 1).await;
    world.settled().await;
    assert_eq!(positions(&client.everything().await), next);
    let told = watching.everything().await;
    assert_eq!(names(&told), ["list:changed", "comment:added", "list:changed"]);
    assert_eq!(positions(&told), [head, next[0], next[0]]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_again_is_said_to_be_missed_and_the_rest_is_told() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let other = world.person("other", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    let healthy = world.ticket(&agent, "Printer is on fire").await;
    world.settled().await;
    let seen = world.head().await;
    let before = comments(&world, ticket, &owner, 1).await;
    let later = eventlog::NewEvent {
        event_id: crate::world::id(),
        event_type: "TicketBlessed".to_owned(),
        schema_version: 1,
        payload: "{}".to_owned(),
    };
    let stream = eventlog::StreamId::new("ticket", ticket.as_uuid());
    world.append_raw(stream, vec![later], "system:test").await;
    comments(&world, ticket, &owner, 2).await;
    let after = comments(&world, healthy, &agent, 1).await;
    world.settled().await;
    let head = world.head().await;
    let second = world.restarted(Options::default()).await;
    for node in [&world, &second] {
        let mut client = resume(node, &agent, seen, &[ticket, healthy]).await;
        let (replay, _) = client.replay().await;
        let told: BTreeSet<i64> = positions(&replay).into_iter().collect();
        assert_eq!(told, [before[0], after[0]].into());
        assert_eq!(
            client.controls("resync"),
            [json!({ "position": head, "reason": "missed" })],
            "once for all of it"
        );
        let mut client = resume(node, &owner, seen, &[ticket]).await;
        client.replay().await;
        assert_eq!(client.controls("resync").len(), 1);
        let mut client = resume(node, &other, seen, &[]).await;
        client.replay().await;
        assert_eq!(
            client.controls("resync"),
            [] as [Value; 0],
            "nobody else learns of it"
        );
    }
}
