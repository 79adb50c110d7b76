//! What a caller asks of the log when it appends, and what it is told.

use std::sync::Arc;

use crate::envelope::{Metadata, NewEvent, Position, RecordedEvent, StreamId, Version};

/// The events of one command, to be appended to one stream: all of them or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Append {
    /// Where to.
    pub stream: StreamId,
    /// The version that the command was decided on; 0 for a new stream.
    pub expected: Version,
    /// At least one, at most [`EVENTS_PER_COMMAND_MAX`](crate::EVENTS_PER_COMMAND_MAX).
    pub events: Vec<NewEvent>,
    /// Who and what, the same for all of the events.
    pub metadata: Metadata,
    /// If given: append only while no event of this stream's category is after this position. For rules over a
    /// whole category, such as that the last admin stays.
    pub category_unchanged_since: Option<Position>,
}

/// What a command came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Appended {
    /// Its events as recorded, in order; never empty.
    pub events: Vec<Arc<RecordedEvent>>,
    /// The command's id was in the log already: nothing was appended, and these are the events of the first time.
    pub duplicate: bool,
}

impl Appended {
    /// Position of the last of its events.
    pub fn last_position(&self) -> Position {
        self.events.last().map_or(0, |event| event.position)
    }

    /// The stream's version after it.
    pub fn last_version(&self) -> Version {
        self.events.last().map_or(0, |event| event.version)
    }
}

/// Why a command's events were not appended.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AppendError {
    /// The stream is at another version than the command was decided on.
    #[error("the stream is at version {actual}")]
    Conflict {
        /// Where it is.
        actual: Version,
    },
    /// An event of the category was appended after the position that the command was decided on.
    #[error("the category has changed")]
    CategoryChanged,
    /// The database is away, or it is not known whether the events were appended. Trying again with the same
    /// command id is safe.
    #[error("the log is unavailable: {0}")]
    Unavailable(String),
    /// The log cannot store this, however often it is tried.
    #[error("the log cannot store this: {0}")]
    Refused(String),
    /// The log has been closed.
    #[error("the log is closed")]
    Closed,
}
