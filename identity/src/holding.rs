//! How a proved registration comes by its address: free, a guest's, or somebody else's.

use domain::ids::AccountId;
use domain::text::Email;

use crate::database::{Quiet, bounded, to_sql};
use crate::error::IdentityError;
use crate::identity::Identity;
use crate::link::Purpose;
use crate::login::{Held, Logins, Proof, STALE_AFTER_MS, SignedIn};
use crate::registration::HashedPassword;
use crate::revocation::Revocation;
use crate::session_store::end_of_account;

/// Whose an address is for a proved registration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holding {
    /// It is held for the new account; to be confirmed when the account's first event is in the log.
    Reserved(SignedIn),
    /// It is a login of this very password already: somebody came this far and no further.
    Begun(SignedIn),
    /// It is the login of an account without a password: a guest's, or one that signs in by other means.
    Passwordless(AccountId),
}

impl Logins {
    /// Holds `email` for `account` as [`Logins::reserve`] does, with a password that is hashed already, and says whose it
    /// is if it cannot be held. To be repeated as often as wished.
    ///
    /// Errors: `Taken`, `Stale`, `HasLogin`, `Unavailable`.
    pub async fn hold(
        &self,
        email: &Email,
        account: AccountId,
        password: &HashedPassword,
    ) -> Result<Holding, IdentityError> {
        let key = email.key();
        bounded(async {
            let held = self.hold_hashed(&key, account, Some(password.as_str())).await?;
            if let Held::Now { version } = held {
                return Ok(Holding::Reserved(signed_in(account, version)));
            }
            let client = self.database.client().await?;
            let statement = client
                .prepare_cached(
                    "SELECT account_id, confirmed_at IS NOT NULL, reserved_at <= $3, password_hash IS NULL,
                            coalesce(password_hash = $2, false), password_version
                     FROM auth.logins WHERE email_key = $1",
                )
                .await?;
            let stale_since = to_sql(self.clock.now().plus_millis(-STALE_AFTER_MS));
            let password = Quiet(password.as_str());
            let row = client
                .query_opt(&statement, &[&Quiet(&key), &password, &stale_since])
                .await?;
            // Freed in between: whoever tries again gets it.
            let Some(row) = row else {
                return Err(IdentityError::Busy);
            };
            let holder = AccountId::from_uuid(row.try_get(0)?);
            match (row.try_get(1)?, row.try_get(2)?, row.try_get(3)?, row.try_get(4)?) {
                (false, true, _, _) => Err(IdentityError::Stale { holder }),
                (true, _, true, _) => Ok(Holding::Passwordless(holder)),
                (true, _, _, true) => Ok(Holding::Begun(signed_in(holder, row.try_get(5)?))),
                _ => Err(IdentityError::Taken),
            }
        })
        .await
    }
}

impl Identity {
    /// Gives a guest's account a password, whose owner has proved address and password by a registration. What let the
    /// guest in until now ends with it: sessions, links and codes, in one transaction.
    ///
    /// Errors: `Taken` if the account has a password, `Unavailable`.
    pub async fn claim(
        &self,
        account_id: AccountId,
        password: &HashedPassword,
    ) -> Result<SignedIn, IdentityError> {
        let revocation = Revocation::Account {
            account_id,
            keep: None,
        };
        let _forgetting = self.sessions.forgetting(revocation);
        let version = bounded(async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            let statement = transaction
                .prepare_cached(
                    "UPDATE auth.logins SET password_hash = $2, password_version = password_version + 1
                     WHERE account_id = $1 AND confirmed_at IS NOT NULL AND password_hash IS NULL
                     RETURNING password_version",
                )
                .await?;
            let id = account_id.as_uuid();
            // Before the sessions: a guest who is beginning one waits for this row, see `Sessions::create`.
            let row = transaction
                .query_opt(&statement, &[&id, &Quiet(password.as_str())])
                .await?;
            let version: i32 = row.ok_or(IdentityError::Taken)?.try_get(0)?;
            let statement = transaction
                .prepare_cached(
                    "WITH codes AS (DELETE FROM auth.access_codes WHERE account_id = $1)
                     DELETE FROM auth.links WHERE subject = $1 AND purpose = $2",
                )
                .await?;
            transaction
                .execute(&statement, &[&id, &Purpose::Guest.as_str()])
                .await?;
            end_of_account(&transaction, revocation, account_id, None).await?;
            transaction.commit().await?;
            Ok(version)
        })
        .await?;
        self.sessions.tell(revocation);
        tracing::info!(account.id = %account_id, "a guest's account got a password");
        Ok(signed_in(account_id, version))
    }
}

fn signed_in(account_id: AccountId, version: i32) -> SignedIn {
    SignedIn {
        account_id,
        proof: Proof::Password(version),
    }
}
