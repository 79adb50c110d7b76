//! What can go wrong here, as callers see it.

use eventlog::{Position, ReadError};
use tokio_postgres::Error as PostgresError;

use crate::engine::ApplyError;

/// Where a failure of the database came from.
pub type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why the engine could not do what an operator asked for.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// There is no read model of that name.
    #[error("there is no such read model")]
    UnknownReadModel,
    /// Somebody else is rebuilding the same read model.
    #[error("the read model is being rebuilt already")]
    AlreadyRebuilding,
    /// The stream is not parked.
    #[error("the stream is not parked")]
    NotParked,
    /// The stream's event can still not be applied.
    #[error("the stream stays parked: {0}")]
    StillParked(String),
    /// An event could not be applied.
    #[error("an event could not be applied")]
    Apply(#[from] ApplyError),
    /// The log could not be read.
    #[error("the log could not be read")]
    Log(#[from] ReadError),
    /// The database refused or is away.
    #[error("the database refused or is away")]
    Database(#[from] PostgresError),
    /// The old generation could not be put away, because somebody keeps reading it.
    #[error("the generation before the live one is still in use")]
    PreviousInUse,
    /// There is no generation but the live one.
    #[error("no generation is kept that could be gone back to")]
    NoSuchGeneration,
    /// Only a program of the version that made a generation can go on with it.
    #[error(
        "the kept generation is of version {stored}, this program makes version {own}: go back with the program that made it"
    )]
    OfAnotherVersion {
        /// The version of the generation.
        stored: i32,
        /// The version that this program makes.
        own: i32,
    },
    /// What must be short could not be done in a short time, however often it was tried.
    #[error("the live generation could not be held still for a moment; try again")]
    Busy,
    /// An operator told it to stop.
    #[error("the rebuild was told to stop")]
    Aborted,
    /// A task ended before its time.
    #[error("a task of the rebuild ended before its time")]
    Interrupted,
}

impl EngineError {
    /// The kind of reason, without anything of the events' contents: for whoever may not see those.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Apply(error) => error.kind(),
            Self::Log(_) => "the log could not be read",
            Self::Database(_) => "the database refused or is away",
            Self::StillParked(_) => "the stream stays parked",
            Self::UnknownReadModel => "there is no such read model",
            Self::AlreadyRebuilding => "the read model is being rebuilt already",
            Self::NotParked => "the stream is not parked",
            Self::PreviousInUse => "the generation before the live one is still in use",
            Self::NoSuchGeneration => "no generation is kept that could be gone back to",
            Self::OfAnotherVersion { .. } => "the kept generation is another version's",
            Self::Busy => "the live generation could not be held still for a moment",
            Self::Aborted => "the rebuild was told to stop",
            Self::Interrupted => "a task of the rebuild ended before its time",
        }
    }
}

/// A read model has not come as far as was waited for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("read model {name} is at position {applied}, not yet at {wanted}")]
pub struct Lagging {
    /// Which one.
    pub name: &'static str,
    /// How far it has come.
    pub applied: Position,
    /// How far it should.
    pub wanted: Position,
}

/// Why a query got no answer.
#[derive(Debug, thiserror::Error)]
pub enum QueryError {
    /// The database is away, or all connections are in use.
    #[error("the read models cannot be read at the moment")]
    Unavailable(#[source] Source),
    /// The search takes longer than a search may.
    #[error("the search takes too long")]
    TooSlow,
    /// A row holds what the domain does not know. A rebuild makes it right.
    #[error("a row of the read model cannot be read")]
    Malformed(#[source] Source),
}

impl From<PostgresError> for QueryError {
    fn from(error: PostgresError) -> Self {
        if error.code() == Some(&tokio_postgres::error::SqlState::QUERY_CANCELED) {
            Self::TooSlow
        } else {
            Self::Unavailable(Box::new(error))
        }
    }
}

impl From<deadpool_postgres::PoolError> for QueryError {
    fn from(error: deadpool_postgres::PoolError) -> Self {
        Self::Unavailable(Box::new(error))
    }
}
