//! Login names: which address and password stand for which account.
//!
//! An account begins with an event in the log, and its address must belong to nobody else. Log and table cannot be
//! written in one transaction (the log serialises appends on its own connection), so registration has two phases:
//!
//! 1. [`Logins::reserve`] holds the address for the new account;
//! 2. the caller appends the account's first event;
//! 3. [`Logins::confirm`] makes it a login, or [`Logins::release`] frees it where the append was refused.
//!
//! What if the process dies in between? Dead after 1: the address is held by nobody's account; after a minute the next
//! one who wants it is told [`IdentityError::Stale`] and takes it over. Dead after 2: the account exists, but nobody can
//! sign in to it. Both look alike from here, and only the log can tell them apart. So the program looks there, at its start
//! for all of [`Logins::unconfirmed`], and in the `Stale` case for that one holder: where the account exists it
//! confirms (and the address is taken), otherwise it releases (and reserves again). Whoever was merely slow and finds
//! its reservation gone is told [`IdentityError::Lost`] by `confirm`, and has to deactivate what it appended: nobody can sign in
//! to it.

use std::sync::Arc;

use domain::ids::AccountId;
use domain::text::Email;
use domain::time::{Clock, Timestamp};
use tokio_postgres::error::SqlState;
use uuid::Uuid;

use crate::database::{Database, Quiet, bounded, from_sql, to_sql};
use crate::error::IdentityError;
use crate::hasher::{Hasher, Verdict};
use crate::password::{NewPassword, Password};

/// Age from which a reservation that was not confirmed may be taken over, in milliseconds.
pub(crate) const STALE_AFTER_MS: i64 = 60_000;
/// Most reservations that [`Logins::unconfirmed`] lists at once.
const UNCONFIRMED_MAX: i64 = 1_000;

/// Somebody has proved to be this account. Made here and by whoever vouches for other proofs; used up by
/// [`crate::Sessions::create`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignedIn {
    /// Who it is. Whether the account is active is not known here.
    pub account_id: AccountId,
    pub(crate) proof: Proof,
}

/// By what somebody has proved it, as far as that must still hold when the session begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// The password of this version: a session is refused when it has been changed since.
    Password(i32),
    /// A guest's link or code: a session is refused when the account has got a password since, for then it is claimed.
    Guest,
    /// Something else.
    Vouched,
}

impl SignedIn {
    /// The caller vouches for it by other means than a password: it has just registered, for instance.
    pub fn vouched(account_id: AccountId) -> Self {
        Self {
            account_id,
            proof: Proof::Vouched,
        }
    }

    /// By a link or code that was mailed to a guest. Good for nothing once the account has a password.
    pub fn guest(account_id: AccountId) -> Self {
        Self {
            account_id,
            proof: Proof::Guest,
        }
    }
}

/// Whether an address could be held.
pub(crate) enum Held {
    /// It is held, with the password of this version.
    Now {
        /// The version.
        version: i32,
    },
    /// It is another's, or a login already.
    Before,
}

/// An address is held for an account; to be confirmed or released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[must_use = "to be confirmed or released"]
pub struct Reservation {
    /// The account that is about to exist.
    pub account_id: AccountId,
}

/// Whose an address is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holder {
    /// The account.
    pub account_id: AccountId,
    /// Whether it can be signed in to by password.
    pub has_password: bool,
}

/// A reservation that was neither confirmed nor released.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unconfirmed {
    /// Whose it is.
    pub account_id: AccountId,
    /// Since when.
    pub reserved_at: Timestamp,
}

/// The login names. A cheap handle.
#[derive(Clone)]
pub struct Logins {
    pub(crate) database: Database,
    pub(crate) clock: Arc<dyn Clock>,
    hasher: Arc<Hasher>,
}

impl Logins {
    pub(crate) fn new(database: Database, clock: Arc<dyn Clock>, hasher: Arc<Hasher>) -> Self {
        Self {
            database,
            clock,
            hasher,
        }
    }

    /// The account behind this address and password.
    ///
    /// Unknown addresses, logins without a password and unconfirmed ones are refused after as much work as a wrong
    /// password: the verifier runs exactly once. A hash with outdated parameters is replaced on this occasion.
    pub async fn sign_in(&self, email: &str, password: &Password) -> Result<SignedIn, IdentityError> {
        let login = match Email::parse(email) {
            Ok(email) => self.find(By::Email(&email.key())).await?,
            Err(_) => None,
        };
        let stored = login.as_ref().and_then(|login| login.password_hash.as_deref());
        let verdict = self.hasher.verify(password, stored).await?;
        let Some(login) = login else {
            tracing::warn!("sign-in refused: unknown address");
            return Err(IdentityError::Refused);
        };
        let account_id = login.account_id;
        if verdict == Verdict::Differs {
            tracing::warn!(account.id = %account_id, "sign-in refused: wrong password or none set");
            return Err(IdentityError::Refused);
        }
        if verdict == Verdict::MatchesOutdated {
            self.upgrade(&login, password).await;
        }
        tracing::info!(account.id = %account_id, "signed in by password");
        Ok(SignedIn {
            account_id,
            proof: Proof::Password(login.password_version),
        })
    }

    /// Holds `email` for an account that is about to be made; see the head of this file. `None`: an account without
    /// a password.
    ///
    /// The password is hashed before anything is looked up, so that a taken address costs as much time as a free one.
    /// Reserving again for the same account, while unconfirmed, is no error and takes the new password.
    ///
    /// Errors: `Taken`, `HasLogin`, `Stale` (look in the log for the holder: `confirm` or `release` it, and in the
    /// second case try again), `Busy`, `Unavailable`.
    pub async fn reserve(
        &self,
        email: &Email,
        account_id: AccountId,
        password: Option<&NewPassword>,
    ) -> Result<Reservation, IdentityError> {
        let hash = match password {
            Some(password) => Some(self.hasher.hash(password).await?),
            None => None,
        };
        bounded(self.reserve_hashed(&email.key(), account_id, hash.as_deref())).await
    }

    async fn reserve_hashed(
        &self,
        email_key: &str,
        account_id: AccountId,
        hash: Option<&str>,
    ) -> Result<Reservation, IdentityError> {
        if let Held::Now { .. } = self.hold_hashed(email_key, account_id, hash).await? {
            return Ok(Reservation { account_id });
        }
        let client = self.database.client().await?;
        let holder = client
            .prepare_cached(
                "SELECT account_id FROM auth.logins
                 WHERE email_key = $1 AND confirmed_at IS NULL AND reserved_at <= $2",
            )
            .await?;
        let stale_since = to_sql(self.clock.now().plus_millis(-STALE_AFTER_MS));
        match client
            .query_opt(&holder, &[&Quiet(email_key), &stale_since])
            .await?
        {
            Some(row) => Err(IdentityError::Stale {
                holder: AccountId::from_uuid(row.try_get(0)?),
            }),
            None => Err(IdentityError::Taken),
        }
    }

    /// Holds an address for an account, unless it is another's or a login already. Holding it again with the same hash
    /// changes nothing.
    pub(crate) async fn hold_hashed(
        &self,
        email_key: &str,
        account_id: AccountId,
        hash: Option<&str>,
    ) -> Result<Held, IdentityError> {
        let client = self.database.client().await?;
        let statement = client.prepare_cached(
            "INSERT INTO auth.logins AS held (email_key, account_id, password_hash, reserved_at)
             VALUES ($1, $2, $3, $4)
             ON CONFLICT (email_key) DO UPDATE
             SET password_hash = excluded.password_hash, reserved_at = excluded.reserved_at,
                 password_version = held.password_version
                     + (held.password_hash IS DISTINCT FROM excluded.password_hash)::int
             WHERE held.account_id = excluded.account_id AND held.confirmed_at IS NULL
             RETURNING password_version",
        );
        let now = to_sql(self.clock.now());
        let held = client
            .query_opt(
                &statement.await?,
                &[&Quiet(email_key), &account_id.as_uuid(), &Quiet(hash), &now],
            )
            .await;
        match held {
            Ok(Some(row)) => Ok(Held::Now {
                version: row.try_get(0)?,
            }),
            Ok(None) => Ok(Held::Before),
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => Err(IdentityError::HasLogin),
            Err(error) => Err(error.into()),
        }
    }

    /// The account's first event is in the log: from now on it can sign in. Confirming twice is no error.
    pub async fn confirm(&self, account_id: AccountId) -> Result<(), IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE auth.logins SET confirmed_at = coalesce(confirmed_at, $2) WHERE account_id = $1",
                )
                .await?;
            let now = to_sql(self.clock.now());
            match client.execute(&statement, &[&account_id.as_uuid(), &now]).await? {
                0 => Err(IdentityError::Lost),
                _ => Ok(()),
            }
        })
        .await
    }

    /// The account was not made: frees its address. Does nothing to a confirmed login; tells whether anything was
    /// freed.
    pub async fn release(&self, account_id: AccountId) -> Result<bool, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.logins WHERE account_id = $1 AND confirmed_at IS NULL")
                .await?;
            Ok(client.execute(&statement, &[&account_id.as_uuid()]).await? > 0)
        })
        .await
    }

    /// Reservations older than `age_ms` that were neither confirmed nor released, oldest first, at most 1,000.
    pub async fn unconfirmed(&self, age_ms: i64) -> Result<Vec<Unconfirmed>, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT account_id, reserved_at FROM auth.logins
                     WHERE confirmed_at IS NULL AND reserved_at <= $1 ORDER BY reserved_at LIMIT $2",
                )
                .await?;
            let before = to_sql(self.clock.now().plus_millis(-age_ms));
            let rows = client.query(&statement, &[&before, &UNCONFIRMED_MAX]).await?;
            rows.iter()
                .map(|row| {
                    Ok(Unconfirmed {
                        account_id: AccountId::from_uuid(row.try_get(0)?),
                        reserved_at: from_sql(row.try_get(1)?),
                    })
                })
                .collect()
        })
        .await
    }

    /// Whose address this is, and whether they have a password; none if it is nobody's.
    pub async fn holder(&self, email: &Email) -> Result<Option<Holder>, IdentityError> {
        let login = self.find(By::Email(&email.key())).await?;
        Ok(login.map(|login| Holder {
            account_id: login.account_id,
            has_password: login.password_hash.is_some(),
        }))
    }

    /// Proves an account's present password, with exactly one verification. For whoever is signed in and about to do
    /// something grave.
    pub(crate) async fn prove(
        &self,
        account_id: AccountId,
        password: &Password,
    ) -> Result<i32, IdentityError> {
        let login = self.find(By::Account(account_id.as_uuid())).await?;
        let stored = login.as_ref().and_then(|login| login.password_hash.as_deref());
        let verdict = self.hasher.verify(password, stored).await?;
        match login {
            Some(login) if verdict != Verdict::Differs => Ok(login.password_version),
            _ => {
                tracing::warn!(account.id = %account_id, "present password not proved");
                Err(IdentityError::Refused)
            }
        }
    }

    async fn find(&self, by: By<'_>) -> Result<Option<Login>, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let row = match by {
                By::Email(key) => {
                    let statement = client
                        .prepare_cached(
                            "SELECT account_id, password_hash, password_version FROM auth.logins
                             WHERE email_key = $1 AND confirmed_at IS NOT NULL",
                        )
                        .await?;
                    client.query_opt(&statement, &[&Quiet(key)]).await?
                }
                By::Account(account_id) => {
                    let statement = client
                        .prepare_cached(
                            "SELECT account_id, password_hash, password_version FROM auth.logins
                             WHERE account_id = $1 AND confirmed_at IS NOT NULL",
                        )
                        .await?;
                    client.query_opt(&statement, &[&account_id]).await?
                }
            };
            let Some(row) = row else { return Ok(None) };
            Ok(Some(Login {
                account_id: AccountId::from_uuid(row.try_get(0)?),
                password_hash: row.try_get(1)?,
                password_version: row.try_get(2)?,
            }))
        })
        .await
    }

    /// Hashes a password that was just proved with the present parameters. A failure is no reason to keep anybody
    /// out; the next sign-in tries again.
    async fn upgrade(&self, login: &Login, password: &Password) {
        let replace = async {
            let hash = self.hasher.rehash(password).await?;
            bounded(async {
                let client = self.database.client().await?;
                let statement = client
                    .prepare_cached(
                        "UPDATE auth.logins SET password_hash = $2 WHERE account_id = $1 AND password_hash = $3",
                    )
                    .await?;
                let account_id = login.account_id.as_uuid();
                client.execute(&statement, &[&account_id, &Quiet(hash), &Quiet(&login.password_hash)]).await?;
                Ok(())
            })
            .await
        };
        match replace.await {
            Ok(()) => {
                tracing::info!(account.id = %login.account_id, "password hashed with the present parameters");
            }
            Err(error) => {
                tracing::warn!(account.id = %login.account_id, %error, "outdated password hash could not be replaced");
            }
        }
    }
}

/// A confirmed login as stored.
struct Login {
    account_id: AccountId,
    password_hash: Option<String>,
    password_version: i32,
}

/// What a login is looked up by.
enum By<'a> {
    Email(&'a str),
    Account(Uuid),
}
