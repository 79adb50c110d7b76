//! `informejo projections …`: what operators do with read models.

mod different;
mod generations;
mod parked;
mod progress;
mod rebuild;
mod status;

use std::sync::Arc;

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use eventlog::EventLog;
use projections::{Engine, EngineError, registry};

use crate::cli::{self, VerbError};
use crate::clock::SystemClock;
use crate::config::DatabaseFlags;
use crate::database;

/// Connections that these verbs need.
const POOL_SIZE: usize = 2;

/// Look at the read models, rebuild them and go back, let parked streams go on
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections status\n  \
                        informejo projections rebuild tickets\n  \
                        informejo projections rollback tickets\n  \
                        informejo projections parked")]
pub struct Projections {
    #[command(subcommand)]
    verb: ProjectionsVerb,
}

#[derive(Debug, Subcommand)]
enum ProjectionsVerb {
    #[command(visible_alias = "list")]
    Status(status::Status),
    Rebuild(rebuild::Rebuild),
    Abort(generations::Abort),
    Rollback(generations::Rollback),
    DropOld(generations::DropOld),
    Parked(parked::Parked),
    Retry(parked::Retry),
    Skip(parked::Skip),
}

impl Projections {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        match self.verb {
            ProjectionsVerb::Status(verb) => verb.run().await,
            ProjectionsVerb::Rebuild(verb) => verb.run().await,
            ProjectionsVerb::Abort(verb) => verb.run().await,
            ProjectionsVerb::Rollback(verb) => verb.run().await,
            ProjectionsVerb::DropOld(verb) => verb.run().await,
            ProjectionsVerb::Parked(verb) => verb.run().await,
            ProjectionsVerb::Retry(verb) => verb.run().await,
            ProjectionsVerb::Skip(verb) => verb.run().await,
        }
    }
}

/// Takes the name of a read model, and nothing else.
fn read_models() -> PossibleValuesParser {
    PossibleValuesParser::new(registry::read_models().iter().map(|model| model.name()))
}

/// An error of the engine: a no that it means, or something that went wrong while `doing`.
fn failed(doing: &'static str) -> impl FnOnce(EngineError) -> VerbError {
    move |error| match error {
        EngineError::AlreadyRebuilding
        | EngineError::NotParked
        | EngineError::StillParked(_)
        | EngineError::NoSuchGeneration
        | EngineError::OfAnotherVersion { .. }
        | EngineError::PreviousInUse
        | EngineError::Busy
        | EngineError::Aborted => VerbError::Refused(error.to_string()),
        EngineError::UnknownReadModel
        | EngineError::Apply(_)
        | EngineError::Log(_)
        | EngineError::Database(_)
        | EngineError::Interrupted => VerbError::failed(doing)(error),
    }
}

/// Does something with the read models of the database.
async fn with_engine<T>(
    flags: DatabaseFlags,
    work: impl AsyncFnOnce(Engine) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    let settings = cli::settings(flags)?;
    database::must_exist(&settings)?;
    database::with(&settings, async |config| {
        let pool =
            eventlog::pool(config, POOL_SIZE).map_err(VerbError::failed("making the connection pool"))?;
        let log = EventLog::open(
            pool,
            config.clone(),
            Arc::new(SystemClock),
            eventlog::Options::default(),
        )
        .await
        .map_err(VerbError::failed("opening the log"))?;
        let engine = Engine::new(log.clone(), config);
        let outcome = match engine.prepare().await {
            Ok(()) => work(engine).await,
            Err(error) => Err(failed("preparing the read models")(error)),
        };
        log.close().await;
        outcome
    })
    .await
}
