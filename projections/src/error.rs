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
    /// A task ended before its time.
    #[error("a task of the rebuild ended before its time")]
    Interrupted,
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
