//! The other half of every promise: what stored events become at clients, by the official Socket.IO client.

mod audience;
mod broadcasts;
mod connecting;
mod foreign;
mod limits;
mod lists;
mod order;
mod presence;
mod returning;
mod rights;
mod rooms;
mod rubbish;
mod secrecy;
mod traveller;

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::socketio::{Args, ConnectOptions, SocketClient};
use wire::live::catalogue::{CATALOGUE, Entry, Kind};

/// A socket of this person, by websocket.
pub(crate) async fn socket_of(app: &TestApp, person: &Client) -> SocketClient {
    SocketClient::connect(&app.url(), ConnectOptions::default().token(person.token())).await
}

/// Joins a ticket's room, which must be permitted.
pub(crate) async fn join(socket: &SocketClient, ticket: &Value) {
    let answer = socket.ask("join-ticket", json!([ticket["id"]])).await;
    assert_eq!(answer[0]["ok"], true, "{answer:?}");
}

/// Waits until the socket has received everything that happened up to now: one task emits in log order, so a new ticket
/// of somebody's whose tickets the socket's owner sees comes last.
async fn caught_up(socket: &SocketClient, somebody: &Client) {
    let mark = somebody.new_ticket("A mark in the stream").await;
    let is_mark = |args: &Args| args[0]["id"] == mark["id"];
    socket.expect_where("ticket:created", is_mark).await;
}

/// Waits until the socket has received everything of what had been relayed to others: an answer comes after all that its
/// client was told before. Whoever relies on that makes sure that the relay was there, by somebody who hears of more.
async fn drained(socket: &SocketClient) {
    socket.ask("presence", json!([{ "state": "online" }])).await;
}

/// Whether an event of this name tells of something stored.
fn is_broadcast(name: &str) -> bool {
    let is_it = |entry: &Entry| entry.name == name && entry.kind == Kind::Broadcast;
    CATALOGUE.iter().any(is_it)
}

/// The broadcasts that the socket has received: what is told of stored events, without what tells where it stands and what
/// people and the program do.
pub(crate) fn broadcasts(socket: &SocketClient) -> Vec<(String, Args)> {
    let mut events = socket.events();
    events.retain(|(name, _)| is_broadcast(name));
    events
}

/// The names of everything that the socket has received and that is about this ticket.
fn heard_of(socket: &SocketClient, ticket: &Value) -> Vec<String> {
    let id = &ticket["id"];
    let about = |args: &Args| args[0]["id"] == *id || args[0]["ticketId"] == *id;
    let events = socket.events().into_iter();
    events
        .filter(|(_, args)| about(args))
        .map(|(name, _)| name)
        .collect()
}
