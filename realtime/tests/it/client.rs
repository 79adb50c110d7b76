//! A Socket.IO client by hand: it can do everything that a well-behaved one does, and what none should.

use std::collections::VecDeque;

use domain::ids::TicketId;
use futures::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::timeout;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{Error, Message};

use crate::world::{PATIENCE, Person, World, id};

/// How a request names its transport.
const WEBSOCKET: &str = "transport=websocket";

/// A broadcast as a client gets it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Received {
    pub(crate) name: String,
    pub(crate) object: Value,
    pub(crate) meta: Value,
}

pub(crate) struct Client {
    pub(crate) ws: WebSocketStream<TcpStream>,
    /// The Socket.IO id, once connected.
    pub(crate) id: String,
    acks: u64,
    received: VecDeque<Received>,
    /// Signals that nobody has asked for yet: names and objects.
    pub(crate) signals: VecDeque<(String, Value)>,
    /// All signals ever.
    told: Vec<(String, Value)>,
}

/// How a connection attempt ended that was not let in.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// By a `connect_error` with this message.
    Message(String),
    /// The connection was cut.
    Cut,
}

impl Client {
    /// A websocket with an Engine.IO session, not yet connected to the namespace.
    pub(crate) async fn open(world: &World, headers: &[(&str, &str)]) -> Result<Self, Error> {
        Self::open_with(world, headers, None).await
    }

    /// The same, with a receive buffer of this size.
    pub(crate) async fn open_with(
        world: &World,
        headers: &[(&str, &str)],
        receive_bytes: Option<u32>,
    ) -> Result<Self, Error> {
        let tcp = TcpSocket::new_v4()?;
        if let Some(bytes) = receive_bytes {
            tcp.set_recv_buffer_size(bytes)?;
        }
        Self::open_on(world, WEBSOCKET, headers, tcp).await
    }

    /// The same, by a request that names its transport so.
    pub(crate) async fn open_by(world: &World, transport: &str) -> Result<Self, Error> {
        Self::open_on(world, transport, &[], TcpSocket::new_v4()?).await
    }

    /// The same, from this address of the machine.
    pub(crate) async fn open_from(world: &World, address: [u8; 4]) -> Result<Self, Error> {
        let tcp = TcpSocket::new_v4()?;
        tcp.bind((address, 0).into())?;
        Self::open_on(world, WEBSOCKET, &[], tcp).await
    }

    async fn open_on(
        world: &World,
        transport: &str,
        headers: &[(&str, &str)],
        tcp: TcpSocket,
    ) -> Result<Self, Error> {
        let tcp = tcp.connect(world.address).await?;
        let url = format!("ws://{}/socket.io/?EIO=4&{transport}", world.address);
        let mut request = url.into_client_request()?;
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            request.headers_mut().append(name, value.parse().unwrap());
        }
        let (ws, _) = tokio_tungstenite::client_async(request, tcp).await?;
        let mut client = Self {
            ws,
            id: String::new(),
            acks: 0,
            received: VecDeque::new(),
            signals: VecDeque::new(),
            told: Vec::new(),
        };
        let open = client.packet().await.unwrap();
        assert!(open.starts_with('0'), "{open}");
        Ok(client)
    }

    /// Connects to the namespace.
    pub(crate) async fn join_namespace(mut self, auth: &Value) -> Result<Self, Refusal> {
        self.send(&format!("40{auth}")).await;
        loop {
            let Some(packet) = self.packet().await else {
                return Err(Refusal::Cut);
            };
            if let Some(connected) = packet.strip_prefix("40") {
                let connected: Value = serde_json::from_str(connected).unwrap();
                connected["sid"].as_str().unwrap().clone_into(&mut self.id);
                self.welcomed().await;
                return Ok(self);
            }
            if let Some(refused) = packet.strip_prefix("44") {
                let refused: Value = serde_json::from_str(refused).unwrap();
                return Err(Refusal::Message(refused["message"].as_str().unwrap().to_owned()));
            }
        }
    }

    /// Waits for the first frame of the connection, if it does not end before.
    async fn welcomed(&mut self) {
        if let Some(packet) = self.packet().await {
            assert!(packet.starts_with("42[\"welcome\","), "{packet}");
            self.keep(&packet);
        }
    }

    /// What the client was welcomed with.
    pub(crate) fn welcome(&self) -> &Value {
        let welcome = self.told.iter().find(|(name, _)| name == "welcome");
        welcome.map(|(_, object)| object).expect("a welcome")
    }

    pub(crate) async fn connect(world: &World, person: &Person) -> Self {
        let client = Self::open(world, &[]).await.unwrap();
        client.join_namespace(&person.auth()).await.unwrap()
    }

    pub(crate) async fn send(&mut self, packet: &str) {
        // A connection that was cut shows when reading.
        drop(self.ws.send(Message::text(packet)).await);
    }

    /// The next packet but pings, which are answered; `None` when the connection has ended.
    pub(crate) async fn packet(&mut self) -> Option<String> {
        loop {
            let message = timeout(PATIENCE, self.ws.next())
                .await
                .expect("a packet in time")?;
            match message {
                Ok(Message::Text(text)) if text.as_str() == "2" => self.send("3").await,
                Ok(Message::Text(text)) => return Some(text.as_str().to_owned()),
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(_) => {}
            }
        }
    }

    fn keep(&mut self, packet: &str) {
        let event: Vec<Value> = serde_json::from_str(packet.strip_prefix("42").unwrap_or("[]")).unwrap();
        match event.as_slice() {
            [Value::String(name), object, meta] => self.received.push_back(Received {
                name: name.clone(),
                object: object.clone(),
                meta: meta.clone(),
            }),
            [Value::String(name), object] => {
                self.signals.push_back((name.clone(), object.clone()));
                self.told.push((name.clone(), object.clone()));
            }
            _ => {}
        }
    }

    /// The next control frame or signal of this name, that has come already or not.
    pub(crate) async fn signal(&mut self, name: &str) -> Value {
        loop {
            if let Some(place) = self.signals.iter().position(|(known, _)| known == name) {
                return self.signals.remove(place).unwrap().1;
            }
            let packet = self.packet().await.expect("an open connection");
            self.keep(&packet);
        }
    }

    /// The next frame without a meta of this name whose object fits; those before it are passed over.
    pub(crate) async fn signal_where(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        loop {
            while let Some((told, object)) = self.signals.pop_front() {
                if told == name && fits(&object) {
                    return object;
                }
            }
            let packet = self.packet().await.expect("an open connection");
            self.keep(&packet);
        }
    }

    /// The next control frame of this name; those before it are passed over.
    pub(crate) async fn control(&mut self, name: &str) -> Value {
        self.signal_where(name, |_| true).await
    }

    /// Takes the frames of this name that have come and that nobody asked for.
    pub(crate) fn signals_so_far(&mut self, name: &str) -> Vec<Value> {
        let signals = self.signals.drain(..);
        let of_name = signals.filter(|(told, _)| told == name);
        of_name.map(|(_, object)| object).collect()
    }

    /// How many frames of this name have come so far, asked for or not.
    pub(crate) fn told(&self, name: &str) -> usize {
        self.told.iter().filter(|(told, _)| told == name).count()
    }

    /// Waits until the last frame without a meta of this name is so.
    pub(crate) async fn last_is(&mut self, name: &str, fits: impl Fn(&Value) -> bool) {
        loop {
            let last = self.told.iter().rfind(|(told, _)| told == name);
            if last.is_some_and(|(_, object)| fits(object)) {
                return;
            }
            let packet = self.packet().await.expect("an open connection");
            self.keep(&packet);
        }
    }

    /// Every state of somebody that this client has been told so far, in order.
    pub(crate) fn all_states(&self, of: &Person) -> Vec<String> {
        let frames = self.told.iter().filter(|(name, _)| name == "presence:changed");
        let people = frames.flat_map(|(_, frame)| frame["people"].as_array().unwrap());
        let theirs = people.filter(|person| person["id"] == of.account.to_string());
        theirs
            .map(|person| person["state"].as_str().unwrap().to_owned())
            .collect()
    }

    /// Says what this tab does with a ticket.
    pub(crate) async fn viewing(&mut self, ticket: TicketId, state: &str) -> Value {
        let said = json!({ "ticket": ticket.to_string(), "state": state });
        self.ask("viewing", &said).await
    }

    /// Says whether keys are pressed.
    pub(crate) async fn typing(&mut self, ticket: TicketId, internal: bool, typing: bool) -> Value {
        let said = json!({ "ticket": ticket.to_string(), "internal": internal, "typing": typing });
        self.ask("typing", &said).await
    }

    /// The next broadcast.
    pub(crate) async fn next(&mut self) -> Received {
        loop {
            if let Some(received) = self.received.pop_front() {
                return received;
            }
            let packet = self.packet().await.expect("an open connection");
            self.keep(&packet);
        }
    }

    /// Everything up to `caught-up`, and that.
    pub(crate) async fn replay(&mut self) -> (Vec<Received>, Value) {
        loop {
            let caught_up = self.controls("caught-up").pop();
            if let Some(caught_up) = caught_up {
                return (self.received.drain(..).collect(), caught_up);
            }
            let packet = self.packet().await.expect("an open connection");
            self.keep(&packet);
        }
    }

    /// The frames without a meta of this name that have come so far, asked for or not.
    pub(crate) fn controls(&self, name: &str) -> Vec<Value> {
        let of_name = self.told.iter().filter(|(found, _)| found == name);
        of_name.map(|(_, object)| object.clone()).collect()
    }

    pub(crate) fn has_been_told(&self, name: &str) -> bool {
        self.told(name) > 0
    }

    /// Everything up to the end of the connection, which the server brings about.
    pub(crate) async fn until_the_end(&mut self) -> Vec<Received> {
        while let Some(packet) = self.packet().await {
            self.keep(&packet);
        }
        self.received.drain(..).collect()
    }

    /// Emits an event and waits for its acknowledgement.
    pub(crate) async fn ask(&mut self, event: &str, argument: &Value) -> Value {
        self.acks += 1;
        let number = self.acks;
        self.send(&format!("42{number}{}", json!([event, argument])))
            .await;
        let prefix = format!("43{number}[");
        loop {
            let packet = self.packet().await.expect("an acknowledgement");
            if packet.starts_with(&prefix) {
                let answer: Vec<Value> = serde_json::from_str(&packet[prefix.len() - 1..]).unwrap();
                return answer.into_iter().next().unwrap();
            }
            self.keep(&packet);
        }
    }

    /// Joins a ticket's room; the answer, but for the position in it, which must be there if it was permitted.
    pub(crate) async fn join(&mut self, ticket: TicketId) -> Value {
        let mut answer = self.ask("join-ticket", &json!(ticket.to_string())).await;
        let position = answer.as_object_mut().unwrap().remove("position");
        assert_eq!(position.is_some(), answer["ok"] == json!(true), "{answer}");
        answer
    }

    pub(crate) async fn leave(&mut self, ticket: TicketId) -> Value {
        self.ask("leave-ticket", &json!(ticket.to_string())).await
    }

    /// Everything that was handed to this connection until now: what was emitted earlier comes before the answer to
    /// what is asked later.
    pub(crate) async fn everything(&mut self) -> Vec<Received> {
        self.leave(TicketId::from_uuid(id())).await;
        self.received.drain(..).collect()
    }

    /// Waits until the server has ended the connection; the packets before that.
    pub(crate) async fn ended(&mut self) -> Vec<String> {
        let mut packets = Vec::new();
        while let Some(packet) = self.packet().await {
            packets.push(packet);
        }
        packets
    }

    /// Whether the connection still works.
    pub(crate) async fn is_well(&mut self) -> bool {
        self.leave(TicketId::from_uuid(id())).await == json!({ "ok": true })
    }
}

/// What a test says of broadcasts at a glance.
pub(crate) fn names(received: &[Received]) -> Vec<&str> {
    received.iter().map(|received| received.name.as_str()).collect()
}
