//! What can go wrong in realtime.

use domain::codec::CodecError;
use eventlog::{Position, ReadError};

/// Why realtime could not start, or an event could not be relayed.
#[derive(Debug, thiserror::Error)]
pub enum RealtimeError {
    /// The log could not be read.
    #[error("read the log")]
    Read(#[from] ReadError),
    /// The threads that write to clients could not be started.
    #[error("start threads")]
    Threads(#[from] std::io::Error),
    /// The directory of people has not come as far as the event.
    #[error("the directory has not reached position {position}")]
    Lagging {
        /// How far it should have come.
        position: Position,
    },
    /// The event cannot be decoded: this program is older than the log, or wrong.
    #[error("decode the event")]
    Codec(#[from] CodecError),
    /// The event's stream does not begin with the beginning of a ticket.
    #[error("there is no ticket in the stream")]
    NoTicket,
}

impl RealtimeError {
    /// Whether trying again later may help.
    pub(crate) const fn is_passing(&self) -> bool {
        match self {
            Self::Read(_) | Self::Lagging { .. } => true,
            Self::Codec(_) | Self::NoTicket | Self::Threads(_) => false,
        }
    }
}
