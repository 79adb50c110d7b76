//! How often something may be tried, kept in the database so that all nodes count together.
//!
//! Each key is a bucket of [`Rate::at_once`] that fills by one every [`Rate::every`] (GCRA: all that is stored is the time
//! at which it will be full). An attempt takes from all of its keys or from none, before anything is verified, so that
//! attempts that come at the same time are counted too. Keys are stored as SHA-256: no address is at rest in clear.
//!
//! Nothing is kept in this process, so its memory does not depend on how many addresses try.

use std::sync::Arc;
use std::time::Duration;

use domain::time::Clock;
use sha2::{Digest, Sha256};

use crate::database::{Database, Quiet, bounded, to_sql};
use crate::error::IdentityError;

/// Rows that [`Limits::purge`] deletes in one statement, so that it holds no locks for long.
const PURGE_ROWS_MAX: i64 = 5_000;

/// How often something may happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// How often at once, after a silence. At least 1.
    pub at_once: u32,
    /// After which time one more may come, in the long run. Counted in whole milliseconds, at least 1.
    pub every: Duration,
}

impl Rate {
    fn every_ms(self) -> i64 {
        i64::try_from(self.every.as_millis()).unwrap_or(i64::MAX).max(1)
    }
}

/// What is limited: what is tried, by whom or on whom, and how often it may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LimitKey {
    hash: [u8; 32],
    rate: Rate,
}

impl LimitKey {
    /// The key for trying `what` that is told from others by `whom`: an address, an e-mail, both. The parts are kept
    /// apart, so `["ab", "c"]` is another key than `["a", "bc"]`.
    pub fn new(rate: Rate, what: &str, whom: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        for part in [what.as_bytes()].iter().chain(whom) {
            digest.update((part.len() as u64).to_le_bytes());
            digest.update(part);
        }
        Self {
            hash: digest.finalize().into(),
            rate,
        }
    }
}

/// The limits. A cheap handle.
#[derive(Clone)]
pub struct Limits {
    database: Database,
    clock: Arc<dyn Clock>,
}

impl Limits {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>) -> Self {
        Self { database, clock }
    }

    /// Counts an attempt under all of `keys`, which differ from each other, or under none of them.
    ///
    /// Errors: `TooMany` with the longest of what is to be waited, `Unavailable`.
    pub async fn take(&self, keys: &[LimitKey]) -> Result<(), IdentityError> {
        let now = to_sql(self.clock.now());
        let (hashes, every) = columns(keys);
        let at_once: Vec<i64> = keys
            .iter()
            .map(|key| i64::from(key.rate.at_once.max(1)))
            .collect();
        let wait_ms: i64 = bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("SELECT auth.take_from_limits($1, $2, $3, $4)")
                .await?;
            let row = client
                .query_one(&statement, &[&Quiet(hashes), &every, &at_once, &now])
                .await?;
            Ok(row.try_get(0)?)
        })
        .await?;
        match u64::try_from(wait_ms) {
            Ok(0) | Err(_) => Ok(()),
            Ok(wait_ms) => Err(IdentityError::TooMany {
                wait: Duration::from_millis(wait_ms),
            }),
        }
    }

    /// An attempt that was counted under `keys` turned out to be none of those that are to be limited.
    pub async fn give_back(&self, keys: &[LimitKey]) -> Result<(), IdentityError> {
        let (hashes, every) = columns(keys);
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("SELECT auth.give_back_to_limits($1, $2)")
                .await?;
            client.execute(&statement, &[&Quiet(hashes), &every]).await?;
            Ok(())
        })
        .await
    }

    /// Forgets keys that are as good as new; tells how many. To be called every few minutes.
    pub async fn purge(&self) -> Result<u64, IdentityError> {
        let now = to_sql(self.clock.now());
        let mut purged = 0;
        loop {
            let rows = bounded(async {
                let client = self.database.client().await?;
                let statement = client
                    .prepare_cached(
                        "DELETE FROM auth.limits WHERE key_hash IN (
                             SELECT key_hash FROM auth.limits WHERE full_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED
                         )",
                    )
                    .await?;
                Ok(client.execute(&statement, &[&now, &PURGE_ROWS_MAX]).await?)
            })
            .await?;
            purged += rows;
            if rows < PURGE_ROWS_MAX.unsigned_abs() {
                return Ok(purged);
            }
        }
    }
}

/// The keys as the database takes them: hashes, and milliseconds.
fn columns(keys: &[LimitKey]) -> (Vec<&[u8]>, Vec<i64>) {
    keys.iter()
        .map(|key| (key.hash.as_slice(), key.rate.every_ms()))
        .unzip()
}
