//! Applying a batch: the rows and the checkpoint move together, or not at all.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use eventlog::{Position, RecordedEvent};
use futures::FutureExt;
use futures::future::{join, join3};
use tokio_postgres::Error as PostgresError;

use super::lease::{Lease, is_lost};
use super::model::{ApplyError, ReadModel, Write};
use super::parking::{Panics, Parked, apply_sparing};
use super::session::Session;
use super::skips::Skips;

/// Events of a read model that directly follow its checkpoint.
#[derive(Clone, Copy)]
pub(crate) struct Batch<'a> {
    pub(crate) events: &'a [Arc<RecordedEvent>],
    /// Which of them have no effect.
    pub(crate) skips: &'a Skips,
    /// Where the checkpoint is then.
    pub(crate) to: Position,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Applied {
    /// Its rows and the checkpoint are committed.
    All,
    /// Somebody else has the lease now; nothing was written.
    Lost,
}

/// Runs SQL that has no parameters and gives no rows.
pub(crate) async fn tell(session: &Session, sql: &str) -> Result<(), PostgresError> {
    session.client().batch_execute(sql).await
}

/// What a model makes of `events`; a panic of it becomes an error.
pub(crate) async fn plan(
    session: &Session,
    model: &dyn ReadModel,
    skips: &Skips,
    events: &[Arc<RecordedEvent>],
) -> Result<Vec<Write>, ApplyError> {
    // The model has no state of its own, and the session's only state is a cache of statements.
    let planned = async { model.apply(session, events, skips).await };
    AssertUnwindSafe(planned)
        .catch_unwind()
        .await
        .unwrap_or_else(|panic| Err(ApplyError::Panicked(said(&*panic))))
}

/// What a panic said.
pub(crate) fn said(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_else(|| "without a word".to_owned())
}

/// Applies a batch and moves the checkpoint, in one round trip after the model's own
/// reads: everything is sent at once, and if the checkpoint is not where it must be, the rest finds the transaction
/// void.
///
/// The checkpoint goes first: its row is the lock under which the tables change. Otherwise a batch that takes longer than
/// the lease would lose to another node just before its end, and so would that one's; and `parking::retry`, which takes
/// that row first, would wait for this transaction and this one for it.
///
/// The reads need no transaction: whoever else could have changed the rows since has taken the lease or the place of
/// the checkpoint, and then nothing is committed.
pub(crate) async fn apply(
    session: &Session,
    model: &dyn ReadModel,
    lease: &Lease,
    batch: Batch<'_>,
) -> Result<Applied, ApplyError> {
    let writes = plan(session, model, batch.skips, batch.events).await?;
    let advance = [lease.advance(batch.to)];
    session.prepare_all(&writes).await?;
    session.prepare_all(&advance).await?;
    // Polled in this order, hence sent in this order.
    let written = join3(
        tell(session, "BEGIN"),
        session.write(&advance),
        session.write(&writes),
    );
    let ((begun, advanced, written), committed) = join(written, tell(session, "COMMIT")).await;
    begun?;
    match advanced {
        Err(error) if is_lost(&error) => return Ok(Applied::Lost),
        advanced => advanced?,
    }
    written?;
    committed?;
    Ok(Applied::All)
}

/// As [`apply`], for a batch that failed because of its data: parks what cannot be applied.
pub(crate) async fn apply_parking(
    session: &Session,
    model: &dyn ReadModel,
    lease: &Lease,
    parked: &mut Parked,
    panics: Panics,
    batch: Batch<'_>,
) -> Result<Applied, ApplyError> {
    tell(session, "BEGIN").await?;
    if let Err(error) = session.write(&[lease.advance(batch.to)]).await {
        tell(session, "ROLLBACK").await?;
        return if is_lost(&error) {
            Ok(Applied::Lost)
        } else {
            Err(error.into())
        };
    }
    if let Err(error) = apply_sparing(session, model, batch.skips, parked, panics, batch.events).await {
        tell(session, "ROLLBACK").await?;
        return Err(error);
    }
    tell(session, "COMMIT").await?;
    Ok(Applied::All)
}

/// Moves the checkpoint over events that are none of the model's.
pub(crate) async fn pass_over(session: &Session, lease: &Lease, to: Position) -> Result<Applied, ApplyError> {
    match session.write(&[lease.advance(to)]).await {
        Ok(()) => Ok(Applied::All),
        Err(error) if is_lost(&error) => Ok(Applied::Lost),
        Err(error) => Err(error.into()),
    }
}
