//! The official `socket.io-client` from npm, driven from here: one Node process for the run, or some of a test's own, and
//! any number of sockets.
//!
//! Whatever a socket receives is held against the document of the protocol (`/api/asyncapi.json`). What is not as it says
//! there fails the test that received it: where it next waits for something, or at the socket's end.

mod driver;
mod inbox;
mod protocol;

use std::sync::Arc;

use rustix::process::Signal;
use serde_json::{Map, Value, json};

use crate::{secrecy, wait};
use driver::Driver;
pub use inbox::Happening;
use inbox::Inbox;
pub use protocol::{violation_of_answer, violation_of_event, violation_of_refusal};

/// What a socket has received under one name: the arguments, in order.
pub type Args = Vec<Value>;

/// How a socket connects: the options of `io()`.
#[derive(Clone, Debug)]
pub struct ConnectOptions(Map<String, Value>);

impl Default for ConnectOptions {
    /// Websocket only, and no reconnection: whoever tests that asks for it.
    fn default() -> Self {
        Self(Map::new())
            .with("transports", json!(["websocket"]))
            .with("reconnection", json!(false))
    }
}

impl ConnectOptions {
    /// With an option of `io()`.
    #[must_use]
    pub fn with(mut self, name: &str, value: Value) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }

    /// With a session token in the handshake.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        secrecy::plant("token", token);
        self.with("auth", json!({ "token": token }))
    }

    /// With these transports, in this order.
    #[must_use]
    pub fn transports(self, transports: &[&str]) -> Self {
        self.with("transports", json!(transports))
    }

    /// With HTTP headers.
    #[must_use]
    pub fn headers(self, headers: &Value) -> Self {
        self.with("extraHeaders", headers.clone())
    }

    /// As an application that comes back: passes the last position that it has seen at every connection.
    #[must_use]
    pub fn resuming(self) -> Self {
        self.reconnecting().with("resume", json!(true))
    }

    /// Connects again after a loss, soon.
    #[must_use]
    pub fn reconnecting(self) -> Self {
        self.with("reconnection", json!(true))
            .with("reconnectionDelay", json!(50))
            .with("reconnectionDelayMax", json!(500))
    }
}

/// A Node process of a test's own, with the sockets in it: what is done to it, is done to all of them.
pub struct ClientProcess(Arc<Driver>);

impl Default for ClientProcess {
    fn default() -> Self {
        Self(Arc::new(Driver::start()))
    }
}

impl ClientProcess {
    /// Begins to connect one of its sockets to `url`.
    pub fn open(&self, url: &str, options: ConnectOptions) -> SocketClient {
        SocketClient::open_in(Arc::clone(&self.0), url, options)
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        self.0.signal(signal);
    }
}

/// One socket. Disconnects when it is dropped.
pub struct SocketClient {
    name: String,
    driver: Arc<Driver>,
    inbox: Arc<Inbox>,
}

impl Drop for SocketClient {
    fn drop(&mut self) {
        self.driver.send(&json!({ "op": "forget", "socket": self.name }));
        self.driver.forget(&self.name);
        if !std::thread::panicking() {
            self.inbox.insist_on_the_protocol();
        }
    }
}

impl SocketClient {
    /// Begins to connect to `url`.
    pub fn open(url: &str, options: ConnectOptions) -> Self {
        Self::open_in(Driver::of_this_run(), url, options)
    }

    fn open_in(driver: Arc<Driver>, url: &str, ConnectOptions(options): ConnectOptions) -> Self {
        let (name, inbox) = driver.new_socket();
        let mut wish = json!({ "op": "connect", "socket": name, "url": url });
        wish["options"] = options.into();
        driver.send(&wish);
        Self { name, driver, inbox }
    }

    /// Connects to `url`, which must succeed.
    pub async fn connect(url: &str, options: ConnectOptions) -> Self {
        let socket = Self::open(url, options);
        socket.connected().await;
        socket
    }

    /// Waits until it is connected for the `n`th time in its life; the first time is 1.
    pub async fn connected_times(&self, n: usize) {
        let look = |happenings: &[Happening]| {
            let times = count(happenings, "connect");
            let refused = happenings
                .iter()
                .find(|happening| happening.kind == "connect_error");
            match refused {
                Some(refused) if n == 1 => panic!("not connected: {:?}", refused.rest),
                _ => (times >= n).then_some(()),
            }
        };
        wait::within(format!("connection {n} of {}", self.name), self.inbox.find(look)).await;
    }

    /// Waits until it has lost its connection for the `n`th time in its life.
    pub async fn disconnected_times(&self, n: usize) {
        let look = |happenings: &[Happening]| (count(happenings, "disconnect") >= n).then_some(());
        wait::within(format!("loss {n} of {}", self.name), self.inbox.find(look)).await;
    }

    /// Waits until it is connected.
    pub async fn connected(&self) {
        self.connected_times(1).await;
    }

    /// Waits for the server to refuse it; says why.
    pub async fn refused(&self) -> String {
        let happening = self.first("connect_error").await;
        happening["message"].as_str().unwrap().to_owned()
    }

    /// Waits for the end of the connection; says why.
    pub async fn disconnected(&self) -> String {
        let happening = self.first("disconnect").await;
        happening["reason"].as_str().unwrap().to_owned()
    }

    /// Waits for its transport to become another; says which.
    pub async fn upgraded(&self) -> String {
        let happening = self.first("upgrade").await;
        happening["transport"].as_str().unwrap().to_owned()
    }

    /// The id that the server gave it, and the transport that it connected by, at the last connection.
    pub fn identity(&self) -> (String, String) {
        let happenings = self.inbox.all();
        let connect = happenings
            .iter()
            .rfind(|happening| happening.kind == "connect")
            .expect("it is not connected");
        let text = |name: &str| connect.rest[name].as_str().unwrap().to_owned();
        (text("id"), text("transport"))
    }

    /// Emits `event` and waits for the acknowledgement.
    pub async fn ask(&self, event: &str, args: Value) -> Args {
        let call = self.driver.new_call();
        let wish = json!({ "op": "emit", "socket": self.name, "call": call, "event": event, "args": args });
        self.driver.send(&wish);
        let answer = wait::within(
            format!("an answer to {event}"),
            self.inbox.find(|happenings| {
                happenings
                    .iter()
                    .find(|happening| happening.rest["call"] == json!(call))
                    .cloned()
            }),
        )
        .await;
        assert_eq!(answer.kind, "ack", "{event}: {:?}", answer.rest);
        args_of(&answer)
    }

    /// Emits `event` without asking for an acknowledgement.
    pub fn emit(&self, event: &str, args: Value) {
        let call = self.driver.new_call();
        let mut wish =
            json!({ "op": "emit", "socket": self.name, "call": call, "event": event, "ack": false });
        wish["args"] = args;
        self.driver.send(&wish);
    }

    /// Waits until it has received `event` at least once, and says with what the first time.
    pub async fn expect(&self, event: &str) -> Args {
        self.expect_where(event, |_| true).await
    }

    /// Waits until it has received `event` with arguments that fit; says which.
    pub async fn expect_where(&self, event: &str, fits: impl Fn(&Args) -> bool) -> Args {
        let found = tokio::time::timeout(wait::DEADLINE, self.receives(event, fits)).await;
        found.unwrap_or_else(|_| panic!("{event} did not come; what did: {:#?}", self.events()))
    }

    /// As [`SocketClient::expect_where`], for whoever has a deadline of their own, and shows less.
    pub async fn receives(&self, event: &str, fits: impl Fn(&Args) -> bool) -> Args {
        let look = |happenings: &[Happening]| {
            happenings
                .iter()
                .filter(|happening| happening.is_event(event))
                .map(args_of)
                .find(|args| fits(args))
        };
        self.inbox.find(look).await
    }

    /// Everything that it has received under this name so far.
    pub fn received(&self, event: &str) -> Vec<Args> {
        let happenings = self.inbox.all();
        let wanted = happenings.iter().filter(|happening| happening.is_event(event));
        wanted.map(args_of).collect()
    }

    /// Everything that it has received so far: names and arguments.
    pub fn events(&self) -> Vec<(String, Args)> {
        let happenings = self.inbox.all();
        let events = happenings.iter().filter(|happening| happening.kind == "event");
        events
            .map(|happening| {
                (
                    happening.rest["event"].as_str().unwrap().to_owned(),
                    args_of(happening),
                )
            })
            .collect()
    }

    /// Everything that has happened to it so far, in order.
    pub fn happenings(&self) -> Vec<Happening> {
        self.inbox.all()
    }

    /// Connects again if it does not do so by itself, with these parts of `auth` from now on.
    pub fn reconnect(&self, auth: &Value) {
        self.driver
            .send(&json!({ "op": "reconnect", "socket": self.name, "auth": auth }));
    }

    /// Asks to be let into the rooms of all tickets that it has ever wanted to be in.
    pub fn rejoin(&self) {
        self.driver.send(&json!({ "op": "rejoin", "socket": self.name }));
    }

    /// Disconnects, as an application does.
    pub fn disconnect(&self) {
        self.driver
            .send(&json!({ "op": "disconnect", "socket": self.name }));
    }

    /// Loses its connection, as by a network that fails.
    pub fn lose_connection(&self) {
        self.driver.send(&json!({ "op": "break", "socket": self.name }));
    }

    async fn first(&self, kind: &str) -> Value {
        let look = |happenings: &[Happening]| {
            let found = happenings.iter().find(|happening| happening.kind == kind);
            found.map(|happening| happening.rest.clone())
        };
        let found = tokio::time::timeout(wait::DEADLINE, self.inbox.find(look)).await;
        found.unwrap_or_else(|_| panic!("no {kind}; what happened: {:#?}", self.inbox.all()))
    }
}

fn count(happenings: &[Happening], kind: &str) -> usize {
    happenings
        .iter()
        .filter(|happening| happening.kind == kind)
        .count()
}

fn args_of(happening: &Happening) -> Args {
    happening.rest["args"].as_array().unwrap().clone()
}
