//! What operators see of what is to be done, and do about it: kinds, ids, times and kinds of errors, never an address or a
//! text.

use std::fmt;
use std::sync::Arc;

use deadpool_postgres::Pool;
use domain::Timestamp;
use domain::time::Clock;
use eventlog::Position;
use identity::{from_sql, to_sql};
use tokio::sync::Notify;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::error::ReactorError;
use crate::outbox::bounded;

/// How long what is done is remembered, in milliseconds: 30 days.
const DONE_KEPT_MS: i64 = 30 * 24 * 3_600_000;
/// Most rows that are forgotten at once.
const FORGOTTEN_AT_ONCE: i64 = 5_000;
/// Most parked deliveries that are shown.
pub const PARKED_SHOWN_MAX: i64 = 1_000;

/// How a reactor is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReactorStatus {
    /// Which one.
    pub name: String,
    /// How far it has read the log.
    pub position: Position,
    /// When that last changed.
    pub moved_at: Timestamp,
    /// Why it does not read on, where it does not.
    pub last_error: Option<String>,
    /// Deliveries that are still to be tried.
    pub waiting: i64,
    /// When the first of them was written down.
    pub waiting_since: Option<Timestamp>,
    /// Deliveries that were given up.
    pub parked: i64,
}

/// A delivery that was given up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Parked {
    /// Which one.
    pub id: Uuid,
    /// Which mail.
    pub kind: String,
    /// The event that it tells of.
    pub position: Option<Position>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// When it was given up.
    pub parked_at: Timestamp,
    /// How often it was tried.
    pub attempts: i32,
    /// What kind of failure the last one was.
    pub error: String,
}

/// The operators' view. A cheap handle; see [`Outbox::operations`](crate::Outbox::operations).
#[derive(Clone)]
pub struct Operations {
    pub(crate) pool: Pool,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) wake: Arc<Notify>,
}

impl fmt::Debug for Operations {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Operations").finish_non_exhaustive()
    }
}

impl Operations {
    /// Every reactor, by name.
    pub async fn status(&self) -> Result<Vec<ReactorStatus>, ReactorError> {
        bounded(async {
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "SELECT c.name, c.position, c.updated_at, c.last_error, open.waiting, open.since, given_up.parked
                     FROM reactors.checkpoints c,
                         LATERAL (SELECT count(*) AS waiting, min(created_at) AS since FROM reactors.deliveries d
                                  WHERE d.reactor = c.name AND d.done_at IS NULL AND d.parked_at IS NULL) open,
                         LATERAL (SELECT count(*) AS parked FROM reactors.deliveries d
                                  WHERE d.reactor = c.name AND d.parked_at IS NOT NULL) given_up
                     ORDER BY c.name",
                )
                .await?;
            let rows = client.query(&statement, &[]).await?;
            rows.iter().map(status).collect()
        })
        .await
    }

    /// What a reactor has given up, the oldest first, [`PARKED_SHOWN_MAX`] at most; none if there is no such reactor.
    pub async fn parked(&self, reactor: &str) -> Result<Option<Vec<Parked>>, ReactorError> {
        bounded(async {
            if !self.exists(reactor).await? {
                return Ok(None);
            }
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "SELECT id, kind, position, created_at, parked_at, attempts, coalesce(last_error, '')
                     FROM reactors.deliveries WHERE reactor = $1 AND parked_at IS NOT NULL
                     ORDER BY parked_at, id LIMIT $2",
                )
                .await?;
            let rows = client.query(&statement, &[&reactor, &PARKED_SHOWN_MAX]).await?;
            rows.iter().map(parked).collect::<Result<_, _>>().map(Some)
        })
        .await
    }

    /// Tries what was given up again from the beginning, at once: one delivery, or all. Tells how many there were; none if
    /// there is no such reactor.
    pub async fn retry(&self, reactor: &str, delivery: Option<Uuid>) -> Result<Option<u64>, ReactorError> {
        let now = to_sql(self.clock.now());
        let retried = bounded(async {
            if !self.exists(reactor).await? {
                return Ok(None);
            }
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE reactors.deliveries SET parked_at = NULL, due_at = $2, attempts = 0, claimed_until = NULL
                     WHERE reactor = $1 AND parked_at IS NOT NULL AND ($3::uuid IS NULL OR id = $3)",
                )
                .await?;
            Ok(Some(client.execute(&statement, &[&reactor, &now, &delivery]).await?))
        })
        .await?;
        self.wake.notify_one();
        Ok(retried)
    }

    /// Forgets what was done more than 30 days ago, some thousands at once; tells how many. To be called every few minutes.
    pub async fn purge(&self) -> Result<u64, ReactorError> {
        let before = to_sql(self.clock.now().plus_millis(-DONE_KEPT_MS));
        bounded(async {
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "DELETE FROM reactors.deliveries WHERE id IN
                     (SELECT id FROM reactors.deliveries WHERE done_at < $1 ORDER BY done_at LIMIT $2)",
                )
                .await?;
            Ok(client.execute(&statement, &[&before, &FORGOTTEN_AT_ONCE]).await?)
        })
        .await
    }

    async fn exists(&self, reactor: &str) -> Result<bool, ReactorError> {
        let client = self.pool.get().await?;
        let sql = "SELECT 1 FROM reactors.checkpoints WHERE name = $1";
        let statement = client.prepare_cached(sql).await?;
        Ok(client.query_opt(&statement, &[&reactor]).await?.is_some())
    }
}

fn status(row: &Row) -> Result<ReactorStatus, ReactorError> {
    let since: Option<std::time::SystemTime> = row.try_get(5)?;
    Ok(ReactorStatus {
        name: row.try_get(0)?,
        position: row.try_get(1)?,
        moved_at: from_sql(row.try_get(2)?),
        last_error: row.try_get(3)?,
        waiting: row.try_get(4)?,
        waiting_since: since.map(from_sql),
        parked: row.try_get(6)?,
    })
}

fn parked(row: &Row) -> Result<Parked, ReactorError> {
    Ok(Parked {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        position: row.try_get(2)?,
        created_at: from_sql(row.try_get(3)?),
        parked_at: from_sql(row.try_get(4)?),
        attempts: row.try_get(5)?,
        error: row.try_get(6)?,
    })
}
