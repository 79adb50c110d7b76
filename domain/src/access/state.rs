//! What is known of a reader, folded from what they looked at.

use super::event::AccessEvent;
use crate::time::Timestamp;

/// A reader's accesses, all in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Access {
    /// How many there were.
    pub count: u64,
    /// When the last one was.
    pub last_at: Timestamp,
}

/// The state after `event`, recorded at `at`.
pub fn evolve(state: Option<Access>, event: &AccessEvent, at: Timestamp) -> Option<Access> {
    let AccessEvent::RecordAccessed(_) = event;
    let before = state.map_or(0, |access| access.count);
    Some(Access {
        count: before.saturating_add(1),
        last_at: at,
    })
}
