//! What clients may ask: to join a ticket's room, and to leave it.

use std::future::ready;
use std::str::FromStr;
use std::sync::Arc;

use domain::TicketId;
use domain::ids::AccountId;
use futures::future::Either;
use serde::Serialize;
use socketioxide::extract::{AckSender, SocketRef, TryData};
use socketioxide::{SendError, SocketError};
use tokio::time::timeout;

use crate::allowance::Verdict;
use crate::client::{Asking, Client};
use crate::shared::Shared;

/// The acknowledgement of a join or a leave.
#[derive(Serialize)]
struct Answer {
    ok: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'static str>,
}

impl Answer {
    const OK: Self = Self {
        ok: true,
        error: None,
    };

    const fn no(error: &'static str) -> Self {
        Self {
            ok: false,
            error: Some(error),
        }
    }
}

const NOT_AN_ID: Answer = Answer::no("not a ticket id");
/// The same for a ticket that does not exist and one that the client may not know of.
const NOT_FOUND: Answer = Answer::no("not found");
const TOO_MANY: Answer = Answer::no("too many rooms");
const RATE_LIMITED: Answer = Answer::no("rate limited");
const UNAVAILABLE: Answer = Answer::no("unavailable");

/// Makes a socket understand what clients may ask. Everything else that they send is ignored, but counted.
///
/// Called before the client is told that it is connected: it may ask at once. What is said before the returned future
/// runs on the connection's own task, in the order of the client's packets, so that a flood starts no tasks.
pub(crate) fn listen(shared: &Arc<Shared>, socket: &SocketRef) {
    let on_join = Arc::clone(shared);
    let on_leave = Arc::clone(shared);
    let on_other = Arc::clone(shared);
    socket.on(
        "join-ticket",
        move |socket: SocketRef, TryData(ticket): TryData<String>, ack: AckSender| {
            let asked = Asked::of(on_join, &socket, ack);
            asked.map_or_else(done, |asked| asked.join(ticket.ok().as_deref()))
        },
    );
    socket.on(
        "leave-ticket",
        move |socket: SocketRef, TryData(ticket): TryData<String>, ack: AckSender| {
            if let Some(asked) = Asked::of(on_leave, &socket, ack) {
                asked.leave(ticket.ok().as_deref());
            }
            ready(())
        },
    );
    socket.on_fallback(move |socket: SocketRef, ack: AckSender| {
        drop(Asked::of(on_other, &socket, ack));
        ready(())
    });
}

type Pending = Either<futures::future::BoxFuture<'static, ()>, std::future::Ready<()>>;

fn done() -> Pending {
    Either::Right(ready(()))
}

/// Something that a client asked.
struct Asked {
    shared: Arc<Shared>,
    client: Arc<Client>,
    ack: AckSender,
}

impl Asked {
    /// `None` if the client is gone, or asks too much: then it has been answered.
    fn of(shared: Arc<Shared>, socket: &SocketRef, ack: AckSender) -> Option<Self> {
        let client = shared.registry.client(socket.id)?;
        let verdict = client.spend();
        let asked = Self { shared, client, ack };
        match verdict {
            Verdict::Within => Some(asked),
            Verdict::Over => {
                asked.answer(&RATE_LIMITED);
                None
            }
            Verdict::Flood => {
                asked.shared.registry.cut(&asked.client, "it sends too much");
                None
            }
        }
    }

    fn answer(self, answer: &Answer) {
        if let Err(SendError::Socket(SocketError::InternalChannelFull)) = self.ack.send(answer) {
            self.shared.registry.cut(&self.client, "it does not read");
        }
    }

    fn join(self, ticket: Option<&str>) -> Pending {
        let Some(ticket) = ticket.and_then(|text| TicketId::from_str(text).ok()) else {
            self.answer(&NOT_AN_ID);
            return done();
        };
        match self.client.ask(ticket, self.shared.options.rooms_per_socket_max) {
            Asking::AlreadyIn => self.answer(&Answer::OK),
            Asking::TooMany => self.answer(&TOO_MANY),
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
            self.answer(&UNAVAILABLE);
            return;
        };
        let is_in = self.client.enter(ticket, number, requester, || {
            self.shared.registry.enter(ticket, &self.client);
        });
        if is_in {
            tracing::info!("[Socket.IO] Socket {} joined ticket:{ticket}", self.client.id);
            self.answer(&Answer::OK);
        } else {
            self.answer(&NOT_FOUND);
        }
    }

    fn leave(self, ticket: Option<&str>) {
        let Some(ticket) = ticket.and_then(|text| TicketId::from_str(text).ok()) else {
            self.answer(&NOT_AN_ID);
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
