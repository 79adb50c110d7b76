//! Joining and leaving a ticket's room.

use domain::actor::Role;
use domain::ids::TicketId;
use domain::ticket::{Deleted, TicketEvent, Visibility};
use realtime::{InboundRate, Options};
use serde_json::{Value, json};

use crate::client::{Client, names};
use crate::world::{World, id};

fn ok() -> Value {
    json!({ "ok": true })
}

fn limited(limit: &str, retry_after_ms: u64) -> Value {
    json!({ "ok": false, "error": "limited", "limit": limit, "retryAfterMs": retry_after_ms })
}

fn refused(error: &str) -> Value {
    json!({ "ok": false, "error": error })
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_is_acknowledged_or_told_why_not() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let stranger = world.person("stranger", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    let mut client = Client::connect(&world, &owner).await;

    assert_eq!(client.join(ticket).await, ok());
    assert_eq!(client.join(ticket).await, ok(), "a second time");
    let nowhere = TicketId::from_uuid(id());
    assert_eq!(client.join(nowhere).await, refused("not found"));
    let foreign = world.ticket(&stranger, "Somebody else's").await;
    assert_eq!(
        client.join(foreign).await,
        refused("not found"),
        "the same as for none"
    );
    for rubbish in [
        json!("rubbish"),
        json!(""),
        json!(7),
        json!(null),
        json!({ "id": ticket.to_string() }),
        json!([ticket.to_string()]),
        json!(format!("ticket:{ticket}")),
        json!(format!("{ticket}\u{0}")),
        json!(ticket.as_uuid().simple().to_string()),
        json!("x".repeat(10_000)),
    ] {
        let answer = client.ask("join-ticket", &rubbish).await;
        assert_eq!(answer, refused("not a ticket id"), "{rubbish}");
        let answer = client.ask("leave-ticket", &rubbish).await;
        assert_eq!(answer, refused("not a ticket id"), "{rubbish}");
    }
    assert_eq!(world.realtime.stats().members, 1);
    assert_eq!(client.leave(ticket).await, ok());
    assert_eq!(client.leave(ticket).await, ok(), "a second time");
    assert_eq!(world.realtime.stats().rooms, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_originals_client_joins_without_an_acknowledgement() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    let mut client = Client::connect(&world, &owner).await;

    client.send(&format!("42[\"join-ticket\",\"{ticket}\"]")).await;
    world.until("the join", |stats| stats.members == 1).await;
    world
        .comment(ticket, &owner, Visibility::Public, "Still broken")
        .await;
    assert_eq!(client.next().await.name, "comment:added");
    client.send(&format!("42[\"leave-ticket\",\"{ticket}\"]")).await;
    world.until("the leave", |stats| stats.rooms == 0).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_room_is_empty_after_its_client_has_gone() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    let mut polite = Client::connect(&world, &owner).await;
    let mut rude = Client::connect(&world, &owner).await;
    polite.join(ticket).await;
    rude.join(ticket).await;
    assert_eq!(world.realtime.stats().members, 2);

    polite.send("41").await;
    world
        .until("the polite one is gone", |stats| stats.members == 1)
        .await;
    drop(rude);
    world
        .until("the rude one is gone", |stats| {
            stats.sockets == 0 && stats.rooms == 0
        })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_socket_may_be_in_so_many_rooms_and_no_more() {
    let options = Options {
        rooms_per_socket_max: 2,
        ..Options::default()
    };
    let world = World::with(options).await;
    let agent = world.person("agent", Role::Admin).await;
    let mut client = Client::connect(&world, &agent).await;
    let mut tickets = Vec::new();
    for title in ["First one", "Second one", "Third one"] {
        tickets.push(world.ticket(&agent, title).await);
    }
    assert_eq!(client.join(tickets[0]).await, ok());
    assert_eq!(client.join(tickets[1]).await, ok());
    assert_eq!(client.join(tickets[2]).await, limited("rooms-per-socket", 1_000));
    assert_eq!(client.leave(tickets[0]).await, ok());
    assert_eq!(client.join(tickets[2]).await, ok());
    for _ in 0..10 {
        let nowhere = TicketId::from_uuid(id());
        assert_eq!(client.join(nowhere).await, limited("rooms-per-socket", 1_000));
    }
    assert_eq!(client.leave(tickets[1]).await, ok());
    for _ in 0..10 {
        let nowhere = TicketId::from_uuid(id());
        assert_eq!(
            client.join(nowhere).await,
            refused("not found"),
            "a refused join takes no place"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deleted_ticket_has_no_room() {
    let (world, agent, ticket) = World::with_ticket(Options::default()).await;
    let mut client = Client::connect(&world, &agent).await;
    client.join(ticket).await;
    world
        .ticket_event(ticket, &agent, &TicketEvent::Deleted(Deleted {}))
        .await;
    world.settled().await;
    assert_eq!(names(&client.everything().await), ["ticket:deleted"]);
    assert_eq!(world.realtime.stats().rooms, 0);
    assert_eq!(client.join(ticket).await, refused("not found"));
}

#[tokio::test(flavor = "multi_thread")]
async fn joins_beyond_the_rate_are_refused_and_a_flood_cuts_that_connection_only() {
    let options = Options {
        inbound: InboundRate {
            burst: 10,
            per_second: 1,
        },
        ..Options::default()
    };
    let (world, agent, ticket) = World::with_ticket(options).await;
    let mut bystander = Client::connect(&world, &agent).await;
    let mut client = Client::connect(&world, &agent).await;
    for _ in 0..10 {
        assert_eq!(client.join(ticket).await, ok());
    }
    let refusal = client.join(ticket).await;
    assert_eq!(refusal["limit"], "events-per-socket", "{refusal}");
    assert!(refusal["retryAfterMs"].as_u64().unwrap() <= 2_000, "{refusal}");
    let mut flooder = client;
    for _ in 0..20_000 {
        flooder.send("42[\"what-is-this\",1]").await;
    }
    flooder.ended().await;
    world
        .until("the flooder is gone", |stats| stats.sockets == 1)
        .await;
    assert_eq!(world.realtime.stats().cut, 1);
    assert!(bystander.is_well().await);
}
