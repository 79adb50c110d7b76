//! Tickets' rooms: joining one, and leaving it.

use std::collections::HashMap;
use std::future::ready;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use domain::TicketId;
use eventlog::Position;
use futures::future::Either;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use tokio::time::timeout;
use wire::live::{Answer, JoinAnswer, TicketJoined, event};

use crate::asked::{Asked, Pending, done};
use crate::client::{Asking, Client};
use crate::limits::Limit;
use crate::shared::Shared;

const NOT_AN_ID: &str = "not a ticket id";
/// The same for a ticket that does not exist and one that the client may not know of.
const NOT_FOUND: &str = "not found";
const UNAVAILABLE: &str = "unavailable";
const LIMITED: &str = "limited";
/// There is room again when the client leaves one: it knows best when. What it is told is when asking again harms nobody.
const FULL_RETRY: Duration = Duration::from_secs(1);

/// Makes a socket understand `join-ticket` and `leave-ticket`.
pub(crate) fn listen(shared: &Arc<Shared>, socket: &SocketRef) {
    let on_join = Arc::clone(shared);
    let on_leave = Arc::clone(shared);
    socket.on(
        event::JOIN_TICKET,
        move |socket: SocketRef, TryData(ticket): TryData<String>, ack: AckSender| {
            let asked = Asked::of(&on_join, &socket, ack).and_then(Asked::within_joins);
            asked.map_or_else(done, |asked| asked.join(ticket.ok().as_deref()))
        },
    );
    socket.on(
        event::LEAVE_TICKET,
        move |socket: SocketRef, TryData(ticket): TryData<String>, ack: AckSender| {
            if let Some(asked) = Asked::of(&on_leave, &socket, ack) {
                asked.leave(ticket.ok().as_deref());
            }
            ready(())
        },
    );
}

impl Asked {
    fn join(self, ticket: Option<&str>) -> Pending {
        let Some(ticket) = ticket.and_then(|text| TicketId::from_str(text).ok()) else {
            self.refuse(NOT_AN_ID);
            return done();
        };
        let rooms_max = self.shared.options.rooms_per_socket_max;
        match self.client.ask(ticket, rooms_max, &self.shared.begun) {
            Asking::AlreadyIn(position) => self.answer(&JoinAnswer { ok: true, position }),
            Asking::TooMany => self.limited(Limit::RoomsPerSocket, FULL_RETRY),
            Asking::Number(number) => return Either::Left(Box::pin(self.enter(ticket, number))),
        }
        done()
    }

    async fn enter(self, ticket: TicketId, number: u64) {
        let asked = HashMap::from([(ticket, number)]);
        match enter(&self.shared, &self.client, &asked).await.get(&ticket) {
            Some(Ok(position)) => self.answer(&JoinAnswer {
                ok: true,
                position: *position,
            }),
            Some(Err(error)) => self.refuse(error),
            None => self.refuse(UNAVAILABLE),
        }
    }

    fn leave(self, ticket: Option<&str>) {
        let Some(ticket) = ticket.and_then(|text| TicketId::from_str(text).ok()) else {
            self.refuse(NOT_AN_ID);
            return;
        };
        self.client.leave(ticket, || {
            self.shared.registry.leave(ticket, &self.client);
            tracing::info!("[Socket.IO] Socket {} left ticket:{ticket}", self.client.id);
        });
        self.answer(&Answer::OK);
    }
}

/// Ends joins, each with its number: lets the client in where it may be. Tells for each ticket after which position
/// everything of it is told, or why the client is not in.
async fn enter(
    shared: &Shared,
    client: &Arc<Client>,
    asked: &HashMap<TicketId, u64>,
) -> HashMap<TicketId, Result<Position, &'static str>> {
    let tickets: Vec<TicketId> = asked.keys().copied().collect();
    let looked_up = timeout(shared.options.patience, shared.owners.of(shared, &tickets)).await;
    let owners = looked_up.map_err(drop).and_then(|looked_up| {
        looked_up.map_err(|error| tracing::warn!(%error, "[Socket.IO] Tickets cannot be looked up"))
    });
    let enter = |(ticket, number): (&TicketId, &u64)| {
        let (ticket, number) = (*ticket, *number);
        let Ok(owners) = &owners else {
            client.refuse(ticket, number);
            return (ticket, Err(UNAVAILABLE));
        };
        let owner = owners.get(&ticket).copied();
        let position = client.enter(ticket, number, owner, &shared.begun, || {
            shared.registry.enter(ticket, client);
        });
        if position.is_some() {
            tracing::info!("[Socket.IO] Socket {} joined ticket:{ticket}", client.id);
        }
        (ticket, position.ok_or(NOT_FOUND))
    };
    asked.iter().map(enter).collect()
}

/// Renews the rooms of a client that comes back: those of these tickets that it may be in, each with its answer.
pub(crate) async fn renew(shared: &Shared, client: &Arc<Client>, tickets: &[TicketId]) -> Vec<TicketJoined> {
    let mut asked = HashMap::new();
    for ticket in tickets {
        match client.ask(*ticket, shared.options.rooms_per_socket_max, &shared.begun) {
            Asking::Number(number) => {
                asked.insert(*ticket, number);
            }
            Asking::AlreadyIn(_) | Asking::TooMany => {}
        }
    }
    let entered = enter(shared, client, &asked).await;
    let answer = |ticket: &TicketId| {
        let error = match entered.get(ticket) {
            Some(Ok(_)) => None,
            Some(Err(error)) => Some((*error).to_owned()),
            None => Some(LIMITED.to_owned()),
        };
        TicketJoined {
            ticket: ticket.as_uuid(),
            ok: error.is_none(),
            error,
        }
    };
    tickets.iter().map(answer).collect()
}
