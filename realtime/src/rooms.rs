//! Tickets' rooms: joining one, and leaving it.

use std::future::ready;
use std::str::FromStr;
use std::sync::Arc;
use std::time::Duration;

use domain::TicketId;
use domain::ids::AccountId;
use futures::future::Either;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use tokio::time::timeout;
use wire::live::{Answer, event};

use crate::asked::{Asked, Pending, done};
use crate::client::Asking;
use crate::limits::Limit;
use crate::shared::Shared;

const NOT_AN_ID: &str = "not a ticket id";
/// The same for a ticket that does not exist and one that the client may not know of.
const NOT_FOUND: &str = "not found";
const UNAVAILABLE: &str = "unavailable";
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
        match self.client.ask(ticket, self.shared.options.rooms_per_socket_max) {
            Asking::AlreadyIn => self.answer(&Answer::OK),
            Asking::TooMany => self.limited(Limit::RoomsPerSocket, FULL_RETRY),
            Asking::Number(number) => return Either::Left(Box::pin(self.enter(ticket, number))),
        }
        done()
    }

    async fn enter(self, ticket: TicketId, number: u64) {
        let looked_up = requester(&self.shared, ticket);
        let Ok(requester) = timeout(self.shared.options.patience, looked_up)
            .await
            .unwrap_or(Err(()))
        else {
            self.client.refuse(ticket, number);
            self.refuse(UNAVAILABLE);
            return;
        };
        let is_in = self.client.enter(ticket, number, requester, || {
            self.shared.registry.enter(ticket, &self.client);
        });
        if is_in {
            tracing::info!("[Socket.IO] Socket {} joined ticket:{ticket}", self.client.id);
            self.answer(&Answer::OK);
        } else {
            self.refuse(NOT_FOUND);
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

/// Whose the ticket is; none if there is no such ticket, or no longer.
async fn requester(shared: &Shared, ticket: TicketId) -> Result<Option<AccountId>, ()> {
    let _permit = shared.log_reads.acquire().await.map_err(drop)?;
    let folded = shared.tickets.present(ticket).await.map_err(|error| {
        tracing::warn!(%error, "[Socket.IO] A ticket cannot be looked up");
    })?;
    let ticket = folded.filter(|folded| !folded.ticket.deleted);
    Ok(ticket.map(|folded| folded.ticket.requester))
}
