//! Which events grant a command.

use super::command::AccessCommand;
use super::event::AccessEvent;
use super::state::Access;

/// Recording an access is never refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {}

/// The event that grants `command`: looking twice is two accesses.
pub fn decide(_state: Option<&Access>, command: &AccessCommand) -> Result<Vec<AccessEvent>, Refusal> {
    let AccessCommand::Record(accessed) = command;
    Ok(vec![AccessEvent::RecordAccessed(accessed.clone())])
}
