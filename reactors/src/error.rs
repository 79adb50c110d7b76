//! Why a reactor could not do what it was asked.

use deadpool_postgres::PoolError;

/// Every failure of this crate. None holds an e-mail address, a text or a token, so all may be logged.
#[derive(Debug, thiserror::Error)]
pub enum ReactorError {
    /// The database is away or too slow; the outcome of a write is unknown.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours: the database refused a statement.
    #[error("reactor fault: {0}")]
    Fault(String),
}

impl From<tokio_postgres::Error> for ReactorError {
    /// Keeps SQLSTATE and message only: detail and hint of a Postgres error may quote values of the row.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None => Self::Unavailable(error.to_string()),
            Some(db) => {
                let text = format!("SQLSTATE {}: {}", db.code().code(), db.message());
                // Connection, rollback, resources, operator intervention, system: these pass by themselves.
                let passes = ["08", "25006", "40", "53", "55P03", "57", "58"];
                if passes.iter().any(|class| db.code().code().starts_with(class)) {
                    Self::Unavailable(text)
                } else {
                    Self::Fault(text)
                }
            }
        }
    }
}

impl From<PoolError> for ReactorError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}
