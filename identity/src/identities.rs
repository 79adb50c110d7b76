//! Who somebody at an identity provider is here (`auth.identities`): by issuer and subject, never by address.

use std::collections::HashSet;
use std::sync::Arc;

use domain::ids::{AccountId, Entropy, uuid_v7};
use domain::time::Clock;
use tokio_postgres::Row;
use uuid::Uuid;

use crate::database::{Database, Quiet, bounded, to_sql};
use crate::error::IdentityError;

/// Somebody at an identity provider, and whose account is theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownIdentity {
    /// Its own id.
    pub id: Uuid,
    /// The provider's issuer identifier.
    pub issuer: String,
    /// Who they are there.
    pub subject: String,
    /// Who they are here. The account may not exist yet: its first event follows.
    pub account_id: AccountId,
    /// Whether they have signed in by it to the end before.
    pub is_used: bool,
}

/// The identities. A cheap handle.
#[derive(Clone)]
pub struct Identities {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

const COLUMNS: &str = "id, issuer, subject, account_id, last_used_at IS NOT NULL";

impl Identities {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self {
            database,
            clock,
            entropy,
        }
    }

    /// The identity with this issuer and subject, if they have been here before.
    pub async fn find(&self, issuer: &str, subject: &str) -> Result<Option<KnownIdentity>, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM auth.identities WHERE issuer = $1 AND subject = $2"
                ))
                .await?;
            let row = client.query_opt(&statement, &[&issuer, &Quiet(subject)]).await?;
            row.map(|row| known(&row)).transpose()
        })
        .await
    }

    /// The identity with this issuer and subject, as that of `account_id`, which is about to exist, unless somebody was
    /// quicker: of two who ask at once both are told the same.
    pub async fn add(
        &self,
        issuer: &str,
        subject: &str,
        account_id: AccountId,
    ) -> Result<KnownIdentity, IdentityError> {
        let id = uuid_v7(&*self.clock, &*self.entropy);
        bounded(async {
            let client = self.database.client().await?;
            // An update of nothing, so that the row is told also where there is one.
            let statement = client
                .prepare_cached(&format!(
                    "INSERT INTO auth.identities AS known (id, issuer, subject, account_id, created_at)
                     VALUES ($1, $2, $3, $4, $5)
                     ON CONFLICT (issuer, subject) DO UPDATE SET account_id = known.account_id
                     RETURNING {COLUMNS}"
                ))
                .await?;
            let (account_id, now) = (account_id.as_uuid(), to_sql(self.clock.now()));
            let row = client
                .query_one(&statement, &[&id, &issuer, &Quiet(subject), &account_id, &now])
                .await?;
            known(&row)
        })
        .await
    }

    /// The identity of this id.
    pub async fn get(&self, id: Uuid) -> Result<Option<KnownIdentity>, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(&format!("SELECT {COLUMNS} FROM auth.identities WHERE id = $1"))
                .await?;
            client
                .query_opt(&statement, &[&id])
                .await?
                .map(|row| known(&row))
                .transpose()
        })
        .await
    }

    /// Notes that somebody has signed in by it.
    pub async fn used(&self, id: Uuid) -> Result<(), IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("UPDATE auth.identities SET last_used_at = $2 WHERE id = $1")
                .await?;
            client
                .execute(&statement, &[&id, &to_sql(self.clock.now())])
                .await?;
            Ok(())
        })
        .await
    }

    /// Gives it to another account, if it still is `from`'s; tells whether it was.
    pub async fn give(&self, id: Uuid, from: AccountId, to: AccountId) -> Result<bool, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE auth.identities SET account_id = $3 WHERE id = $1 AND account_id = $2",
                )
                .await?;
            let given = client
                .execute(&statement, &[&id, &from.as_uuid(), &to.as_uuid()])
                .await?;
            Ok(given > 0)
        })
        .await
    }

    /// Which of these accounts have an identity.
    pub async fn of_accounts(&self, accounts: &[AccountId]) -> Result<HashSet<AccountId>, IdentityError> {
        if accounts.is_empty() {
            return Ok(HashSet::new());
        }
        let ids: Vec<Uuid> = accounts.iter().map(|account| account.as_uuid()).collect();
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("SELECT DISTINCT account_id FROM auth.identities WHERE account_id = ANY ($1)")
                .await?;
            let rows = client.query(&statement, &[&ids]).await?;
            rows.iter()
                .map(|row| Ok(AccountId::from_uuid(row.try_get(0)?)))
                .collect()
        })
        .await
    }
}

fn known(row: &Row) -> Result<KnownIdentity, IdentityError> {
    Ok(KnownIdentity {
        id: row.try_get(0)?,
        issuer: row.try_get(1)?,
        subject: row.try_get(2)?,
        account_id: AccountId::from_uuid(row.try_get(3)?),
        is_used: row.try_get(4)?,
    })
}
