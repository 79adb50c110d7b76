//! What operators do with read models that takes more than the engine: a projector never appends, so whoever skips an
//! event has it recorded first.

use commands::{Cause, CommandError, Commands};
use domain::Actor;
use domain::operation::{self, EventSkipped, OperationCommand};
use domain::text::Note;
use projections::engine::{ParkedStream, Retried};
use projections::{Engine, EngineError};
use uuid::Uuid;

/// Why an event was not skipped.
#[derive(Debug, thiserror::Error)]
pub enum SkipError {
    /// The engine refused.
    #[error(transparent)]
    Engine(#[from] EngineError),
    /// The decision could not be recorded.
    #[error(transparent)]
    Command(#[from] CommandError<operation::Refusal>),
}

/// What a skip came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// The event that is passed over from now on.
    pub event: ParkedStream,
    /// Where the stream is parked again, if a later event of it cannot be applied either.
    pub parked_at: Option<i64>,
}

/// Records that the event at which `stream` is parked is passed over in every build of the read model `name`, and lets
/// the stream go on.
pub async fn skip(
    commands: &Commands,
    engine: &Engine,
    (actor, cause): (&Actor, &Cause),
    name: &str,
    stream: Uuid,
    reason: Note,
) -> Result<Skipped, SkipError> {
    let event = engine.parked(name, stream).await?;
    let skip = OperationCommand::Skip(EventSkipped {
        projection: name.to_owned(),
        stream,
        version: event.version,
        position: event.position,
        reason,
    });
    commands.execute_operation(actor, cause, name, skip).await?;
    let parked_at = match engine.retry(name, stream).await {
        Ok(Retried { parked_at, .. }) => parked_at,
        // Whoever applies events to the read model has read it in the log already.
        Err(EngineError::NotParked | EngineError::StillParked(_)) => {
            match engine.parked(name, stream).await {
                Ok(parked) => Some(parked.version),
                Err(EngineError::NotParked) => None,
                Err(error) => return Err(error.into()),
            }
        }
        Err(error) => return Err(error.into()),
    };
    Ok(Skipped { event, parked_at })
}
