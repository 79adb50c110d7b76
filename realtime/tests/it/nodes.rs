//! Two nodes on one database: what is no fact crosses too, and is found again when something of it is lost.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use domain::TicketId;
use domain::actor::Role;
use domain::ticket::Visibility;
use futures::StreamExt;
use futures::stream::{self, BoxStream};
use realtime::{Options, PresenceOptions, SIGNAL_BYTES_MAX, Signal, Signals};
use serde_json::{Value, json};
use tokio::sync::broadcast;
use uuid::Uuid;

use crate::client::Client;
use crate::presence::{person, quick, told, viewers};
use crate::world::{Person, World};

/// What joins the nodes of a test.
#[derive(Clone)]
struct Hub(broadcast::Sender<(u64, Signal)>);

/// One node's way to the others.
struct Way {
    hub: Hub,
    number: u64,
    /// Whether what this node says is lost.
    mute: AtomicBool,
    /// Of how many messages one is lost; 0: none.
    loses_one_in: AtomicU64,
    said: AtomicU64,
}

impl Hub {
    fn new() -> Self {
        Self(broadcast::Sender::new(10_000))
    }

    fn node(&self, number: u64) -> Arc<Way> {
        Arc::new(Way {
            hub: self.clone(),
            number,
            mute: AtomicBool::new(false),
            loses_one_in: AtomicU64::new(0),
            said: AtomicU64::new(0),
        })
    }

    /// The connections of all nodes were broken for a moment.
    fn break_for_a_moment(&self) {
        drop(self.0.send((0, Signal::Missed)));
    }
}

impl Signals for Way {
    fn publish(&self, message: String) {
        assert!(
            message.len() <= SIGNAL_BYTES_MAX && !message.contains('\n'),
            "{message}"
        );
        let said = self.said.fetch_add(1, Ordering::SeqCst) + 1;
        let one_in = self.loses_one_in.load(Ordering::SeqCst);
        let is_lost = one_in > 0 && said.is_multiple_of(one_in);
        if !is_lost && !self.mute.load(Ordering::SeqCst) {
            drop(self.hub.0.send((self.number, Signal::Heard(message))));
        }
    }

    fn news(&self) -> BoxStream<'static, Signal> {
        let own = self.number;
        let news = self.hub.0.subscribe();
        stream::unfold(news, |mut news| async move {
            match news.recv().await {
                Ok(signal) => Some((signal, news)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some(((0, Signal::Missed), news)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        })
        .filter_map(move |(from, signal)| async move { (from != own).then_some(signal) })
        .boxed()
    }
}

fn options(way: &Arc<Way>, presence: PresenceOptions) -> Options {
    Options {
        node: Uuid::from_u128(u128::from(way.number)),
        signals: Arc::clone(way) as Arc<dyn Signals>,
        presence,
        ..Options::default()
    }
}

struct Nodes {
    hub: Hub,
    ways: [Arc<Way>; 2],
    one: World,
    two: World,
}

impl Nodes {
    async fn new(presence: PresenceOptions) -> Self {
        let hub = Hub::new();
        let ways = [hub.node(1), hub.node(2)];
        let one = World::with(options(&ways[0], presence)).await;
        let two = one.restarted(options(&ways[1], presence)).await;
        Self { hub, ways, one, two }
    }
}

/// An agent at the first node and a requester at the second, both in the room of the requester's ticket.
struct Meeting {
    nodes: Nodes,
    bob: Person,
    ticket: TicketId,
    agent: Client,
    owner: Client,
}

impl Meeting {
    async fn new(presence: PresenceOptions) -> Self {
        let nodes = Nodes::new(presence).await;
        let ada = nodes.one.person("Ada", Role::Admin).await;
        let bob = nodes.one.person("Bob", Role::User).await;
        let ticket = nodes.one.ticket(&bob, "Printer is broken").await;
        nodes.two.settled().await;
        let mut agent = Client::connect(&nodes.one, &ada).await;
        agent.join(ticket).await;
        let mut owner = Client::connect(&nodes.two, &bob).await;
        owner.join(ticket).await;
        Self {
            nodes,
            bob,
            ticket,
            agent,
            owner,
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn people_viewers_and_typing_cross() {
    let Meeting {
        nodes: Nodes { one, two: _two, .. },
        bob,
        ticket,
        mut agent,
        mut owner,
    } = Meeting::new(quick()).await;
    told(&mut agent, &bob, "online").await;
    owner.viewing(ticket, "editing").await;
    viewers(&mut agent, &[person(&bob, "Bob", "USER", "editing")]).await;
    agent.viewing(ticket, "open").await;

    owner.typing(ticket, false, true).await;
    let by_bob = |typing: bool| {
        let person = json!({ "id": bob.account.to_string(), "name": "Bob" });
        move |frame: &Value| frame["person"] == person && frame["typing"] == typing
    };
    agent.signal_where("typing", by_bob(true)).await;
    agent.signal_where("typing", by_bob(false)).await;
    agent.typing(ticket, false, true).await;
    owner
        .signal_where("typing", |frame| {
            frame["person"].is_null() && frame["typing"] == true
        })
        .await;
    owner
        .signal_where("typing", |frame| frame["typing"] == false)
        .await;

    // Two tabs at two nodes are one person.
    let mut tab = Client::connect(&one, &bob).await;
    tab.ask("presence", &json!({ "state": "away" })).await;
    owner.send("41").await;
    told(&mut agent, &bob, "away").await;
    drop(tab);
    told(&mut agent, &bob, "offline").await;
    let states = agent.all_states(&bob);
    assert_eq!(states, ["online", "away", "offline"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_sent_ends_the_typing_at_the_other_node_too() {
    let slow = PresenceOptions {
        typing_silence: Duration::from_hours(1),
        ..quick()
    };
    let Meeting {
        nodes: Nodes { one, two: _two, .. },
        bob,
        ticket,
        mut agent,
        mut owner,
    } = Meeting::new(slow).await;
    owner.typing(ticket, false, true).await;
    agent
        .signal_where("typing", |frame| frame["typing"] == true)
        .await;
    one.comment(ticket, &bob, Visibility::Public, "Here it is").await;
    agent
        .signal_where("typing", |frame| frame["typing"] == false)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_falls_silent_is_forgotten_with_everybody_on_it() {
    let Meeting {
        nodes: Nodes {
            ways, one, two: _two, ..
        },
        bob,
        ticket,
        mut agent,
        mut owner,
    } = Meeting::new(quick()).await;
    owner.viewing(ticket, "viewing").await;
    told(&mut agent, &bob, "online").await;
    let looks = json!([person(&bob, "Bob", "USER", "viewing")]);
    agent
        .last_is("viewers:changed", |frame| frame["viewers"] == looks)
        .await;
    owner.typing(ticket, false, true).await;
    agent
        .signal_where("typing", |frame| frame["typing"] == true)
        .await;

    ways[1].mute.store(true, Ordering::SeqCst);
    one.until("the node is forgotten", |stats| stats.presence.nodes == 0)
        .await;
    agent.last_is("typing", |frame| frame["typing"] == false).await;
    agent
        .last_is("viewers:changed", |frame| frame["viewers"] == json!([]))
        .await;
    let is = |state: &'static str| move |frame: &Value| frame["people"][0]["state"] == state;
    agent.last_is("presence:changed", is("offline")).await;

    // It was only cut off: it is known again, with all that it knows.
    ways[1].mute.store(false, Ordering::SeqCst);
    agent.last_is("presence:changed", is("online")).await;
    agent
        .last_is("viewers:changed", |frame| frame["viewers"] == looks)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_starts_learns_who_is_there() {
    let hub = Hub::new();
    let way = hub.node(1);
    let one = World::with(options(&way, quick())).await;
    let mut there = Vec::new();
    for number in 0..150 {
        let somebody = one.person(&format!("Somebody {number}"), Role::User).await;
        there.push(Client::connect(&one, &somebody).await);
    }
    one.until("all are there", |stats| stats.presence.people == 150)
        .await;
    let two = one.restarted(options(&hub.node(2), quick())).await;
    two.until("all are known", |stats| stats.presence.people == 150)
        .await;
    let said = two.realtime.stats().presence;
    assert_eq!(said.nodes, 1, "{said:?}");
    drop(there);
    two.until("nobody is left", |stats| stats.presence.people == 0)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_lost_on_the_way_is_found_again() {
    let Nodes { hub, ways, one, two } = Nodes::new(quick()).await;
    let ada = one.person("Ada", Role::Admin).await;
    let mut agent = Client::connect(&one, &ada).await;
    for way in &ways {
        way.loses_one_in.store(3, Ordering::SeqCst);
    }
    let mut people = Vec::new();
    for number in 0..12 {
        let somebody = one.person(&format!("Somebody {number}"), Role::User).await;
        let client = Client::connect(&two, &somebody).await;
        people.push((somebody, client));
    }
    one.until("all are known", |stats| stats.presence.people == 13)
        .await;
    for (_, client) in people.drain(..6) {
        drop(client);
    }
    one.until("half are gone", |stats| stats.presence.people == 7)
        .await;
    assert!(one.realtime.stats().presence.missed > 0, "something was lost");

    for way in &ways {
        way.loses_one_in.store(0, Ordering::SeqCst);
        way.mute.store(true, Ordering::SeqCst);
    }
    for (_, client) in people.drain(..3) {
        drop(client);
    }
    two.until("others are gone", |stats| stats.presence.people <= 4)
        .await;
    for way in &ways {
        way.mute.store(false, Ordering::SeqCst);
    }
    hub.break_for_a_moment();
    for world in [&one, &two] {
        world
            .until("both know the same", |stats| stats.presence.people == 4)
            .await;
    }
    let listed = agent.ask("presence:list", &json!(null)).await;
    assert_eq!(listed["people"].as_array().unwrap().len(), 4);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_node_that_stops_takes_its_typists_with_it_at_once() {
    let slow = PresenceOptions {
        typing_silence: Duration::from_hours(1),
        node_patience: Duration::from_secs(2),
        ..quick()
    };
    let Meeting {
        nodes: Nodes { one, two, .. },
        bob,
        ticket,
        mut agent,
        mut owner,
    } = Meeting::new(slow).await;
    owner.typing(ticket, false, true).await;
    agent
        .signal_where("typing", |frame| frame["typing"] == true)
        .await;
    two.realtime.close().await;
    agent
        .signal_where("typing", |frame| frame["typing"] == false)
        .await;
    // He has come to the other node before the first is forgotten: he was never away.
    let back = Client::connect(&one, &bob).await;
    one.until("the node is forgotten", |stats| stats.presence.nodes == 0)
        .await;
    agent.everything().await;
    assert_eq!(agent.all_states(&bob), ["online"]);
    drop(back);
    told(&mut agent, &bob, "offline").await;
}
