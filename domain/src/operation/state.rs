//! What has been decided about a read model, folded from its events.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::event::OperationEvent;

/// What a build of the read model must respect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Operation {
    /// The events that are passed over, by stream and version.
    pub skipped: BTreeSet<(Uuid, i64)>,
}

/// The state after `event`.
pub fn evolve(state: Option<Operation>, event: &OperationEvent) -> Operation {
    let OperationEvent::EventSkipped(skipped) = event;
    let mut operation = state.unwrap_or_default();
    operation.skipped.insert((skipped.stream, skipped.version));
    operation
}
