//! Browsers that have been sent to a provider and have not come back (`auth.oidc_flows`).

use domain::ids::Entropy;
use domain::time::Timestamp;
use zeroize::Zeroizing;

use crate::database::{Database, Quiet, bounded, from_sql, to_sql};
use crate::error::IdentityError;
use crate::token::{Token, TokenHash};

/// How long somebody may take to sign in at the provider, in milliseconds.
pub(super) const FLOW_MS: i64 = 10 * 60 * 1_000;
/// Rows that one purge deletes at once, so that it holds no locks for long.
const PURGE_ROWS_MAX: i64 = 1_000;

/// What is sent along, and expected back.
pub(super) struct Flow {
    pub(super) provider: String,
    pub(super) nonce: String,
    pub(super) verifier: Zeroizing<String>,
    pub(super) return_to: String,
}

impl Flow {
    pub(super) fn new(provider: &str, return_to: &str, entropy: &dyn Entropy) -> Self {
        let random = || Token::generate(entropy).0.expose().to_owned();
        Self {
            provider: provider.to_owned(),
            nonce: random(),
            verifier: Zeroizing::new(random()),
            return_to: return_to.to_owned(),
        }
    }

    /// Writes it down, for whoever has both `state` and `browser`.
    pub(super) async fn keep(
        &self,
        database: &Database,
        state: TokenHash,
        browser: TokenHash,
        now: Timestamp,
    ) -> Result<(), IdentityError> {
        bounded(async {
            let client = database.client().await?;
            let statement = client
                .prepare_cached(
                    "INSERT INTO auth.oidc_flows (state_hash, browser_hash, provider, nonce, pkce_verifier, return_to,
                                                  created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                )
                .await?;
            client
                .execute(
                    &statement,
                    &[
                        &Quiet(state.as_slice()),
                        &Quiet(browser.as_slice()),
                        &self.provider,
                        &Quiet(&self.nonce),
                        &Quiet(self.verifier.as_str()),
                        &Quiet(&self.return_to),
                        &to_sql(now),
                        &to_sql(now.plus_millis(FLOW_MS)),
                    ],
                )
                .await?;
            Ok(())
        })
        .await
    }

    /// Takes it up again, once: of several who come with the same `state` at once, one gets it. Whoever has the state but not
    /// the browser's cookie gets nothing and spoils nothing.
    pub(super) async fn take(
        database: &Database,
        state: TokenHash,
        browser: TokenHash,
        now: Timestamp,
    ) -> Result<Option<Self>, IdentityError> {
        bounded(async {
            let client = database.client().await?;
            let statement = client
                .prepare_cached(
                    "DELETE FROM auth.oidc_flows WHERE state_hash = $1 AND browser_hash = $2
                     RETURNING provider, nonce, pkce_verifier, return_to, expires_at",
                )
                .await?;
            let row = client
                .query_opt(
                    &statement,
                    &[&Quiet(state.as_slice()), &Quiet(browser.as_slice())],
                )
                .await?;
            let Some(row) = row else { return Ok(None) };
            if from_sql(row.try_get(4)?) <= now {
                return Ok(None);
            }
            Ok(Some(Self {
                provider: row.try_get(0)?,
                nonce: row.try_get(1)?,
                verifier: Zeroizing::new(row.try_get(2)?),
                return_to: row.try_get(3)?,
            }))
        })
        .await
    }

    /// Forgets those that took too long; tells how many.
    pub(super) async fn purge(database: &Database, now: Timestamp) -> Result<u64, IdentityError> {
        bounded(async {
            let client = database.client().await?;
            let statement = client
                .prepare_cached(
                    "DELETE FROM auth.oidc_flows WHERE state_hash IN
                         (SELECT state_hash FROM auth.oidc_flows WHERE expires_at <= $1 LIMIT $2)",
                )
                .await?;
            Ok(client
                .execute(&statement, &[&to_sql(now), &PURGE_ROWS_MAX])
                .await?)
        })
        .await
    }
}
