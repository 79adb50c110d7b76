//! S-089 to S-093: the log's lines, letter for letter.

use std::fmt::{self, Write as _};
use std::sync::OnceLock;

use domain::actor::Role;
use domain::ticket::{Status, StatusChanged, TicketEvent, Visibility};
use parking_lot::Mutex;
use tracing::field::{Field, Visit};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::client::Client;
use crate::world::{World, until};

/// Everything that is logged while these tests run, from all of them.
fn lines() -> &'static Mutex<Vec<String>> {
    static LINES: OnceLock<Mutex<Vec<String>>> = OnceLock::new();
    LINES.get_or_init(|| {
        let subscriber = tracing_subscriber::registry().with(Collect);
        tracing::subscriber::set_global_default(subscriber).unwrap();
        Mutex::default()
    })
}

struct Collect;

impl<S: tracing::Subscriber> Layer<S> for Collect {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if !event.metadata().target().starts_with("realtime") {
            return;
        }
        let mut line = Line(String::new());
        event.record(&mut line);
        lines().lock().push(line.0);
    }
}

struct Line(String);

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if field.name() == "message" {
            write!(self.0, "{value:?}").unwrap();
        } else {
            write!(self.0, " {field}={value:?}").unwrap();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_says_what_the_seed_says_and_no_more() {
    lines();
    let world = World::new().await;
    let owner = world.person("canary owner", Role::User).await;
    let mut client = Client::connect(&world, &owner).await;
    let ticket = world.ticket(&owner, "canary: Printer is broken").await;
    client.join(ticket).await;
    world
        .comment(ticket, &owner, Visibility::Public, "canary: Still broken")
        .await;
    let closed = TicketEvent::StatusChanged(StatusChanged {
        status: Status::Closed,
    });
    world.ticket_event(ticket, &owner, &closed).await;
    world.settled().await;
    client.leave(ticket).await;
    let id = client.id.clone();
    client.send("41").await;
    let expected = [
        format!("[Socket.IO] Client connected: {id}"),
        format!("[Socket.IO] Socket {id} joined ticket:{ticket}"),
        format!("[Socket.IO] Emitted 'comment:added' to ticket:{ticket}"),
        format!("[Socket.IO] Emitted 'ticket:updated' to ticket:{ticket}"),
        format!("[Socket.IO] Socket {id} left ticket:{ticket}"),
        format!("[Socket.IO] Client disconnected: {id} (client namespace disconnect)"),
    ];
    let about_us = || -> Vec<String> {
        let lines = lines().lock();
        let ours = lines
            .iter()
            .filter(|line| line.contains(&id) || line.contains(&ticket.to_string()));
        ours.cloned().collect()
    };
    until("the last line", || about_us().len() >= expected.len()).await;
    assert_eq!(about_us(), expected);

    let lines = lines().lock();
    for general in ["ticket:created", "ticket:updated"] {
        let line = format!("[Socket.IO] Emitted '{general}' to all clients");
        assert!(lines.contains(&line), "{line}");
    }
    for line in lines.iter() {
        assert!(line.starts_with("[Socket.IO] "), "{line}");
        assert!(!line.contains("canary") && !line.contains(&owner.token), "{line}");
    }
}
