//! What can have been decided about a read model. These shapes are the storage format: a field is never renamed, removed
//! or given another meaning; a new shape is a new schema version with an upcast (see `codec` and `upcast`).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::text::Note;

/// A fact about a read model. Who decided it and when stands in the event's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OperationEvent {
    /// An event is to be passed over by the read model, in every build of it.
    EventSkipped(EventSkipped),
}

/// See [`OperationEvent::EventSkipped`]. The event stays in the log and in its stream's history; only this read model is
/// made as if it had no effect.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct EventSkipped {
    /// The read model.
    pub projection: String,
    /// The stream of the event.
    pub stream: Uuid,
    /// The event's place in its stream.
    pub version: i64,
    /// The event's place in the log.
    pub position: i64,
    /// Why.
    pub reason: Note,
}
