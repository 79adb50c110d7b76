//! What can have been looked at. These shapes are the storage format: a field is never renamed, removed or given another
//! meaning; a new shape is a new schema version with an upcast (see `codec` and `upcast`).

use serde::{Deserialize, Serialize};

use crate::ids::TicketId;
use crate::text::Note;

/// A fact about a reader. Who it was and when stands in the event's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessEvent {
    /// Something was looked at.
    RecordAccessed(RecordAccessed),
}

/// See [`AccessEvent::RecordAccessed`]. Recorded before the answer goes out: what is not recorded is not shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RecordAccessed {
    /// What kind of thing it was.
    pub what: What,
    /// Which ticket, if it was one.
    pub ticket: Option<TicketId>,
    /// What exactly: a query, a moment, a stretch of the log.
    pub detail: Option<Note>,
}

/// What can be looked at. The spellings are those of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum What {
    /// A ticket, now or as it was.
    Ticket,
    /// A list of tickets, now or as it was.
    TicketList,
    /// The desk's figures, now or as they were.
    Figures,
    /// A list of people's accounts.
    AccountList,
    /// An attachment's bytes.
    Attachment,
    /// A ticket's history.
    History,
    /// What differs between two moments.
    Difference,
    /// Whether the record holds.
    Verification,
    /// A ticket's evidence pack.
    Evidence,
    /// The log itself.
    Log,
}
