//! Registrations: who wants an account, and has not shown yet that the address is theirs.
//!
//! A row is written whoever has the address, after the same work, and without looking whether anybody has. It becomes an
//! account by the link that is mailed to the address, together with the password that was chosen here: the link alone
//! would let a stranger choose the password of an account that the owner of the address confirms.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use domain::ids::{Entropy, uuid_v7};
use domain::text::{Department, Email, PersonName};
use domain::time::{Clock, Timestamp};
use tokio_postgres::Row;
use uuid::Uuid;

use crate::database::{Database, Quiet, bounded, from_sql, to_sql};
use crate::error::IdentityError;
use crate::hasher::{Hasher, Verdict};
use crate::link::Purpose;
use crate::password::{NewPassword, Password};
use crate::secret::Secret;
use crate::token::TokenHash;

/// How long a registration waits for its proof.
pub const REGISTRATION_VALID: Duration = Duration::from_hours(24);
/// Wrong passwords after which a registration is given up.
const ATTEMPTS_MAX: i16 = 10;

/// Who wants an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Applicant {
    /// Where they say they are reached.
    pub email: Email,
    /// What others call them.
    pub name: PersonName,
    /// Where they belong.
    pub department: Option<Department>,
}

/// A password as it is stored.
#[derive(Clone)]
pub struct HashedPassword(Secret<String>);

impl HashedPassword {
    pub(crate) fn as_str(&self) -> &str {
        self.0.expose()
    }
}

impl fmt::Debug for HashedPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HashedPassword([redacted])")
    }
}

/// A registration whose address and password have been proved; to be made an account, and then
/// [finished](Registrations::finish).
#[derive(Clone, Debug)]
pub struct Proved {
    /// Which one. The account that it becomes has this id too, so that it becomes one only.
    pub id: Uuid,
    /// Who it is.
    pub applicant: Applicant,
    /// What they chose.
    pub password: HashedPassword,
}

/// The registrations. A cheap handle.
#[derive(Clone)]
pub struct Registrations {
    database: Database,
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
    hasher: Arc<Hasher>,
}

impl Registrations {
    pub(crate) fn new(
        database: Database,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
        hasher: Arc<Hasher>,
    ) -> Self {
        Self {
            database,
            clock,
            entropy,
            hasher,
        }
    }

    /// Writes down that `applicant` wants an account with this password; which registration it is. It is kept for
    /// [`REGISTRATION_VALID`].
    pub async fn create(&self, applicant: &Applicant, password: &NewPassword) -> Result<Uuid, IdentityError> {
        let hash = self.hasher.hash(password).await?;
        let id = uuid_v7(&*self.clock, &*self.entropy);
        let now = self.clock.now();
        let valid_ms = i64::try_from(REGISTRATION_VALID.as_millis()).unwrap_or(i64::MAX);
        let Applicant {
            email,
            name,
            department,
        } = applicant;
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "INSERT INTO auth.registrations
                         (id, email, name, department, password_hash, created_at, expires_at)
                     VALUES ($1, $2, $3, $4, $5, $6, $7)",
                )
                .await?;
            let department = department.as_ref().map(Department::as_str);
            client
                .execute(
                    &statement,
                    &[
                        &id,
                        &Quiet(email.as_str()),
                        &Quiet(name.as_str()),
                        &Quiet(department),
                        &Quiet(&hash),
                        &to_sql(now),
                        &to_sql(now.plus_millis(valid_ms)),
                    ],
                )
                .await?;
            Ok(())
        })
        .await?;
        Ok(id)
    }

    /// The registration of this link, for whoever knows its password too. The link goes on until the registration is
    /// finished, so that neither a typing error nor a crash uses it up; after ten wrong passwords it is given up.
    ///
    /// An attempt is counted before it is made, so that many at once are no more than ten. The verifier runs exactly
    /// once, whatever is wrong. Errors: `Refused`, `Busy`, `Unavailable`.
    pub async fn prove(&self, token: &str, password: &Password) -> Result<Proved, IdentityError> {
        let begun = match TokenHash::of(token) {
            Some(hash) => self.begin_attempt(hash).await?,
            None => None,
        };
        let stored = begun.as_ref().map(|(proved, _)| proved.password.as_str());
        let verdict = self.hasher.verify(password, stored).await;
        let Some((proved, attempts)) = begun else {
            verdict?;
            tracing::warn!("registration not confirmed: no such link");
            return Err(IdentityError::Refused);
        };
        // A refusal for want of time is no guess.
        let wrong = matches!(verdict, Ok(Verdict::Differs));
        self.end_attempt(proved.id, wrong, attempts).await?;
        match verdict? {
            Verdict::Differs => {
                tracing::warn!(registration.id = %proved.id, attempts, "registration not confirmed: wrong password");
                Err(IdentityError::Refused)
            }
            Verdict::Matches | Verdict::MatchesOutdated => Ok(proved),
        }
    }

    async fn begin_attempt(&self, hash: TokenHash) -> Result<Option<(Proved, i16)>, IdentityError> {
        let now = to_sql(self.clock.now());
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE auth.registrations AS asked SET attempts = attempts + 1
                     FROM auth.links
                     WHERE links.token_hash = $1 AND links.purpose = 'registration' AND links.expires_at > $2
                       AND asked.id = links.subject AND asked.expires_at > $2 AND asked.attempts < $3
                     RETURNING asked.id, email, name, department, password_hash, attempts",
                )
                .await?;
            let row = client
                .query_opt(&statement, &[&Quiet(hash.as_slice()), &now, &ATTEMPTS_MAX])
                .await?;
            row.map(|row| proved_of(&row)).transpose()
        })
        .await
    }

    /// Gives an attempt back that was none, and a registration up that has seen too many.
    async fn end_attempt(&self, id: Uuid, wrong: bool, attempts: i16) -> Result<(), IdentityError> {
        if wrong && attempts < ATTEMPTS_MAX {
            return Ok(());
        }
        if wrong {
            return self.finish(id).await.map(drop);
        }
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "UPDATE auth.registrations SET attempts = attempts - 1 WHERE id = $1 AND attempts > 0",
                )
                .await?;
            client.execute(&statement, &[&id]).await?;
            Ok(())
        })
        .await
    }

    /// The registration has become what it wanted, or never will: it and its links are of no more use. Tells whether it
    /// was there until now: of many who finish the same one, one is told so.
    pub async fn finish(&self, id: Uuid) -> Result<bool, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "WITH useless AS (DELETE FROM auth.links WHERE subject = $1 AND purpose = $2)
                     DELETE FROM auth.registrations WHERE id = $1",
                )
                .await?;
            let purpose = Purpose::Registration.as_str();
            Ok(client.execute(&statement, &[&id, &purpose]).await? > 0)
        })
        .await
    }

    /// Until when this registration waits; none if there is no such, or it has waited for too long.
    pub async fn waits_until(&self, registration: Uuid) -> Result<Option<Timestamp>, IdentityError> {
        let now = to_sql(self.clock.now());
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("SELECT expires_at FROM auth.registrations WHERE id = $1 AND expires_at > $2")
                .await?;
            let row = client.query_opt(&statement, &[&registration, &now]).await?;
            row.map(|row| Ok(from_sql(row.try_get(0)?))).transpose()
        })
        .await
    }

    /// Deletes registrations that nobody has proved in time; tells how many. To be called every few minutes.
    pub async fn purge_expired(&self) -> Result<u64, IdentityError> {
        bounded(async {
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached("DELETE FROM auth.registrations WHERE expires_at <= $1")
                .await?;
            Ok(client.execute(&statement, &[&to_sql(self.clock.now())]).await?)
        })
        .await
    }
}

fn proved_of(row: &Row) -> Result<(Proved, i16), IdentityError> {
    let unreadable = |_| IdentityError::Fault("a registration that is not acceptable".to_owned());
    let department: Option<String> = row.try_get(3)?;
    let department = department.map(|text| Department::parse(&text));
    let applicant = Applicant {
        email: Email::parse(row.try_get(1)?).map_err(unreadable)?,
        name: PersonName::parse(row.try_get(2)?).map_err(unreadable)?,
        department: department.transpose().map_err(unreadable)?,
    };
    let proved = Proved {
        id: row.try_get(0)?,
        applicant,
        password: HashedPassword(Secret::new(row.try_get(4)?)),
    };
    Ok((proved, row.try_get(5)?))
}
