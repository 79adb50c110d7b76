//! What may be wished of a reader's stream.

use super::event::RecordAccessed;

/// A wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessCommand {
    /// Record that something is being looked at. Whether it may be is asked where it is looked at.
    Record(RecordAccessed),
}
