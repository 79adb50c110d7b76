//! Events that are told together.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use domain::actor::Role;
use domain::ticket::{Status, StatusChanged, TicketEvent, Visibility};
use parking_lot::{Condvar, Mutex};
use realtime::Options;

use crate::client::Client;
use crate::world::{World, id};

/// Holds the relay at the next event.
#[derive(Default)]
struct Gate {
    shut: Mutex<bool>,
    opened: Condvar,
    reached: AtomicBool,
}

impl Gate {
    fn options(gate: &Arc<Self>) -> Options {
        let gate = Arc::clone(gate);
        Options {
            probe: Some(Arc::new(move |_| {
                let mut shut = gate.shut.lock();
                gate.reached.store(*shut, Ordering::SeqCst);
                gate.opened.wait_while(&mut shut, |shut| *shut);
            })),
            ..Options::default()
        }
    }

    /// Lets nothing through until `open`; begins with what `append` appends.
    async fn hold<T>(&self, append: impl Future<Output = T>) -> T {
        *self.shut.lock() = true;
        let appended = append.await;
        crate::world::until("the relay stands at the gate", || {
            self.reached.load(Ordering::SeqCst)
        })
        .await;
        appended
    }

    fn open(&self) {
        *self.shut.lock() = false;
        self.opened.notify_all();
    }
}

fn resolved() -> TicketEvent {
    TicketEvent::StatusChanged(StatusChanged {
        status: Status::Resolved,
    })
}

async fn positions(client: &mut Client) -> Vec<i64> {
    let received = client.everything().await;
    let position = |received: &crate::client::Received| received.meta["position"].as_i64().unwrap();
    received.iter().map(position).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_client_has_those_that_are_for_it_once_and_in_order() {
    let gate = Arc::new(Gate::default());
    let world = World::with(Gate::options(&gate)).await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let tickets = [
        world.ticket(&owner, "Printer is broken").await,
        world.ticket(&agent, "Screen is dark").await,
    ];
    world.settled().await;
    let mut in_both = Client::connect(&world, &agent).await;
    in_both.join(tickets[0]).await;
    in_both.join(tickets[1]).await;
    let mut in_one = Client::connect(&world, &owner).await;
    in_one.join(tickets[0]).await;
    let mut outside = Client::connect(&world, &agent).await;

    // Two rooms only, one after the other and mixed; more than are told together; then also for all.
    let say = async |ticket: usize, visibility| {
        world
            .comment(tickets[ticket], &agent, visibility, "Look at this")
            .await
    };
    let first = gate.hold(say(0, Visibility::Public)).await;
    let mut of = [vec![first], Vec::new()];
    for round in 0..20 {
        of[round % 2].push(say(round % 2, Visibility::Public).await);
    }
    let internal = say(0, Visibility::Internal).await;
    let changed = world.ticket_event(tickets[1], &agent, &resolved()).await;
    let last = say(0, Visibility::Public).await;
    gate.open();
    world.settled().await;

    let mut for_owner = of[0].clone();
    for_owner.push(last);
    let mut for_agent = [&of[0][..], &of[1][..], &[internal, changed, last]].concat();
    for_agent.sort_unstable();
    assert_eq!(positions(&mut in_both).await, for_agent);
    assert_eq!(positions(&mut in_one).await, for_owner);
    assert_eq!(positions(&mut outside).await, [changed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn rights_that_end_between_two_of_them_end_there() {
    let gate = Arc::new(Gate::default());
    let world = World::with(Gate::options(&gate)).await;
    let agent = world.person("agent", Role::Admin).await;
    let colleague = world.person("colleague", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    world.settled().await;
    let mut client = Client::connect(&world, &colleague).await;
    client.join(ticket).await;

    let say = || world.comment(ticket, &agent, Visibility::Internal, "Between us");
    let before = gate.hold(say()).await;
    let also_before = say().await;
    world.change_role(&colleague, Role::User).await;
    say().await;
    gate.open();
    world.settled().await;
    assert_eq!(positions(&mut client).await, [before, also_before]);
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_cannot_be_told_does_not_keep_back_those_around_it() {
    let gate = Arc::new(Gate::default());
    let world = World::with(Gate::options(&gate)).await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&agent, "Printer is broken").await;
    let strange = world.ticket(&agent, "Screen is dark").await;
    world.settled().await;
    let mut client = Client::connect(&world, &agent).await;
    client.join(ticket).await;

    let say = || world.comment(ticket, &agent, Visibility::Public, "Look at this");
    let mut expected = vec![gate.hold(say()).await, say().await];
    let later = eventlog::NewEvent {
        event_id: id(),
        event_type: "TicketBlessed".to_owned(),
        schema_version: 1,
        payload: "{}".to_owned(),
    };
    let stream = eventlog::StreamId::new("ticket", strange.as_uuid());
    let blessed = world.append_raw(stream, vec![later], "system:test").await;
    expected.extend([say().await, say().await]);
    gate.open();
    world.settled().await;
    let resync = client.control("resync").await;
    assert_eq!(
        resync,
        serde_json::json!({ "position": blessed, "reason": "missed" })
    );
    assert_eq!(positions(&mut client).await, expected);
    assert_eq!(world.realtime.stats().parked, 1);
}
