//! Who types: shown to the others in the ticket's room, each as much as they may know, and gone soon.

use std::time::{Duration, Instant};

use domain::actor::Role;
use domain::ids::TicketId;
use domain::ticket::Visibility;
use realtime::PresenceOptions;
use serde_json::{Value, json};

use crate::client::Client;
use crate::presence::{quick, world};
use crate::world::{Person, World};

/// A ticket of Bob's with Ada, Eve (both agents) and Bob in its room.
struct Desk {
    world: World,
    ticket: TicketId,
    ada: Person,
    bob: Person,
    at_ada: Client,
    at_bob: Client,
    at_eve: Client,
}

impl Desk {
    async fn new(presence: PresenceOptions) -> Self {
        let world = world(presence).await;
        let ada = world.person("Ada", Role::Admin).await;
        let bob = world.person("Bob", Role::User).await;
        let eve = world.person("Eve", Role::Admin).await;
        let ticket = world.ticket(&bob, "Printer is broken").await;
        let mut clients = Vec::new();
        for person in [&ada, &bob, &eve] {
            let mut client = Client::connect(&world, person).await;
            client.join(ticket).await;
            clients.push(client);
        }
        let mut next = || clients.remove(0);
        Self {
            at_ada: next(),
            at_bob: next(),
            at_eve: next(),
            world,
            ticket,
            ada,
            bob,
        }
    }
}

fn by(person: &Person, name: &str) -> Value {
    json!({ "id": person.account.to_string(), "name": name })
}

async fn heard(client: &mut Client, ticket: TicketId, person: &Value, internal: bool, typing: bool) {
    let expected =
        json!({ "ticket": ticket.to_string(), "person": person, "internal": internal, "typing": typing });
    client.signal_where("typing", |frame| *frame == expected).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_see_who_types_and_a_requester_that_somebody_does() {
    let mut desk = Desk::new(quick()).await;
    let ticket = desk.ticket;
    let mut tab = Client::connect(&desk.world, &desk.ada).await;
    tab.join(ticket).await;
    let begun = Instant::now();
    assert_eq!(
        desk.at_ada.typing(ticket, false, true).await,
        json!({ "ok": true })
    );
    heard(&mut desk.at_eve, ticket, &by(&desk.ada, "Ada"), false, true).await;
    let took = begun.elapsed();
    heard(&mut desk.at_bob, ticket, &json!(null), false, true).await;
    assert!(took < Duration::from_secs(1), "{took:?}");
    // No key more: it ends by itself.
    heard(&mut desk.at_eve, ticket, &by(&desk.ada, "Ada"), false, false).await;
    heard(&mut desk.at_bob, ticket, &json!(null), false, false).await;
    tab.everything().await;
    assert!(
        tab.signals_so_far("typing").is_empty(),
        "the typist's own tab was told"
    );

    desk.at_bob.typing(ticket, false, true).await;
    heard(&mut desk.at_ada, ticket, &by(&desk.bob, "Bob"), false, true).await;
    desk.world
        .until("nobody types", |stats| stats.presence.typing == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_internal_comment_is_typed_before_agents_only() {
    let mut desk = Desk::new(quick()).await;
    let ticket = desk.ticket;
    desk.at_ada.typing(ticket, true, true).await;
    heard(&mut desk.at_eve, ticket, &by(&desk.ada, "Ada"), true, true).await;
    heard(&mut desk.at_eve, ticket, &by(&desk.ada, "Ada"), true, false).await;
    desk.at_bob.everything().await;
    assert!(desk.at_bob.signals_so_far("typing").is_empty());
    let not_permitted = json!({ "ok": false, "error": "not permitted" });
    assert_eq!(desk.at_bob.typing(ticket, true, true).await, not_permitted);
    let auditor = desk.world.person("auditor", Role::Auditor).await;
    let mut reads = Client::connect(&desk.world, &auditor).await;
    reads.join(ticket).await;
    assert_eq!(reads.typing(ticket, false, true).await, not_permitted);
    desk.at_bob.leave(ticket).await;
    let not_found = json!({ "ok": false, "error": "not found" });
    assert_eq!(desk.at_bob.typing(ticket, false, true).await, not_found);
}

/// What is slow here is only what is to be shown not to be waited for.
fn slow() -> PresenceOptions {
    PresenceOptions {
        typing_silence: Duration::from_hours(1),
        ..quick()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_ends_when_the_comment_is_sent_the_room_left_or_the_connection_lost() {
    let mut desk = Desk::new(slow()).await;
    let ticket = desk.ticket;
    let bob = by(&desk.bob, "Bob");
    desk.at_bob.typing(ticket, false, true).await;
    heard(&mut desk.at_ada, ticket, &bob, false, true).await;
    desk.world
        .comment(ticket, &desk.bob, Visibility::Public, "Here it is")
        .await;
    heard(&mut desk.at_ada, ticket, &bob, false, false).await;

    desk.at_bob.typing(ticket, false, true).await;
    heard(&mut desk.at_ada, ticket, &bob, false, true).await;
    desk.at_bob.leave(ticket).await;
    heard(&mut desk.at_ada, ticket, &bob, false, false).await;

    desk.at_bob.join(ticket).await;
    desk.at_bob.typing(ticket, false, true).await;
    heard(&mut desk.at_ada, ticket, &bob, false, true).await;
    drop(desk.at_bob);
    heard(&mut desk.at_ada, ticket, &bob, false, false).await;

    desk.at_eve.typing(ticket, true, true).await;
    desk.at_ada
        .signal_where("typing", |frame| frame["internal"] == true)
        .await;
    desk.at_eve.typing(ticket, true, false).await;
    let ended = |frame: &Value| frame["internal"] == true && frame["typing"] == false;
    desk.at_ada.signal_where("typing", ended).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_persons_keys_cause_a_frame_now_and_then_only_and_no_edge_is_lost() {
    let again = Duration::from_millis(700);
    let mut desk = Desk::new(PresenceOptions {
        typing_again: again,
        ..slow()
    })
    .await;
    let ticket = desk.ticket;
    let begun = Instant::now();
    for key in 0..60 {
        desk.at_bob.typing(ticket, false, key % 2 == 0).await;
    }
    let took = begun.elapsed();
    desk.at_bob.typing(ticket, false, false).await;
    desk.at_ada
        .signal_where("typing", |frame| frame["typing"] == false)
        .await;
    desk.world
        .until("nobody types", |stats| stats.presence.typing == 0)
        .await;
    let frames = desk.at_ada.told("typing");
    let most = took.as_millis() / again.as_millis() + 2;
    assert!(frames as u128 <= most, "{frames} frames within {took:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_requester_hears_that_nobody_types_only_when_nobody_does() {
    let mut desk = Desk::new(slow()).await;
    let ticket = desk.ticket;
    desk.at_ada.typing(ticket, false, true).await;
    heard(&mut desk.at_bob, ticket, &json!(null), false, true).await;
    desk.at_eve.typing(ticket, false, true).await;
    desk.at_ada
        .signal_where("typing", |frame| frame["typing"] == true)
        .await;
    desk.world
        .comment(ticket, &desk.ada, Visibility::Public, "I am looking")
        .await;
    desk.at_eve
        .signal_where("typing", |frame| frame["typing"] == false)
        .await;
    desk.at_bob.everything().await;
    let told = desk.at_bob.signals_so_far("typing");
    assert!(told.iter().all(|frame| frame["typing"] == true), "{told:?}");
    desk.at_eve.leave(ticket).await;
    heard(&mut desk.at_bob, ticket, &json!(null), false, false).await;
}
