//! Everything about realtime that can be set, with the reason of each default.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use eventlog::{Position, RecordedEvent};
use projections::tickets::ListReader;
use uuid::Uuid;

use crate::operations::Operations;
use crate::presence::PresenceOptions;
use crate::signals::{Alone, Signals};

/// Who receives what the seed sends to "all clients".
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AudienceMode {
    /// Every connected client that may read the ticket.
    #[default]
    Permitted,
    /// Everybody who connects, signed in or not: the seed's public broadcast, for closed networks. Comments and
    /// attachments still reach their ticket's room only, and internal comments nobody who may not read them.
    Everyone,
}

/// How much a socket may send.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InboundRate {
    /// Events at once, after a silence. Beyond them an event is refused; beyond twice as many the connection is cut.
    pub burst: u32,
    /// Events a second in the long run.
    pub per_second: u32,
}

/// Called with every event just before it is relayed.
pub type Probe = Arc<dyn Fn(&RecordedEvent) + Send + Sync>;

/// The settings of realtime.
#[derive(Clone)]
pub struct Options {
    /// Where Socket.IO is served, without a slash at the end: `/socket.io`.
    pub path: String,
    /// Who receives what goes to all clients.
    pub audience: AudienceMode,
    /// Names of the cookie that a session's token may come in; the first one that is there counts.
    pub cookie_names: Vec<String>,
    /// Origins (`https://desk.example.org`) that may connect beside the server's own.
    pub allowed_origins: Vec<String>,
    /// How often a client is pinged. Engine.IO's default, 25 s.
    pub ping_interval: Duration,
    /// How long a client may take to answer a ping. Engine.IO's default, 20 s.
    pub ping_timeout: Duration,
    /// How long a connection may go without joining the namespace, 10 s.
    pub connect_timeout: Duration,
    /// Bytes in one inbound message, frame or polling body, at most. 64 KiB: clients only ever send ids and tokens.
    pub payload_bytes_max: usize,
    /// Frames that wait for a socket, at most; a client that lets more gather is behind, and told the rest as it reads. 256: a burst of one group commit
    /// still fits when the client polls.
    pub buffer_frames_max: usize,
    /// Rooms that one socket may be in, at most. 100: nobody looks at more tickets at once.
    pub rooms_per_socket_max: usize,
    /// Lists that one socket may watch, at most. 8: a dashboard has fewer.
    pub lists_per_socket_max: usize,
    /// How much one socket may send.
    pub inbound: InboundRate,
    /// How many rooms and lists one socket may ask for: each may read the log or a read model. As many at once as it
    /// may have rooms, so that a client that comes back may join all of them anew.
    pub joins: InboundRate,
    /// New sessions from one address. 2,000 at once: an office of a thousand behind one address comes back twice after
    /// a restart, at the same moment, before anybody waits. 200 a second then, which is 2 % of one processor.
    pub handshakes: InboundRate,
    /// Sessions at a time of one address. 2,000: twice the largest office that is thought of.
    pub sockets_per_address_max: usize,
    /// Clients at a time of one account. 200: nobody has so many tabs open, but a wall of screens may.
    pub sockets_per_account_max: usize,
    /// Reads of the log at once for joins, of all sockets together. 8: half of the usual pool.
    pub log_reads_max: usize,
    /// Authentications at once, of all sockets together.
    pub authentications_max: usize,
    /// Bytes of folded tickets that the relay remembers, at most, roughly. 32 MiB: the tickets of a busy day.
    pub ticket_cache_bytes: u64,
    /// How far back a client that returns is told, one by one, what it missed: at most so many events of the log, visible
    /// to it or not. Beyond it is asked to fetch anew. 10,000: fetching costs it less then.
    pub resume_events_max: Position,
    /// Events that were told last and are remembered for whoever is a little behind, at most. 2,048.
    pub recent_events_max: usize,
    /// Bytes of them, at most, roughly. 16 MiB.
    pub recent_bytes_max: usize,
    /// Bytes of older events that are remembered for others who return at the same time, at most, roughly. 32 MiB.
    pub page_cache_bytes: u64,
    /// How long a client that is behind may take nothing before it is cut, 10 s: as long as a short loss of the network.
    pub stall_timeout: Duration,
    /// How often a client is told that nothing has happened for it, at most, 15 s.
    pub bookmark_interval: Duration,
    /// How long a join, an authentication or the directory may be waited for, 5 s.
    pub patience: Duration,
    /// How often sessions are asked after, in case that the news of an end was missed, 60 s.
    pub recheck_interval: Duration,
    /// How long `close` may take, 2 s.
    pub close_timeout: Duration,
    /// What lists are counted by. Without it no list can be watched.
    pub lists: Option<ListReader>,
    /// Which node this is, of those on the same database: no two have the same.
    pub node: Uuid,
    /// The way to the other nodes for what is not in the log; none by default.
    pub signals: Arc<dyn Signals>,
    /// Whoever knows how the read models are doing; without, operators are told of the broadcasts only.
    pub operations: Option<Arc<dyn Operations>>,
    /// Times of presence and typing.
    pub presence: PresenceOptions,
    /// Called with every event just before it is relayed, on the relay's own task. For tests and measurements.
    pub probe: Option<Probe>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            path: "/socket.io".to_owned(),
            audience: AudienceMode::Permitted,
            cookie_names: vec![
                "__Host-informejo_session".to_owned(),
                "informejo_session".to_owned(),
            ],
            allowed_origins: Vec::new(),
            ping_interval: Duration::from_secs(25),
            ping_timeout: Duration::from_secs(20),
            connect_timeout: Duration::from_secs(10),
            payload_bytes_max: 64 * 1024,
            buffer_frames_max: 256,
            rooms_per_socket_max: 100,
            lists_per_socket_max: 8,
            inbound: InboundRate {
                burst: 120,
                per_second: 20,
            },
            joins: InboundRate {
                burst: 100,
                per_second: 10,
            },
            handshakes: InboundRate {
                burst: 2_000,
                per_second: 200,
            },
            sockets_per_address_max: 2_000,
            sockets_per_account_max: 200,
            log_reads_max: 8,
            authentications_max: 32,
            ticket_cache_bytes: 32 * 1024 * 1024,
            resume_events_max: 10_000,
            recent_events_max: 2_048,
            recent_bytes_max: 16 * 1024 * 1024,
            page_cache_bytes: 32 * 1024 * 1024,
            stall_timeout: Duration::from_secs(10),
            bookmark_interval: Duration::from_secs(15),
            patience: Duration::from_secs(5),
            recheck_interval: Duration::from_mins(1),
            close_timeout: Duration::from_secs(2),
            lists: None,
            node: Uuid::nil(),
            signals: Arc::new(Alone),
            operations: None,
            presence: PresenceOptions::default(),
            probe: None,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("audience", &self.audience)
            .field("allowed_origins", &self.allowed_origins)
            .field("ping_interval", &self.ping_interval)
            .field("ping_timeout", &self.ping_timeout)
            .field("buffer_frames_max", &self.buffer_frames_max)
            .field("inbound", &self.inbound)
            .finish_non_exhaustive()
    }
}
