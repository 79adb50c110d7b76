//! An account's sessions, for whoever owns it to see and to end.

use domain::ids::AccountId;

use crate::browser::Browser;
use crate::database::{Quiet, bounded, to_sql};
use crate::error::IdentityError;
use crate::revocation::{CHANNEL, Revocation};
use crate::session::{Session, SessionId};
use crate::session_store::{Sessions, session_of};

/// A living session, and what it was begun with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnSession {
    /// The session.
    pub session: Session,
    /// What it was begun with, as its client says.
    pub browser: Browser,
}

impl Sessions {
    /// The living sessions of an account, the last used first; at most as many as one account may have.
    pub async fn list(&self, account_id: AccountId) -> Result<Vec<OwnSession>, IdentityError> {
        let now = self.shared.clock.now();
        let idle_since = now.plus_millis(-self.shared.settings.idle_ms);
        bounded(async {
            let client = self.shared.database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT token_hash, account_id, created_at, last_seen_at, expires_at, user_agent, address
                     FROM auth.sessions WHERE account_id = $1 AND expires_at > $2 AND last_seen_at > $3
                     ORDER BY last_seen_at DESC, created_at DESC, token_hash",
                )
                .await?;
            let id = account_id.as_uuid();
            let rows = client
                .query(&statement, &[&id, &to_sql(now), &to_sql(idle_since)])
                .await?;
            rows.iter()
                .map(|row| {
                    let user_agent: Option<&str> = row.try_get(5)?;
                    Ok(OwnSession {
                        session: session_of(row)?,
                        browser: Browser::new(user_agent.map(str::as_bytes), row.try_get(6)?),
                    })
                })
                .collect()
        })
        .await
    }

    /// Ends one session of this account; tells whether there was one.
    pub async fn end_one(&self, account_id: AccountId, id: SessionId) -> Result<bool, IdentityError> {
        let revocation = Revocation::Session(id);
        let _forgetting = self.forgetting(revocation);
        let ended = bounded(async {
            let client = self.shared.database.client().await?;
            let statement = client
                .prepare_cached(
                    "WITH ended AS (
                         DELETE FROM auth.sessions WHERE token_hash = $1 AND account_id = $2 RETURNING 1
                     )
                     SELECT pg_notify($3, $4) FROM ended",
                )
                .await?;
            let account_id = account_id.as_uuid();
            let rows = client
                .query(
                    &statement,
                    &[
                        &Quiet(id.0.as_slice()),
                        &account_id,
                        &CHANNEL,
                        &revocation.to_string(),
                    ],
                )
                .await?;
            Ok(!rows.is_empty())
        })
        .await?;
        if ended {
            self.tell(revocation);
        }
        Ok(ended)
    }
}
