//! An official client that comes back by itself whenever it may.

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::chaos_proxy::{ChaosProxy, Weather};
use tests::socketio::{Args, ConnectOptions, SocketClient};

/// A client that may lose its connection, and the way that it goes.
pub(super) struct Traveller {
    pub(super) socket: SocketClient,
    pub(super) way: ChaosProxy,
    /// What it had received when it lost its connection last.
    seen: usize,
    losses: usize,
}

impl Traveller {
    /// Connects as this person, and joins the rooms of these tickets in the same breath.
    pub(super) async fn new(app: &TestApp, person: &Client, tickets: &[&Value]) -> Self {
        let tickets: Vec<&Value> = tickets.iter().map(|ticket| &ticket["id"]).collect();
        let auth = json!({ "token": person.token(), "tickets": tickets });
        Self::with(app, &auth).await
    }

    pub(super) async fn with(app: &TestApp, auth: &Value) -> Self {
        let way = ChaosProxy::before(app.address()).await;
        let options = ConnectOptions::default().resuming().with("auth", auth.clone());
        let socket = SocketClient::connect(&format!("http://{}", way.address()), options).await;
        let welcome = socket.expect("welcome").await;
        let tickets = welcome[0]["tickets"].as_array().unwrap();
        assert!(tickets.iter().all(|ticket| ticket["ok"] == true), "{welcome:?}");
        Self {
            socket,
            way,
            seen: 0,
            losses: 0,
        }
    }

    /// Loses its connection, and can make no other one.
    pub(super) async fn leave(&mut self) {
        self.way.set(Weather::Down);
        self.losses += 1;
        self.socket.disconnected_times(self.losses).await;
        self.seen = self.socket.events().len();
    }

    /// The way is open again: waits until it is back, and has been told that it has caught up. Its welcome.
    pub(super) async fn come_back(&self) -> Value {
        self.way.set(Weather::Calm);
        self.socket.connected_times(self.losses + 1).await;
        let of_this_time = |event: &str| self.since(event).into_iter().next();
        tests::wait::until("it has caught up", async || of_this_time("caught-up")).await;
        of_this_time("welcome").unwrap()[0].clone()
    }

    /// What it has received under this name since it lost its connection last.
    pub(super) fn since(&self, event: &str) -> Vec<Args> {
        let events = self.socket.events().into_iter().skip(self.seen);
        let wanted = events.filter(|(name, _)| name == event);
        wanted.map(|(_, args)| args).collect()
    }

    /// The broadcasts since then: their names, positions, and whether they were told late.
    pub(super) fn told(&self) -> Vec<(String, i64, bool)> {
        let told = self.socket.events().into_iter().skip(self.seen);
        let broadcasts = told.filter(|(name, _)| super::is_broadcast(name));
        broadcasts
            .map(|(name, args)| {
                let position = args[1]["position"].as_i64().unwrap();
                (name, position, args[1]["replayed"] == true)
            })
            .collect()
    }

    /// Whether anything since then says this word.
    pub(super) fn has_heard(&self, word: &str) -> bool {
        let events: Vec<_> = self.socket.events().into_iter().skip(self.seen).collect();
        json!(events).to_string().contains(word)
    }
}
