//! The rows of `reactors.deliveries`, as their sender sees them.
//!
//! Whoever claims a row has it alone until `claimed_until`; no transaction is open meanwhile. Who dies while it sends
//! leaves the claim to run out, and somebody sends again: at least once.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use domain::time::Clock;
use domain::{AccountId, Timestamp};
use identity::{from_sql, to_sql};
use tokio_postgres::Row;

use crate::delivery::{Delivery, Kind};
use crate::error::ReactorError;
use crate::failure::Failure;
use crate::outbox::{MAIL, bounded};

/// How long a claim lasts, in milliseconds. Longer than one mail may take in all.
pub(crate) const LEASE_MS: i64 = 300_000;
/// Pauses after the first, the second, … failure. After the last one, a mail is parked.
const PAUSES: [Duration; 8] = [
    Duration::from_secs(10),
    Duration::from_mins(1),
    Duration::from_mins(5),
    Duration::from_mins(30),
    Duration::from_hours(2),
    Duration::from_hours(6),
    Duration::from_hours(12),
    Duration::from_hours(24),
];

/// The deliveries. A cheap handle.
#[derive(Clone)]
pub(crate) struct Queue {
    pool: Pool,
    clock: Arc<dyn Clock>,
}

impl Queue {
    pub(crate) fn new(pool: Pool, clock: Arc<dyn Clock>) -> Self {
        Self { pool, clock }
    }

    /// The delivery that has been due for longest, for this program alone until its claim runs out.
    pub(crate) async fn claim(&self) -> Result<Option<Delivery>, ReactorError> {
        let now = self.clock.now();
        let until = now.plus_millis(LEASE_MS);
        bounded(async {
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE reactors.deliveries SET claimed_until = $3, attempts = attempts + 1
                     WHERE id = (SELECT id FROM reactors.deliveries
                                 WHERE reactor = $1 AND done_at IS NULL AND parked_at IS NULL AND due_at <= $2
                                     AND (claimed_until IS NULL OR claimed_until <= $2) AND kind = ANY($4)
                                 ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
                     RETURNING id, kind, position, account_id, email, subject_id, created_at, attempts",
                )
                .await?;
            // What a newer program has put there is left to it.
            let kinds: Vec<&str> = Kind::all().map(Kind::as_str).collect();
            let row = client
                .query_opt(
                    &statement,
                    &[&MAIL, &to_sql(now), &to_sql(until), &kinds.as_slice()],
                )
                .await?;
            row.map(|row| delivery(&row, until)).transpose()
        })
        .await
    }

    /// It has been sent, or is for nobody. Its address is forgotten.
    pub(crate) async fn done(&self, delivery: &Delivery) -> Result<(), ReactorError> {
        let now = to_sql(self.clock.now());
        bounded(async {
            let client = self.pool.get().await?;
            // Whoever holds the claim by now: what is sent is sent.
            let statement = client
                .prepare_cached(
                    "UPDATE reactors.deliveries
                     SET done_at = $2, claimed_until = NULL, parked_at = NULL, last_error = NULL, email = NULL
                     WHERE id = $1 AND done_at IS NULL",
                )
                .await?;
            client.execute(&statement, &[&delivery.id, &now]).await?;
            Ok(())
        })
        .await
    }

    /// It failed: again after a pause; or never, if it has failed too often.
    pub(crate) async fn failed(&self, delivery: &Delivery, failure: &Failure) -> Result<Fate, ReactorError> {
        let now = self.clock.now();
        let pause = usize::try_from(delivery.attempts)
            .ok()
            .and_then(|attempts| PAUSES.get(attempts.saturating_sub(1)))
            .filter(|_| failure.reach != crate::failure::Reach::MailForGood);
        let fate = match pause {
            Some(pause) => {
                let pause_ms = i64::try_from(pause.as_millis()).unwrap_or(i64::MAX);
                Fate::Again(now.plus_millis(pause_ms))
            }
            None => Fate::Parked,
        };
        let (due_at, parked_at) = match fate {
            Fate::Again(at) => (to_sql(at), None),
            Fate::Parked => (to_sql(now), Some(to_sql(now))),
        };
        bounded(async {
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE reactors.deliveries
                     SET due_at = $3, parked_at = $4, last_error = $5, claimed_until = NULL
                     WHERE id = $1 AND claimed_until = $2 AND done_at IS NULL",
                )
                .await?;
            let claim = to_sql(delivery.claimed_until);
            client
                .execute(
                    &statement,
                    &[&delivery.id, &claim, &due_at, &parked_at, &failure.to_string()],
                )
                .await?;
            Ok(fate)
        })
        .await
    }

    /// The program ends while it is at it: somebody else may take it at once.
    pub(crate) async fn release(&self, delivery: &Delivery) -> Result<(), ReactorError> {
        bounded(async {
            let client = self.pool.get().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE reactors.deliveries SET claimed_until = NULL WHERE id = $1 AND claimed_until = $2",
                )
                .await?;
            let claim = to_sql(delivery.claimed_until);
            client.execute(&statement, &[&delivery.id, &claim]).await?;
            Ok(())
        })
        .await
    }
}

/// What becomes of a delivery that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It is tried again, not before then.
    Again(Timestamp),
    /// It is left to an operator.
    Parked,
}

fn delivery(row: &Row, claimed_until: Timestamp) -> Result<Delivery, ReactorError> {
    let kind: String = row.try_get(1)?;
    let account: Option<uuid::Uuid> = row.try_get(3)?;
    let attempts: i32 = row.try_get(7)?;
    Ok(Delivery {
        id: row.try_get(0)?,
        kind: Kind::named(&kind)
            .ok_or_else(|| ReactorError::Fault("a kind that was not asked for".into()))?,
        position: row.try_get(2)?,
        account: account.map(AccountId::from_uuid),
        email: row.try_get(4)?,
        subject: row.try_get(5)?,
        created_at: from_sql(row.try_get(6)?),
        attempts: u32::try_from(attempts).unwrap_or(1),
        claimed_until,
    })
}
