//! Who is there, and who has which ticket open: told to agents, and to nobody else.

use std::time::Duration;

use domain::actor::Role;
use realtime::{Options, PresenceOptions};
use serde_json::{Value, json};

use crate::client::Client;
use crate::world::{Person, World};

/// Times that a test can wait for.
pub(crate) fn quick() -> PresenceOptions {
    PresenceOptions {
        linger: Duration::from_millis(400),
        gather: Duration::from_millis(20),
        beat: Duration::from_millis(50),
        node_patience: Duration::from_millis(600),
        typing_silence: Duration::from_millis(500),
        typing_again: Duration::from_millis(200),
    }
}

pub(crate) async fn world(presence: PresenceOptions) -> World {
    World::with(Options {
        presence,
        ..Options::default()
    })
    .await
}

pub(crate) fn person(of: &Person, name: &str, role: &str, state: &str) -> Value {
    json!({ "id": of.account.to_string(), "name": name, "role": role, "state": state })
}

/// Waits until the client is told that this person is so.
pub(crate) async fn told(client: &mut Client, of: &Person, state: &str) -> Value {
    let is_told = |frame: &Value| {
        let people = frame["people"].as_array().unwrap();
        let is_it = |person: &&Value| person["id"] == of.account.to_string() && person["state"] == state;
        people.iter().any(|person| is_it(&person))
    };
    client.signal_where("presence:changed", is_told).await
}

pub(crate) async fn viewers(client: &mut Client, expected: &[Value]) {
    let is_told = |frame: &Value| frame["viewers"] == json!(expected);
    client.signal_where("viewers:changed", is_told).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn agents_see_who_comes_and_goes_and_tabs_count_once() {
    let world = world(quick()).await;
    let (ada, bob) = (
        world.person("Ada", Role::Admin).await,
        world.person("Bob", Role::User).await,
    );
    let mut agent = Client::connect(&world, &ada).await;
    told(&mut agent, &ada, "online").await;
    let mut one = Client::connect(&world, &bob).await;
    told(&mut agent, &bob, "online").await;
    let mut two = Client::connect(&world, &bob).await;

    assert_eq!(
        one.ask("presence", &json!({ "state": "away" })).await,
        json!({ "ok": true })
    );
    let listed = agent.ask("presence:list", &json!(null)).await;
    let mut expected = [
        person(&ada, "Ada", "ADMIN", "online"),
        person(&bob, "Bob", "USER", "online"),
    ];
    assert_eq!(
        listed,
        json!({ "ok": true, "people": expected }),
        "agents come first"
    );
    two.ask("presence", &json!({ "state": "away" })).await;
    told(&mut agent, &bob, "away").await;
    expected[1] = person(&bob, "Bob", "USER", "away");
    assert_eq!(
        agent.ask("presence:list", &json!(null)).await["people"],
        json!(expected)
    );

    one.send("41").await;
    drop(two);
    let gone = told(&mut agent, &bob, "offline").await;
    assert_eq!(gone["people"], json!([person(&bob, "Bob", "USER", "offline")]));
    let heard: Vec<_> = agent.signals_so_far("presence:changed");
    assert!(heard.is_empty(), "nothing else: {heard:?}");
    assert_eq!(world.realtime.stats().presence.people, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_is_loaded_again_does_not_flicker() {
    let world = world(PresenceOptions {
        linger: Duration::from_secs(2),
        ..quick()
    })
    .await;
    let (ada, bob) = (
        world.person("Ada", Role::Admin).await,
        world.person("Bob", Role::User).await,
    );
    let ticket = world.ticket(&bob, "Printer is broken").await;
    let mut agent = Client::connect(&world, &ada).await;
    agent.join(ticket).await;
    for _ in 0..5 {
        let mut page = Client::connect(&world, &bob).await;
        page.join(ticket).await;
        page.viewing(ticket, "viewing").await;
        told_at_least_once(&mut agent, &bob).await;
        page.send("41").await;
    }
    told(&mut agent, &bob, "offline").await;
    let states: Vec<_> = agent.all_states(&bob);
    assert_eq!(states, ["online", "offline"]);
}

async fn told_at_least_once(agent: &mut Client, of: &Person) {
    if agent.all_states(of).is_empty() {
        told(agent, of, "online").await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn who_does_not_answer_is_gone_at_once_and_so_is_who_may_no_longer_be_here() {
    let world = World::with(Options {
        ping_interval: Duration::from_millis(200),
        ping_timeout: Duration::from_millis(200),
        presence: PresenceOptions {
            linger: Duration::from_hours(1),
            ..quick()
        },
        ..Options::default()
    })
    .await;
    let (ada, bob, eve) = (
        world.person("Ada", Role::Admin).await,
        world.person("Bob", Role::User).await,
        world.person("Eve", Role::User).await,
    );
    let mut agent = Client::connect(&world, &ada).await;
    let silent = Client::connect(&world, &bob).await;
    told(&mut agent, &bob, "online").await;
    told(&mut agent, &bob, "offline").await;
    drop(silent);

    let mut leaving = Client::connect(&world, &eve).await;
    told(&mut agent, &eve, "online").await;
    world.deactivate(&eve).await;
    told(&mut agent, &eve, "offline").await;
    leaving.ended().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_has_a_ticket_open_is_shown_to_agents_in_its_room() {
    let world = world(quick()).await;
    let (ada, bob) = (
        world.person("Ada", Role::Admin).await,
        world.person("Bob", Role::User).await,
    );
    let ticket = world.ticket(&bob, "Printer is broken").await;
    let mut agent = Client::connect(&world, &ada).await;
    let mut owner = Client::connect(&world, &bob).await;
    let not_in = json!({ "ok": false, "error": "not found" });
    assert_eq!(agent.viewing(ticket, "viewing").await, not_in, "not in the room");
    agent.join(ticket).await;
    owner.join(ticket).await;

    let looks = person(&ada, "Ada", "ADMIN", "viewing");
    let answer = agent.viewing(ticket, "viewing").await;
    assert_eq!(answer, json!({ "ok": true, "viewers": [looks] }));
    let answer = owner.viewing(ticket, "open").await;
    assert_eq!(answer, json!({ "ok": true }), "a requester is not told who looks");
    let open = person(&bob, "Bob", "USER", "open");
    viewers(&mut agent, &[looks, open.clone()]).await;

    let mut tab = Client::connect(&world, &ada).await;
    tab.join(ticket).await;
    tab.viewing(ticket, "editing").await;
    let edits = person(&ada, "Ada", "ADMIN", "editing");
    viewers(&mut agent, &[edits.clone(), open.clone()]).await;
    owner.viewing(ticket, "closed").await;
    viewers(&mut agent, std::slice::from_ref(&edits)).await;
    owner.viewing(ticket, "open").await;
    viewers(&mut agent, &[edits, open.clone()]).await;
    tab.leave(ticket).await;
    agent.leave(ticket).await;
    agent.join(ticket).await;
    owner.leave(ticket).await;
    viewers(&mut agent, &[]).await;
    assert_eq!(world.realtime.stats().presence.tickets, 0);

    owner.everything().await;
    for name in ["presence:changed", "viewers:changed", "operations:changed"] {
        assert!(
            owner.signals_so_far(name).is_empty(),
            "{name} reached a requester"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn only_agents_may_ask_and_nonsense_is_refused() {
    let world = world(quick()).await;
    let not_permitted = json!({ "ok": false, "error": "not permitted" });
    for role in [Role::User, Role::Auditor, Role::Operator] {
        let somebody = world.person("somebody", role).await;
        let mut client = Client::connect(&world, &somebody).await;
        assert_eq!(
            client.ask("presence:list", &json!(null)).await,
            not_permitted,
            "{role}"
        );
    }
    let ada = world.person("Ada", Role::Admin).await;
    let mut client = Client::connect(&world, &ada).await;
    for (name, said) in [
        ("presence", json!({ "state": "offline" })),
        ("presence", json!("online")),
        ("presence", json!({ "state": "online", "more": 1 })),
        ("viewing", json!({ "ticket": "7", "state": "open" })),
        ("viewing", json!(null)),
        ("typing", json!({ "ticket": null, "typing": 1 })),
    ] {
        let answer = client.ask(name, &said).await;
        let error = answer["error"].as_str().unwrap();
        assert!(error.starts_with("bad request: "), "{name}: {answer}");
    }
    assert!(client.is_well().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_loses_the_role_is_told_nothing_more_and_whoever_gains_it_is() {
    let world = world(quick()).await;
    let (ada, bob) = (
        world.person("Ada", Role::Admin).await,
        world.person("Bob", Role::User).await,
    );
    let mut former = Client::connect(&world, &ada).await;
    let mut next = Client::connect(&world, &bob).await;
    told(&mut former, &bob, "online").await;
    world.change_role(&bob, Role::Admin).await;
    world.change_role(&ada, Role::User).await;
    world.settled().await;
    former.everything().await;
    former.signals_so_far("presence:changed");

    let eve = world.person("Eve", Role::User).await;
    let _there = Client::connect(&world, &eve).await;
    told(&mut next, &eve, "online").await;
    former.everything().await;
    assert!(former.signals_so_far("presence:changed").is_empty());
    let listed = next.ask("presence:list", &json!(null)).await;
    let roles: Vec<_> = listed["people"]
        .as_array()
        .unwrap()
        .iter()
        .map(|p| &p["role"])
        .collect();
    assert_eq!(roles, ["ADMIN", "USER", "USER"]);
}
