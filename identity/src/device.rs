//! Browsers on which somebody has signed in before. Being one proves nothing, and opens nothing: it only means that its
//! attempts are counted apart from those of strangers, so that nobody is locked out by who guesses at their account.

use std::sync::Arc;

use domain::ids::{AccountId, Entropy};
use domain::time::{Clock, Timestamp};

use crate::database::{Database, Quiet, bounded, to_sql};
use crate::error::IdentityError;
use crate::token::{Token, TokenHash};

/// Days without signing in after which a browser is a stranger's again.
pub const DEVICE_DAYS: i64 = 180;
/// Browsers of one account, at most; beyond it the one used longest ago is forgotten.
const PER_ACCOUNT_MAX: i64 = 20;
/// Rows that [`Devices::purge`] deletes in one statement, so that it holds no locks for long.
const PURGE_ROWS_MAX: i64 = 1_000;

/// The browsers. A cheap handle.
#[derive(Clone)]
pub struct Devices {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl Devices {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    /// The owner of `account` has just shown who they are, on the browser that came with `old` if it came with
    /// anything. The token takes the old one's place: it is always a new one, so that nobody can plant theirs, and it
    /// stands for the other accounts too that the browser was known for.
    pub async fn remember(&self, account: AccountId, old: Option<&str>) -> Result<Token, IdentityError> {
        let (token, hash) = Token::generate(&*self.entropy);
        let old = old.and_then(TokenHash::of);
        let now = self.clock.now();
        let (now, forgotten) = (to_sql(now), to_sql(unused_since(now)));
        bounded(async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            if let Some(old) = old {
                let moving = transaction
                    .prepare_cached(
                        "UPDATE auth.devices SET token_hash = $2 WHERE token_hash = $1 AND last_used_at > $3",
                    )
                    .await?;
                transaction
                    .execute(
                        &moving,
                        &[&Quiet(old.as_slice()), &Quiet(hash.as_slice()), &forgotten],
                    )
                    .await?;
            }
            let noting = transaction
                .prepare_cached(
                    "INSERT INTO auth.devices (token_hash, account_id, last_used_at) VALUES ($1, $2, $3)
                     ON CONFLICT (token_hash, account_id) DO UPDATE SET last_used_at = excluded.last_used_at",
                )
                .await?;
            transaction
                .execute(&noting, &[&Quiet(hash.as_slice()), &account.as_uuid(), &now])
                .await?;
            let trimming = transaction
                .prepare_cached(
                    "DELETE FROM auth.devices WHERE account_id = $1 AND token_hash IN (
                         SELECT token_hash FROM auth.devices WHERE account_id = $1
                         ORDER BY last_used_at DESC OFFSET $2
                     )",
                )
                .await?;
            transaction
                .execute(&trimming, &[&account.as_uuid(), &PER_ACCOUNT_MAX])
                .await?;
            transaction.commit().await?;
            Ok(())
        })
        .await?;
        Ok(token)
    }

    /// Whether the owner of the account with this address has signed in on the browser with this token. `email_key` is
    /// [`domain::text::Email::key`].
    pub async fn knows(&self, token: &str, email_key: &str) -> Result<bool, IdentityError> {
        let Some(hash) = TokenHash::of(token) else {
            return Ok(false);
        };
        let forgotten = to_sql(unused_since(self.clock.now()));
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT FROM auth.devices JOIN auth.logins USING (account_id)
                     WHERE token_hash = $1 AND email_key = $2 AND last_used_at > $3",
                )
                .await?;
            let found = client
                .query_opt(
                    &statement,
                    &[&Quiet(hash.as_slice()), &Quiet(email_key), &forgotten],
                )
                .await?;
            Ok(found.is_some())
        })
        .await
    }

    /// All browsers are strangers to this account from now on; tells how many there were.
    pub async fn forget_all(&self, account: AccountId) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.devices WHERE account_id = $1")
                .await?;
            Ok(client.execute(&statement, &[&account.as_uuid()]).await?)
        })
        .await
    }

    /// Deletes what was not used for [`DEVICE_DAYS`]; tells how many. To be called every few minutes.
    pub async fn purge(&self) -> Result<u64, IdentityError> {
        let forgotten = to_sql(unused_since(self.clock.now()));
        let mut purged = 0;
        loop {
            let rows = bounded(async {
                let client = self.database.client().await?;
                let statement = client
                    .prepare_cached(
                        "DELETE FROM auth.devices WHERE (token_hash, account_id) IN (
                             SELECT token_hash, account_id FROM auth.devices WHERE last_used_at <= $1 LIMIT $2
                         )",
                    )
                    .await?;
                Ok(client.execute(&statement, &[&forgotten, &PURGE_ROWS_MAX]).await?)
            })
            .await?;
            purged += rows;
            if rows < PURGE_ROWS_MAX.unsigned_abs() {
                return Ok(purged);
            }
        }
    }
}

fn unused_since(now: Timestamp) -> Timestamp {
    now.plus_millis(-DEVICE_DAYS * 24 * 60 * 60 * 1_000)
}
