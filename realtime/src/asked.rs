//! Something that a client asks, on its way to an answer.

use std::future::ready;
use std::sync::Arc;

use futures::future::{BoxFuture, Either};
use serde::Serialize;
use socketioxide::extract::{AckSender, SocketRef};
use socketioxide::{SendError, SocketError};
use wire::live::Answer;

use crate::allowance::Verdict;
use crate::client::Client;
use crate::rooms;
use crate::shared::Shared;

/// The limit of inbound events, as clients are told.
const EVENTS_PER_SOCKET: &str = "events-per-socket";

/// Makes a socket understand what clients may ask. Everything else that they send is ignored, but counted.
///
/// Called before the client is told that it is connected: it may ask at once. What is said before a handler's future
/// runs on the connection's own task, in the order of the client's packets, so that a flood starts no tasks.
pub(crate) fn listen(shared: &Arc<Shared>, socket: &SocketRef) {
    rooms::listen(shared, socket);
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
            Verdict::Over { retry_after_ms } => {
                asked.answer(&Answer::limited(EVENTS_PER_SOCKET, retry_after_ms));
                None
            }
            Verdict::Flood => {
                asked.shared.registry.cut(&asked.client, "it sends too much");
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

    /// Acknowledges that it was not done.
    pub(crate) fn refuse(self, error: &str) {
        self.answer(&Answer::refused(error));
    }
}
