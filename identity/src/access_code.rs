//! Access codes: what a guest types who cannot follow the link in the same mail, on another machine for instance.
//!
//! A code opens what the link opens, for as long, but more than once: whoever types it on the telephone's word types it
//! again. It is made by whoever sends the mail, as links are, and is at rest nowhere else.

use std::sync::Arc;
use std::time::Duration;

use domain::ids::{AccountId, Entropy, TicketId};
use domain::time::Clock;

use crate::code::{AccessCode, CodeHash};
use crate::database::{Database, Quiet, bounded, to_sql};
use crate::error::IdentityError;

/// What a code opens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Admission {
    /// Whose session it begins. Whether the account is still a guest's and active is to be asked elsewhere.
    pub account_id: AccountId,
    /// Which ticket it leads to.
    pub ticket: TicketId,
}

/// The access codes. A cheap handle.
#[derive(Clone)]
pub struct AccessCodes {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl AccessCodes {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    /// A new code, good for `valid`. It is for the mail, and for nothing else.
    pub async fn create(
        &self,
        account_id: AccountId,
        ticket: TicketId,
        valid: Duration,
    ) -> Result<AccessCode, IdentityError> {
        let (code, hash) = AccessCode::generate(&*self.entropy);
        let now = self.clock.now();
        let valid_ms = i64::try_from(valid.as_millis()).unwrap_or(i64::MAX);
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "INSERT INTO auth.access_codes (code_hash, account_id, ticket_id, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5)",
                )
                .await?;
            client
                .execute(
                    &statement,
                    &[
                        &Quiet(hash.as_slice()),
                        &account_id.as_uuid(),
                        &ticket.as_uuid(),
                        &to_sql(now),
                        &to_sql(now.plus_millis(valid_ms)),
                    ],
                )
                .await?;
            Ok(())
        })
        .await?;
        Ok(code)
    }

    /// What this code opens, which it goes on doing. None for what is no code, was revoked or has expired.
    pub async fn redeem(&self, typed: &str) -> Result<Option<Admission>, IdentityError> {
        let Some(hash) = CodeHash::of(typed) else {
            return Ok(None);
        };
        let now = to_sql(self.clock.now());
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT account_id, ticket_id FROM auth.access_codes
                     WHERE code_hash = $1 AND expires_at > $2",
                )
                .await?;
            let row = client
                .query_opt(&statement, &[&Quiet(hash.as_slice()), &now])
                .await?;
            let Some(row) = row else { return Ok(None) };
            Ok(Some(Admission {
                account_id: AccountId::from_uuid(row.try_get(0)?),
                ticket: TicketId::from_uuid(row.try_get(1)?),
            }))
        })
        .await
    }

    /// Makes all codes of this account worthless; tells how many there were.
    pub async fn revoke(&self, account_id: AccountId) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.access_codes WHERE account_id = $1")
                .await?;
            Ok(client.execute(&statement, &[&account_id.as_uuid()]).await?)
        })
        .await
    }

    /// Deletes codes that have expired; tells how many. To be called every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.access_codes WHERE expires_at <= $1")
                .await?;
            Ok(client.execute(&statement, &[&to_sql(self.clock.now())]).await?)
        })
        .await
    }
}
