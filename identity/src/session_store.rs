//! Beginning, recognising and ending sessions.

use std::collections::HashSet;
use std::sync::Arc;

use deadpool_postgres::GenericClient;
use domain::ids::{AccountId, Entropy};
use domain::time::Clock;
use tokio::sync::broadcast;
use tokio_postgres::Row;

use crate::api_token::TokenMemory;
use crate::browser::Browser;
use crate::database::{Database, Quiet, bounded, from_sql, to_sql};
use crate::error::IdentityError;
use crate::login::{Proof, SignedIn};
use crate::memory::Memory;
use crate::revocation::{BACKLOG_MAX, CHANNEL, Revocation, Revocations};
use crate::session::{NewSession, Session, SessionId, SessionSettings};
use crate::token::Token;

/// Rows that [`Sessions::purge_expired`] deletes in one statement, so that it holds no locks for long.
const PURGE_ROWS_MAX: i64 = 1_000;

/// The sessions. A cheap handle.
#[derive(Clone)]
pub struct Sessions {
    pub(crate) shared: Arc<Shared>,
}

pub(crate) struct Shared {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    pub(crate) settings: SessionSettings,
    memory: Memory<SessionId, Session>,
    /// What ends in other processes is heard here, tokens as well.
    tokens: Arc<TokenMemory>,
    revocations: broadcast::Sender<Revocation>,
}

/// Makes the memory forget when it goes out of scope: however an operation ended, and also when its caller gave up, what
/// the database may have done is looked up anew.
pub(crate) struct Forgetting<'a> {
    sessions: &'a Sessions,
    revocation: Revocation,
}

impl Drop for Forgetting<'_> {
    fn drop(&mut self) {
        self.sessions.forget(self.revocation);
    }
}

impl Sessions {
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        settings: SessionSettings,
        tokens: Arc<TokenMemory>,
    ) -> Result<Self, IdentityError> {
        let settings = settings.checked()?;
        let memory = Memory::new(settings.cache_time, settings.cache_entries_max);
        let (revocations, _) = broadcast::channel(BACKLOG_MAX);
        Ok(Self {
            shared: Arc::new(Shared {
                database,
                clock,
                entropy,
                settings,
                memory,
                tokens,
                revocations,
            }),
        })
    }

    /// Begins a session for somebody who has just proved who he is, always with a new token.
    ///
    /// Errors: `Refused` if the password was changed since it was proved, or a guest's account claimed: that ended all
    /// sessions, and this one must not slip in after it.
    pub async fn create(&self, signed_in: &SignedIn, browser: &Browser) -> Result<NewSession, IdentityError> {
        let Shared {
            database,
            clock,
            entropy,
            settings,
            ..
        } = &*self.shared;
        let (token, hash) = Token::generate(&**entropy);
        let id = SessionId::from(hash);
        let now = clock.now();
        let session = Session {
            id,
            account_id: signed_in.account_id,
            created_at: now,
            last_seen_at: now,
            expires_at: now.plus_millis(settings.absolute_ms),
        };
        bounded(async {
            let client = database.client().await?;
            // FOR SHARE waits for a password change under way, and then sees its new version.
            let statement = client
                .prepare_cached(
                    "WITH login AS (
                         SELECT FROM auth.logins
                         WHERE account_id = $2 AND confirmed_at IS NOT NULL
                           AND (password_version = $7 OR ($7::int IS NULL AND password_hash IS NULL)) FOR SHARE
                     )
                     INSERT INTO auth.sessions
                         (token_hash, account_id, created_at, last_seen_at, expires_at, user_agent, address)
                     SELECT $1, $2, $3, $3, $4, $5, $6 WHERE $8 OR EXISTS (SELECT FROM login)",
                )
                .await?;
            let (version, vouched) = match signed_in.proof {
                Proof::Password(version) => (Some(version), false),
                Proof::Guest => (None, false),
                Proof::Vouched => (None, true),
            };
            let (created_at, expires_at) = (to_sql(session.created_at), to_sql(session.expires_at));
            let (id, account_id) = (session.id.0.as_slice(), session.account_id.as_uuid());
            let inserted = client
                .execute(
                    &statement,
                    &[
                        &Quiet(id),
                        &account_id,
                        &created_at,
                        &expires_at,
                        &browser.user_agent(),
                        &browser.address(),
                        &version,
                        &vouched,
                    ],
                )
                .await?;
            if inserted == 1 { Ok(()) } else { Err(IdentityError::Refused) }
        })
        .await?;
        self.end_surplus(session.account_id).await?;
        Ok(NewSession { token, session })
    }

    /// The session that this token opens, if there is one and it is alive. Anything that is not a token of ours opens
    /// nothing; a token is never adopted from outside.
    ///
    /// Hot: a session seen within the last seconds costs no query, any other costs one, and one more a minute to note its use.
    pub async fn authenticate(&self, token: &str) -> Result<Option<Session>, IdentityError> {
        let Shared {
            database,
            clock,
            settings,
            memory,
            ..
        } = &*self.shared;
        let Some(id) = SessionId::of_token(token) else {
            return Ok(None);
        };
        let now = clock.now();
        if let Some(session) = memory.get(&id)
            && !session.wants_touch(now, settings)
        {
            return Ok(session.is_alive(now, settings).then_some(session));
        }
        let began = memory.begin();
        let found = bounded(async {
            let client = database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT token_hash, account_id, created_at, last_seen_at, expires_at
                     FROM auth.sessions WHERE token_hash = $1",
                )
                .await?;
            let Some(row) = client.query_opt(&statement, &[&Quiet(id.0.as_slice())]).await? else {
                return Ok(None);
            };
            let mut session = session_of(&row)?;
            if !session.is_alive(now, settings) {
                return Ok(None);
            }
            if session.wants_touch(now, settings) {
                let touch = client
                    .prepare_cached(
                        "UPDATE auth.sessions SET last_seen_at = $2 WHERE token_hash = $1 AND last_seen_at < $2",
                    )
                    .await?;
                client.execute(&touch, &[&Quiet(id.0.as_slice()), &to_sql(now)]).await?;
                session.last_seen_at = now;
            }
            Ok(Some(session))
        })
        .await?;
        if let Some(session) = &found {
            memory.remember(id, session.clone(), began);
        }
        Ok(found)
    }

    /// Which of these sessions are still alive. For whoever holds something open for them and has no token any more;
    /// does not count as use.
    pub async fn living(&self, ids: &[SessionId]) -> Result<HashSet<SessionId>, IdentityError> {
        let Shared {
            database,
            clock,
            settings,
            ..
        } = &*self.shared;
        let hashes: Vec<&[u8]> = ids.iter().map(|id| id.0.as_slice()).collect();
        let now = clock.now();
        bounded(async {
            let client = database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT token_hash FROM auth.sessions
                     WHERE token_hash = ANY ($1) AND expires_at > $2 AND last_seen_at > $3",
                )
                .await?;
            let idle_since = to_sql(now.plus_millis(-settings.idle_ms));
            let rows = client
                .query(&statement, &[&Quiet(&hashes), &to_sql(now), &idle_since])
                .await?;
            rows.iter().map(|row| session_id(row.try_get(0)?)).collect()
        })
        .await
    }

    /// Ends the session that this token opens; tells whether there was one.
    pub async fn end(&self, token: &str) -> Result<bool, IdentityError> {
        let Some(id) = SessionId::of_token(token) else {
            return Ok(false);
        };
        let revocation = Revocation::Session(id);
        let _forgetting = self.forgetting(revocation);
        let ended = bounded(async {
            let client = self.shared.database.client().await?;
            let statement = client
                .prepare_cached(
                    "WITH ended AS (DELETE FROM auth.sessions WHERE token_hash = $1 RETURNING 1)
                     SELECT pg_notify($2, $3) FROM ended",
                )
                .await?;
            let rows = client
                .query(
                    &statement,
                    &[&Quiet(id.0.as_slice()), &CHANNEL, &revocation.to_string()],
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

    /// Ends all sessions of an account (deactivation, "sign out everywhere"); tells how many there were.
    pub async fn end_all(&self, account_id: AccountId) -> Result<u64, IdentityError> {
        self.end_account(
            Revocation::Account {
                account_id,
                keep: None,
            },
            account_id,
            None,
        )
        .await
    }

    /// Ends all sessions of an account but one; tells how many there were.
    pub async fn end_others(&self, account_id: AccountId, keep: SessionId) -> Result<u64, IdentityError> {
        self.end_account(
            Revocation::Account {
                account_id,
                keep: Some(keep),
            },
            account_id,
            Some(keep),
        )
        .await
    }

    async fn end_account(
        &self,
        revocation: Revocation,
        account_id: AccountId,
        keep: Option<SessionId>,
    ) -> Result<u64, IdentityError> {
        let _forgetting = self.forgetting(revocation);
        let ended = bounded(async {
            let client = self.shared.database.client().await?;
            end_of_account(&client, revocation, account_id, keep).await
        })
        .await?;
        self.tell(revocation);
        Ok(ended)
    }

    /// Ends what an account has beyond its allowance, the longest unused first.
    async fn end_surplus(&self, account_id: AccountId) -> Result<(), IdentityError> {
        let Shared {
            database, settings, ..
        } = &*self.shared;
        let ended: Vec<SessionId> = bounded(async {
            let client = database.client().await?;
            let statement = client
                .prepare_cached(
                    "WITH ended AS (
                         DELETE FROM auth.sessions WHERE token_hash IN (
                             SELECT token_hash FROM auth.sessions WHERE account_id = $1
                             ORDER BY last_seen_at DESC, created_at DESC OFFSET $2
                         ) RETURNING token_hash
                     )
                     SELECT token_hash, pg_notify($3, 'session ' || encode(token_hash, 'hex')) FROM ended",
                )
                .await?;
            let allowed = i64::from(settings.per_account_max);
            let rows = client
                .query(&statement, &[&account_id.as_uuid(), &allowed, &CHANNEL])
                .await?;
            rows.iter().map(|row| session_id(row.try_get(0)?)).collect()
        })
        .await?;
        for id in ended {
            self.forget(Revocation::Session(id));
            self.tell(Revocation::Session(id));
        }
        Ok(())
    }

    /// Deletes sessions that are dead anyway; tells how many. To be called every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        let Shared {
            database,
            clock,
            settings,
            ..
        } = &*self.shared;
        let now = clock.now();
        let (now, idle_since) = (to_sql(now), to_sql(now.plus_millis(-settings.idle_ms)));
        let mut purged = 0;
        loop {
            let rows = bounded(async {
                let client = database.client().await?;
                let statement = client
                    .prepare_cached(
                        "DELETE FROM auth.sessions WHERE token_hash IN (
                             SELECT token_hash FROM auth.sessions
                             WHERE expires_at <= $1 OR last_seen_at <= $2 LIMIT $3
                         )",
                    )
                    .await?;
                Ok(client
                    .execute(&statement, &[&now, &idle_since, &PURGE_ROWS_MAX])
                    .await?)
            })
            .await?;
            purged += rows;
            if rows < PURGE_ROWS_MAX.unsigned_abs() {
                return Ok(purged);
            }
        }
    }

    /// The revocations from now on: this process's own at once, those of others once [`Self::watch_revocations`] runs.
    pub fn revocations(&self) -> Revocations {
        Revocations(self.shared.revocations.subscribe())
    }

    fn forget(&self, revocation: Revocation) {
        let Shared { memory, tokens, .. } = &*self.shared;
        match revocation {
            Revocation::Session(id) => memory.forget(&id),
            Revocation::Account { .. } => memory.forget_all(),
            Revocation::Tokens { .. } => tokens.forget_all(),
            Revocation::Missed => {
                memory.forget_all();
                tokens.forget_all();
            }
        }
    }

    pub(crate) fn heard(&self, revocation: Revocation) {
        self.forget(revocation);
        self.tell(revocation);
    }

    pub(crate) fn forgetting(&self, revocation: Revocation) -> Forgetting<'_> {
        Forgetting {
            sessions: self,
            revocation,
        }
    }

    pub(crate) fn tell(&self, revocation: Revocation) {
        // An error means that nobody follows, which is fine.
        let _ = self.shared.revocations.send(revocation);
    }
}

/// Deletes an account's sessions and says so to everybody, in the caller's transaction if it has one.
pub(crate) async fn end_of_account(
    client: &impl GenericClient,
    revocation: Revocation,
    account_id: AccountId,
    keep: Option<SessionId>,
) -> Result<u64, IdentityError> {
    let statement = client
        .prepare_cached(
            "WITH ended AS (
                 DELETE FROM auth.sessions
                 WHERE account_id = $1 AND ($2::bytea IS NULL OR token_hash <> $2) RETURNING 1
             )
             SELECT (SELECT count(*) FROM ended), pg_notify($3, $4)",
        )
        .await?;
    let keep = keep.as_ref().map(|id| id.0.as_slice());
    let row = client
        .query_one(
            &statement,
            &[&account_id.as_uuid(), &keep, &CHANNEL, &revocation.to_string()],
        )
        .await?;
    let ended: i64 = row.try_get(0)?;
    Ok(ended.unsigned_abs())
}

pub(crate) fn session_of(row: &Row) -> Result<Session, IdentityError> {
    Ok(Session {
        id: session_id(row.try_get(0)?)?,
        account_id: AccountId::from_uuid(row.try_get(1)?),
        created_at: from_sql(row.try_get(2)?),
        last_seen_at: from_sql(row.try_get(3)?),
        expires_at: from_sql(row.try_get(4)?),
    })
}

fn session_id(bytes: &[u8]) -> Result<SessionId, IdentityError> {
    SessionId::from_slice(bytes)
        .ok_or_else(|| IdentityError::Fault("a token hash of the wrong length".to_owned()))
}
