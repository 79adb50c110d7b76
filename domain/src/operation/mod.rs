//! Operation: what operators decided about a read model that the log must remember, because every later build of that
//! read model has to come to the same rows. A read model has one stream.

mod command;
mod decide;
mod event;
mod state;

pub use command::OperationCommand;
pub use decide::{Refusal, decide};
pub use event::{EventSkipped, OperationEvent};
pub use state::{Operation, evolve};

use crate::actor::Actor;
use crate::codec::{self, CodecError, Encoded};
use crate::decider::Decider;
use crate::time::Timestamp;

/// The operation of a read model as an aggregate.
#[derive(Clone, Copy, Debug)]
pub struct Operations;

impl Decider for Operations {
    const CATEGORY: &'static str = "operation";
    type State = Operation;
    type Event = OperationEvent;
    type Command = OperationCommand;
    type Circumstances = ();
    type Refusal = Refusal;

    fn evolve(state: Option<Operation>, event: &OperationEvent, _at: Timestamp) -> Option<Operation> {
        Some(evolve(state, event))
    }

    fn decide(
        state: Option<&Operation>,
        command: &OperationCommand,
        _circumstances: &(),
    ) -> Result<Vec<OperationEvent>, Refusal> {
        decide(state, command)
    }

    fn shown_version(_operation: &Operation, version: i64, _actor: &Actor) -> i64 {
        version
    }

    fn heap_bytes(operation: &Operation) -> usize {
        operation.skipped.len() * size_of::<(uuid::Uuid, i64)>()
    }

    fn encode(event: &OperationEvent) -> Encoded {
        codec::encode_operation(event)
    }

    fn decode(event_type: &str, schema_version: i32, payload: &str) -> Result<OperationEvent, CodecError> {
        codec::decode_operation(event_type, schema_version, payload)
    }
}
