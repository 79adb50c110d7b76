//! Which events grant a command. Authorisation is not asked here but in `policy`, before.

use super::command::OperationCommand;
use super::event::OperationEvent;
use super::state::Operation;

/// Why a read model cannot be treated as was wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// Places in a stream and in the log count from 1.
    #[error("there is no such event")]
    NoSuchEvent,
}

/// The events that grant `command` on `state`; none if it would change nothing.
pub fn decide(state: Option<&Operation>, command: &OperationCommand) -> Result<Vec<OperationEvent>, Refusal> {
    let OperationCommand::Skip(skip) = command;
    if skip.version < 1 || skip.position < 1 {
        return Err(Refusal::NoSuchEvent);
    }
    let known = state.is_some_and(|operation| operation.skipped.contains(&(skip.stream, skip.version)));
    Ok(if known {
        Vec::new()
    } else {
        vec![OperationEvent::EventSkipped(skip.clone())]
    })
}
