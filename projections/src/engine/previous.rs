//! The generation before the live one: going back to it, and giving it up.

use std::time::Duration;

use super::Engine;
use super::apply::tell;
use super::builds::Build;
use super::lease::Checkpoint;
use super::model::ReadModel;
use super::progress::Report;
use super::rebuild::{lock, wait_for_lock};
use super::session::Session;
use super::side::{Side, Which};
use super::slot::{Slot, next_schema, previous_schema};
use super::still::is_busy;
use super::swap::swap;
use crate::error::EngineError;

/// How often it is tried to drop a schema, half a second each.
const DROP_TRIES: u32 = 20;
/// How long a rebuild that was told to stop may take for it.
const ABORT_TRIES: u32 = 100;
/// The wait between two looks whether it has.
const ABORT_PAUSE: Duration = Duration::from_millis(100);

/// What going back came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RolledBack {
    /// The generation that is live now.
    pub generation: i64,
    /// Its position at that moment.
    pub position: eventlog::Position,
    /// How long the generation before stood still for it.
    pub held: Duration,
}

/// Makes the previous generation the live one, and the live one the previous.
pub(crate) async fn rollback(engine: &Engine, model: &dyn ReadModel) -> Result<RolledBack, EngineError> {
    let name = model.name();
    let session = Session::connect(engine.config(), &previous_schema(name)).await?;
    wait_for_lock(&session, model).await?;
    let previous = Checkpoint::read(&session, Slot::Previous, name)
        .await?
        .ok_or(EngineError::NoSuchGeneration)?;
    if !previous.is_of(model) {
        return Err(EngineError::OfAnotherVersion {
            stored: previous.version,
            own: model.version(),
        });
    }
    let mut side = Side::open(
        engine,
        model,
        session,
        Which::Previous,
        previous.generation,
        previous.position,
    )
    .await?;
    let mut silent = |_| ();
    let mut report = Report::new(previous.position, previous.position, &mut silent);
    let held = swap(&mut side, &mut report).await?;
    Ok(RolledBack {
        generation: previous.generation,
        position: side.position,
        held,
    })
}

/// Gives the previous generation up, once nobody rebuilds or goes back. False: there was none.
pub(crate) async fn give_up(engine: &Engine, model: &dyn ReadModel) -> Result<bool, EngineError> {
    let session = Session::connect(engine.config(), "pg_catalog").await?;
    wait_for_lock(&session, model).await?;
    let known = Checkpoint::read(&session, Slot::Previous, model.name()).await?;
    drop_old(&session, model.name()).await?;
    Ok(known.is_some())
}

/// Drops the previous generation. Its row goes first and in the same transaction, so that whoever keeps it current
/// stops; a reader that is still in it is waited for, a little at a time.
pub(crate) async fn drop_old(session: &Session, name: &str) -> Result<(), EngineError> {
    let forget = format!(
        "DELETE FROM read_engine.parked
         WHERE name = '{name}' AND generation IN (SELECT generation FROM read_engine.previous WHERE name = '{name}');
         DELETE FROM read_engine.previous WHERE name = '{name}'"
    );
    drop_schema(session, &previous_schema(name), &forget).await
}

/// Stops a rebuild wherever it runs, and removes what it has made. False: there was none.
pub(crate) async fn abort(engine: &Engine, model: &dyn ReadModel) -> Result<bool, EngineError> {
    let name = model.name();
    let session = Session::connect(engine.config(), "pg_catalog").await?;
    let known = Build::read(&session, name).await?.is_some();
    for _ in 0..ABORT_TRIES {
        Build::abort(&session, name).await?;
        match lock(&session, model).await {
            Ok(()) => {
                remove_next(&session, name).await?;
                return Ok(known);
            }
            Err(EngineError::AlreadyRebuilding) => tokio::time::sleep(ABORT_PAUSE).await,
            Err(error) => return Err(error),
        }
    }
    Err(EngineError::AlreadyRebuilding)
}

/// Removes what a rebuild has made, if anything. Its lock must be held.
pub(crate) async fn remove_next(session: &Session, name: &str) -> Result<(), EngineError> {
    let forget = format!(
        "DELETE FROM read_engine.parked p
         WHERE p.name = '{name}' AND p.generation NOT IN (
             SELECT generation FROM read_engine.projections WHERE name = '{name}'
             UNION ALL SELECT generation FROM read_engine.previous WHERE name = '{name}');
         DELETE FROM read_engine.builds WHERE name = '{name}'"
    );
    drop_schema(session, &next_schema(name), &forget).await
}

/// A short lower-case word, as read models are named, needs no quotes.
async fn drop_schema(session: &Session, schema: &str, forget: &str) -> Result<(), EngineError> {
    let sql = format!(
        "BEGIN; SET LOCAL lock_timeout = '500ms'; SET LOCAL client_min_messages = warning;
         {forget}; DROP SCHEMA IF EXISTS {schema} CASCADE; COMMIT"
    );
    for _ in 0..DROP_TRIES {
        match tell(session, &sql).await {
            Ok(()) => return Ok(()),
            Err(error) if is_busy(&error) => tell(session, "ROLLBACK").await?,
            Err(error) => return Err(error.into()),
        }
    }
    Err(EngineError::PreviousInUse)
}
