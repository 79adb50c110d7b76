//! API tokens: what a program acts with for its owner.
//!
//! A token never does more than its role, nor more than its owner may at the moment ([`domain::Role::capped_at`]). It is
//! shown once, when it is made; of it is stored its SHA-256.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::GenericClient;
use domain::Role;
use domain::ids::{AccountId, Entropy, uuid_v7};
use domain::text::TokenName;
use domain::time::{Clock, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::database::{Database, Quiet, bounded, from_sql, to_sql};
use crate::error::IdentityError;
use crate::memory::Memory;
use crate::revocation::{CHANNEL, Revocation};
use crate::secret::Secret;
use crate::token::{Token, TokenHash};

/// What every token begins with, so that people and secret scanners recognise one.
pub const API_TOKEN_PREFIX: &str = "inf_";
/// Tokens that an account may have at once.
pub const API_TOKENS_MAX: i64 = 50;
/// Milliseconds between two notes of use, at least.
const TOUCH_MS: i64 = 60_000;

const COLUMNS: &str = "id, account_id, name, role, created_at, expires_at, last_used_at";

/// What is known of a token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    /// Its name for programs. It opens nothing.
    pub id: Uuid,
    /// For whom it acts.
    pub account_id: AccountId,
    /// Its name for people.
    pub name: TokenName,
    /// More than this it never does.
    pub role: Role,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it ends.
    pub expires_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_used_at: Option<Timestamp>,
}

impl ApiToken {
    fn wants_touch(&self, now: Timestamp) -> bool {
        self.last_used_at
            .is_none_or(|at| now.millis_since(at) >= TOUCH_MS)
    }
}

/// A new token, with the only copy of it that there will ever be.
#[derive(Clone, Debug)]
pub struct NewApiToken {
    /// For its owner.
    pub token: Secret<String>,
    /// What is stored of it.
    pub stored: ApiToken,
}

pub(crate) type TokenMemory = Memory<TokenHash, ApiToken>;

/// The tokens. A cheap handle.
#[derive(Clone)]
pub struct ApiTokens {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    memory: Arc<TokenMemory>,
}

impl ApiTokens {
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        memory: Arc<TokenMemory>,
    ) -> Self {
        Self {
            database,
            clock,
            entropy,
            memory,
        }
    }

    /// A new token that ends after `valid`; none if the account has [`API_TOKENS_MAX`] that have not ended. Whether the
    /// owner may have one of this role is to be asked before.
    pub async fn create(
        &self,
        account_id: AccountId,
        name: TokenName,
        role: Role,
        valid: Duration,
    ) -> Result<Option<NewApiToken>, IdentityError> {
        let (token, hash) = Token::generate(&*self.entropy);
        let now = self.clock.now();
        let stored = ApiToken {
            id: uuid_v7(&*self.clock, &*self.entropy),
            account_id,
            name,
            role,
            created_at: now,
            expires_at: now.plus_millis(i64::try_from(valid.as_millis()).unwrap_or(i64::MAX)),
            last_used_at: None,
        };
        let inserted = bounded(async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            // Two who make their fiftieth at once wait for each other.
            let turn = "SELECT pg_advisory_xact_lock(hashtextextended('api_tokens ' || $1, 0))";
            let turn = transaction.prepare_cached(turn).await?;
            transaction.execute(&turn, &[&account_id.to_string()]).await?;
            let insert = transaction
                .prepare_cached(
                    "INSERT INTO auth.api_tokens (id, token_hash, account_id, name, role, created_at, expires_at)
                     SELECT $1, $2, $3, $4, $5, $6, $7
                     WHERE (SELECT count(*) FROM auth.api_tokens WHERE account_id = $3 AND expires_at > $6) < $8",
                )
                .await?;
            let inserted = transaction
                .execute(
                    &insert,
                    &[
                        &stored.id,
                        &Quiet(hash.as_slice()),
                        &account_id.as_uuid(),
                        &stored.name.as_str(),
                        &stored.role.as_str(),
                        &to_sql(stored.created_at),
                        &to_sql(stored.expires_at),
                        &API_TOKENS_MAX,
                    ],
                )
                .await?;
            transaction.commit().await?;
            Ok(inserted)
        })
        .await?;
        let token = Secret::new(format!("{API_TOKEN_PREFIX}{}", token.expose()));
        Ok((inserted == 1).then_some(NewApiToken { token, stored }))
    }

    /// What an account has that has not ended, the newest first.
    pub async fn list(&self, account_id: AccountId) -> Result<Vec<ApiToken>, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(&format!(
                    "SELECT {COLUMNS} FROM auth.api_tokens
                     WHERE account_id = $1 AND expires_at > $2 ORDER BY created_at DESC, id DESC"
                ))
                .await?;
            let now = to_sql(self.clock.now());
            let rows = client.query(&statement, &[&account_id.as_uuid(), &now]).await?;
            rows.iter().map(token_of).collect()
        })
        .await
    }

    /// The token of this text, if there is one and it has not ended. Whether its owner is active and what it may do is to
    /// be asked elsewhere, each time.
    ///
    /// Hot: one that was seen within the last seconds costs no query, any other one, and one more a minute.
    pub async fn authenticate(&self, text: &str) -> Result<Option<ApiToken>, IdentityError> {
        let Some(hash) = text.strip_prefix(API_TOKEN_PREFIX).and_then(TokenHash::of) else {
            return Ok(None);
        };
        let now = self.clock.now();
        if let Some(token) = self.memory.get(&hash)
            && !token.wants_touch(now)
        {
            return Ok((now < token.expires_at).then_some(token));
        }
        let began = self.memory.begin();
        let found = bounded(self.look_up(hash, now)).await?;
        if let Some(token) = &found {
            self.memory.remember(hash, token.clone(), began);
        }
        Ok(found)
    }

    async fn look_up(&self, hash: TokenHash, now: Timestamp) -> Result<Option<ApiToken>, IdentityError> {
        let client = self.database.client().await?;
        let statement = client
            .prepare_cached(&format!(
                "SELECT {COLUMNS} FROM auth.api_tokens WHERE token_hash = $1 AND expires_at > $2"
            ))
            .await?;
        let row = client
            .query_opt(&statement, &[&Quiet(hash.as_slice()), &to_sql(now)])
            .await?;
        let Some(mut token) = row.as_ref().map(token_of).transpose()? else {
            return Ok(None);
        };
        if token.wants_touch(now) {
            let touch = client
                .prepare_cached(
                    "UPDATE auth.api_tokens SET last_used_at = $2
                     WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < $2)",
                )
                .await?;
            client.execute(&touch, &[&token.id, &to_sql(now)]).await?;
            token.last_used_at = Some(now);
        }
        Ok(Some(token))
    }

    /// Withdraws a token of this account; tells whether there was one.
    pub async fn withdraw(&self, account_id: AccountId, id: Uuid) -> Result<bool, IdentityError> {
        let _forgetting = Forgetting(&self.memory);
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "WITH ended AS (
                         DELETE FROM auth.api_tokens WHERE account_id = $1 AND id = $2 RETURNING 1
                     )
                     SELECT pg_notify($3, $4) FROM ended",
                )
                .await?;
            let news = Revocation::Tokens { account_id }.to_string();
            let rows = client
                .query(&statement, &[&account_id.as_uuid(), &id, &CHANNEL, &news])
                .await?;
            Ok(!rows.is_empty())
        })
        .await
    }

    /// Withdraws all tokens of an account; tells how many there were.
    pub async fn withdraw_all(&self, account_id: AccountId) -> Result<u64, IdentityError> {
        let _forgetting = Forgetting(&self.memory);
        bounded(async {
            let client = self.database.client().await?;
            withdraw_all(&client, account_id).await
        })
        .await
    }

    /// Deletes tokens that have ended; tells how many. To be called every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.api_tokens WHERE expires_at <= $1")
                .await?;
            Ok(client.execute(&statement, &[&to_sql(self.clock.now())]).await?)
        })
        .await
    }
}

/// Makes the memory forget when it goes out of scope, however that comes about.
struct Forgetting<'a>(&'a TokenMemory);

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        self.0.forget_all();
    }
}

/// Withdraws an account's tokens and says so to everybody, in the caller's transaction if it has one.
pub(crate) async fn withdraw_all(
    client: &impl GenericClient,
    account_id: AccountId,
) -> Result<u64, IdentityError> {
    let statement = client
        .prepare_cached(
            "WITH ended AS (DELETE FROM auth.api_tokens WHERE account_id = $1 RETURNING 1)
             SELECT (SELECT count(*) FROM ended), pg_notify($2, $3)",
        )
        .await?;
    let news = Revocation::Tokens { account_id }.to_string();
    let row = client
        .query_one(&statement, &[&account_id.as_uuid(), &CHANNEL, &news])
        .await?;
    let ended: i64 = row.try_get(0)?;
    Ok(ended.unsigned_abs())
}

fn token_of(row: &Row) -> Result<ApiToken, IdentityError> {
    let unreadable = || IdentityError::Fault("a token that is not acceptable".to_owned());
    let last_used_at: Option<_> = row.try_get(6)?;
    Ok(ApiToken {
        id: row.try_get(0)?,
        account_id: AccountId::from_uuid(row.try_get(1)?),
        name: TokenName::parse(row.try_get(2)?).map_err(|_| unreadable())?,
        role: row.try_get::<_, &str>(3)?.parse().map_err(|_| unreadable())?,
        created_at: from_sql(row.try_get(4)?),
        expires_at: from_sql(row.try_get(5)?),
        last_used_at: last_used_at.map(from_sql),
    })
}
