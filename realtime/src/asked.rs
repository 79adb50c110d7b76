//! Something that a client asks, on its way to an answer.

use std::future::ready;
use std::sync::Arc;
use std::time::Duration;

use futures::future::{BoxFuture, Either};
use serde::Serialize;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::{SendError, SocketError};
use tokio::time::Instant;
use wire::live::Answer;

use crate::allowance::Verdict;
use crate::client::Client;
use crate::limits::{Exceeded, Limit};
use crate::lists;
use crate::presence;
use crate::rooms;
use crate::shared::Shared;

/// Makes a socket understand what clients may ask. Everything else that they send is ignored, but counted.
///
/// Called before the client is told that it is connected: it may ask at once. What is said before a handler's future
/// runs on the connection's own task, in the order of the client's packets, so that a flood starts no tasks.
pub(crate) fn listen(shared: &Arc<Shared>, socket: &SocketRef) {
    rooms::listen(shared, socket);
    lists::listen(shared, socket);
    presence::listen(shared, socket);
    let on_other = Arc::clone(shared);
    socket.on_fallback(move |socket: SocketRef, ack: AckSender| {
        drop(Asked::of(&on_other, &socket, ack));
        ready(())
    });
}

/// What a handler leaves to be done: nothing mostly, so that it costs no task.
pub(crate) type Pending = Either<BoxFuture<'static, ()>, std::future::Ready<()>>;

/// Nothing is left to be done.
pub(crate) fn done() -> Pending {
    Either::Right(ready(()))
}

/// See above.
pub(crate) struct Asked {
    pub(crate) shared: Arc<Shared>,
    pub(crate) client: Arc<Client>,
    ack: AckSender,
}

impl Asked {
    /// `None` if the client is gone, or asks too much: then it has been answered.
    pub(crate) fn of(shared: &Arc<Shared>, socket: &SocketRef, ack: AckSender) -> Option<Self> {
        let client = shared.registry.client(socket.id)?;
        let verdict = client.spend();
        let shared = Arc::clone(shared);
        let asked = Self { shared, client, ack };
        match verdict {
            Verdict::Within => Some(asked),
            Verdict::Over { retry_after } => {
                asked.limited(Limit::EventsPerSocket, retry_after);
                None
            }
            Verdict::Flood => {
                asked.shared.registry.cut(&asked.client, "it sends too much");
                None
            }
        }
    }

    /// The same, if the socket may ask for one more thing that has to be looked up; otherwise it has been answered.
    pub(crate) fn within_joins(self) -> Option<Self> {
        match self.client.link.spend_join(Instant::now()) {
            Ok(()) => Some(self),
            Err(retry_after) => {
                self.limited(Limit::JoinsPerSocket, retry_after);
                None
            }
        }
    }

    /// Acknowledges it.
    pub(crate) fn answer(self, answer: &impl Serialize) {
        if let Err(SendError::Socket(SocketError::InternalChannelFull)) = self.ack.send(answer) {
            self.shared.registry.cut(&self.client, "it does not read");
        }
    }

    /// Acknowledges that it was not done because of a limit, counts that, and says when trying again may help.
    pub(crate) fn limited(self, limit: Limit, retry_after: Duration) {
        let whose = match &self.client.grant {
            Some(grant) => grant.account.to_string(),
            None => self.client.id.to_string(),
        };
        self.shared.refusals.note(limit, &whose);
        let exceeded = Exceeded { limit, retry_after };
        self.answer(&Answer::limited(limit.as_str(), exceeded.retry_after_ms()));
    }

    /// Acknowledges that it was not done.
    pub(crate) fn refuse(self, error: &str) {
        self.answer(&Answer::refused(error));
    }
}
