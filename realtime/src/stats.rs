//! What realtime tells about itself.

use eventlog::Position;

use crate::broadcast::BROADCAST_NAMES;
use crate::limits::Limit;
use crate::presence::PresenceStats;

/// Counters since the start, and how things are now.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// Clients connected to the namespace now.
    pub sockets: usize,
    /// Those of them that have a websocket; the others poll.
    pub websockets: usize,
    /// Rooms with somebody in them now.
    pub rooms: usize,
    /// Memberships of all rooms together now.
    pub members: usize,
    /// Different lists that somebody watches now.
    pub lists: usize,
    /// Frames handed to clients' connections.
    pub emitted: u64,
    /// Frames of signals (presence, typing, operations) handed to clients' connections.
    pub signals: u64,
    /// Events that were broadcast, whether anybody was there or not, in the order of
    /// [`BROADCAST_NAMES`].
    pub broadcasts: [u64; BROADCAST_NAMES.len()],
    /// Clients that were cut because they did not read or sent too much.
    pub cut: u64,
    /// Handshakes and requests that were refused because of a limit, in the order of [`Limit::ALL`].
    pub limited: [u64; Limit::ALL.len()],
    /// The last position that was relayed.
    pub relayed: Position,
    /// Clients that are being told what they missed.
    pub behind: usize,
    /// Pages of the log that were read for such clients.
    pub pages_read: u64,
    /// Bookmarks that were sent.
    pub bookmarks: u64,
    /// How often the relay was started over after an error or a panic.
    pub restarts: u64,
    /// Streams that are no longer relayed, because one of their events could not be.
    pub parked: usize,
    /// Who is there.
    pub presence: PresenceStats,
}
