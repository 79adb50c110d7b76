//! Starting, watching and stopping realtime.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use eventlog::{EventLog, Position};
use socketioxide::{ParserConfig, SocketIo, TransportType};
use tokio::time::timeout;
use wire::live::{Stopping, event};

use crate::authenticate::{Accounts, Authenticate};
use crate::bookmarks::keep_bookmarks;
use crate::client::Client;
use crate::error::RealtimeError;
use crate::frame::Frame;
use crate::gate::RealtimeService;
use crate::handshake::{self, reason_text};
use crate::lists::tell_counts;
use crate::operations;
use crate::options::{AudienceMode, Options};
use crate::presence;
use crate::shared::Shared;
use crate::stats::Stats;
use crate::supervisor::{follow_revocations, supervise, tidy};
use crate::writers::Writers;

/// Binary attachments of one inbound packet, at most: no event has any.
const INBOUND_BINARIES_MAX: usize = 1;
/// Bytes of them.
const INBOUND_BINARY_BYTES_MAX: usize = 1024;

/// What is read from a websocket at once, in bytes. Clients send little, and each of them has such a buffer.
const READ_BUFFER_BYTES: usize = 1024;

/// When the first client is to come back after a planned stop, in milliseconds: a restart takes about as long.
const RETURN_MS_MIN: u64 = 500;
/// Clients that are to come back in a second, and how long that may take altogether at least and at most.
const RETURNS_PER_SECOND: u64 = 400;
const SPREAD_MS_MIN: u64 = 1_000;
const SPREAD_MS_MAX: u64 = 10_000;

/// The running Socket.IO server. Clones are the same one.
#[derive(Clone)]
pub struct Realtime {
    shared: Arc<Shared>,
    io: SocketIo,
    /// Held until nobody needs them any more.
    _writers: Arc<Writers>,
}

impl Realtime {
    /// Starts to relay, from the log's present head on, and gives back the service to mount at [`Options::path`].
    ///
    /// The requests that reach the service must carry a [`ConnectionHandle`](crate::connection::ConnectionHandle) in
    /// their extensions; without it, a client that does not read is only got rid of by its missing pongs.
    pub async fn start(
        log: EventLog,
        accounts: Arc<dyn Accounts>,
        authenticator: Arc<dyn Authenticate>,
        options: Options,
    ) -> Result<(Self, RealtimeService), RealtimeError> {
        if options.audience == AudienceMode::Everyone {
            tracing::warn!(
                "[Socket.IO] REALTIME_AUDIENCE=everyone: all tickets are broadcast to everybody who connects, \
                 signed in or not"
            );
        }
        let head = log.head().await?.position;
        let writers = Arc::new(Writers::start()?);
        let (engine, io) = SocketIo::builder()
            .req_path(options.path.clone())
            .transports([TransportType::Websocket, TransportType::Polling])
            .ping_interval(options.ping_interval)
            .ping_timeout(options.ping_timeout)
            .connect_timeout(options.connect_timeout)
            .max_buffer_size(options.buffer_frames_max)
            .max_payload(u64::try_from(options.payload_bytes_max).unwrap_or(u64::MAX))
            .ws_read_buffer_size(READ_BUFFER_BYTES)
            .ws_max_message_size(options.payload_bytes_max)
            .ws_max_frame_size(options.payload_bytes_max)
            .with_parser(
                ParserConfig::common()
                    .max_incoming_binaries(INBOUND_BINARIES_MAX)
                    .max_incoming_binary_buf_size(INBOUND_BINARY_BYTES_MAX),
            )
            .build_svc();
        let shared = Arc::new(Shared::new(
            log,
            accounts,
            authenticator,
            options,
            head,
            writers.handle(),
        ));
        handshake::open(&shared, &io);
        shared.tasks.spawn(supervise(Arc::clone(&shared)));
        shared.tasks.spawn(follow_revocations(Arc::clone(&shared)));
        shared.tasks.spawn(tell_counts(Arc::clone(&shared)));
        shared.tasks.spawn(tidy(Arc::clone(&shared)));
        shared.tasks.spawn(presence::supervise(Arc::clone(&shared)));
        shared.tasks.spawn(operations::follow(Arc::clone(&shared)));
        shared.tasks.spawn(keep_bookmarks(Arc::clone(&shared)));
        let service = RealtimeService::new(Arc::clone(&shared), engine, Arc::clone(&writers));
        let this = Self {
            shared,
            io,
            _writers: writers,
        };
        Ok((this, service))
    }

    /// How things are.
    pub fn stats(&self) -> Stats {
        self.shared.stats()
    }

    /// Waits until the event at `position` has been handed to the clients' connections; false if that took longer
    /// than `patience`.
    pub async fn relayed(&self, position: Position, patience: Duration) -> bool {
        let mut relayed = self.shared.relayed.subscribe();
        let reached = relayed.wait_for(|relayed| *relayed >= position);
        matches!(timeout(patience, reached).await, Ok(Ok(_)))
    }

    /// Stops relaying and ends all connections: clients are told when to come back, each at a time of its own, and that
    /// the server closes. Takes as long as [`Options::close_timeout`] at most; whoever has not ended then is cut.
    pub async fn close(&self) {
        self.shared.closing.store(true, Ordering::SeqCst);
        self.shared.stop.cancel();
        let clients = self.shared.registry.everybody();
        tell_when_to_return(&clients);
        let limit = self.shared.options.close_timeout;
        if timeout(limit, self.io.close()).await.is_err() {
            tracing::warn!("[Socket.IO] Not all clients read that the server closes: they are cut");
        }
        for client in clients.iter() {
            // No handler is called for them when the whole server closes.
            if self.shared.registry.remove(client) {
                let reason = reason_text(socketioxide::socket::DisconnectReason::ClosingServer);
                tracing::info!("[Socket.IO] Client disconnected: {} ({reason})", client.id);
            }
        }
        self.shared.registry.cut_all();
        self.shared.tasks.close();
        if timeout(limit, self.shared.tasks.wait()).await.is_err() {
            tracing::warn!("[Socket.IO] A task has not ended");
        }
        tracing::info!("[Socket.IO] All connections closed");
    }
}

/// Spreads the clients' return evenly: the more there are, the longer. Their order is random.
fn tell_when_to_return(clients: &[Arc<Client>]) {
    let count = u64::try_from(clients.len()).unwrap_or(u64::MAX);
    let spread_ms = (count.saturating_mul(1_000) / RETURNS_PER_SECOND).clamp(SPREAD_MS_MIN, SPREAD_MS_MAX);
    for (number, client) in (0..).zip(clients) {
        let reconnect_in_ms = RETURN_MS_MIN + spread_ms * number / count.max(1);
        if let Some(frame) = Frame::plain(event::SERVER_STOPPING, &Stopping { reconnect_in_ms }) {
            // Whoever has no room for it comes back at a time of his own choice.
            client.tell(&frame);
        }
    }
}
