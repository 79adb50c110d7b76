//! The moment in which the live generation stands still, because its row is locked. Whoever applies events to it waits;
//! readers do not, they never lock that row. It is never waited for long, and never held long.

use std::time::{Duration, Instant};

use eventlog::Position;
use tokio_postgres::Error as PostgresError;
use tokio_postgres::error::SqlState;

use super::apply::tell;
use super::session::Session;
use crate::error::EngineError;

/// Longest time that the live generation stands still.
pub(crate) const STILL_MAX: Duration = Duration::from_millis(100);
/// Part of it after which what has not been done is given up, so that giving up fits in too.
pub(crate) const WORK_MAX: Duration = Duration::from_millis(70);
/// How often it is tried: at least for so long.
pub(crate) const TRY_FOR: Duration = Duration::from_mins(1);
/// The wait between two tries.
pub(crate) const PAUSE: Duration = Duration::from_millis(25);

/// The row is locked since then, and the live generation is there.
pub(crate) struct Still {
    pub(crate) since: Instant,
    pub(crate) position: Position,
}

/// Begins a transaction on `session` and locks the row of the live generation; none if somebody else has it just now, in
/// which case there is no transaction.
pub(crate) async fn hold(session: &Session, name: &str) -> Result<Option<Still>, EngineError> {
    tell(
        session,
        "BEGIN; SET LOCAL lock_timeout = '20ms'; SET LOCAL statement_timeout = '70ms'",
    )
    .await?;
    let locked = session
        .query(
            "SELECT position FROM read_engine.projections WHERE name = $1 FOR UPDATE",
            &[&name],
        )
        .await;
    match locked {
        Ok(rows) => {
            let since = Instant::now();
            let row = rows.first().ok_or(EngineError::UnknownReadModel)?;
            let position = row.try_get(0)?;
            Ok(Some(Still { since, position }))
        }
        Err(error) if is_busy(&error) => {
            tell(session, "ROLLBACK").await?;
            Ok(None)
        }
        Err(error) => Err(error.into()),
    }
}

/// Whether the error only says that a lock or the time was not to be had.
pub(crate) fn is_busy(error: &PostgresError) -> bool {
    matches!(
        error.code(),
        Some(&SqlState::LOCK_NOT_AVAILABLE | &SqlState::QUERY_CANCELED)
    )
}
