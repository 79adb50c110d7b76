//! Access: who looked at the record. Auditors read everything, so each of their reads is itself an event; a reader has
//! one stream, in which reads are never edited and never left out.

mod command;
mod decide;
mod event;
mod state;

pub use command::AccessCommand;
pub use decide::{Refusal, decide};
pub use event::{AccessEvent, RecordAccessed, What};
pub use state::{Access, evolve};

use crate::actor::Actor;
use crate::codec::{self, CodecError, Encoded};
use crate::decider::Decider;
use crate::time::Timestamp;

/// A reader's accesses as an aggregate.
#[derive(Clone, Copy, Debug)]
pub struct Accesses;

impl Decider for Accesses {
    const CATEGORY: &'static str = "access";
    type State = Access;
    type Event = AccessEvent;
    type Command = AccessCommand;
    type Circumstances = ();
    type Refusal = Refusal;

    fn evolve(state: Option<Access>, event: &AccessEvent, at: Timestamp) -> Option<Access> {
        evolve(state, event, at)
    }

    fn decide(
        state: Option<&Access>,
        command: &AccessCommand,
        _circumstances: &(),
    ) -> Result<Vec<AccessEvent>, Refusal> {
        decide(state, command)
    }

    fn shown_version(_access: &Access, version: i64, _actor: &Actor) -> i64 {
        version
    }

    fn heap_bytes(_access: &Access) -> usize {
        0
    }

    fn encode(event: &AccessEvent) -> Encoded {
        codec::encode_access(event)
    }

    fn decode(event_type: &str, schema_version: i32, payload: &str) -> Result<AccessEvent, CodecError> {
        codec::decode_access(event_type, schema_version, payload)
    }
}
