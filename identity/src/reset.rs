//! Setting a new password by a link that was mailed.

use domain::ids::AccountId;

use crate::database::{Quiet, bounded, to_sql};
use crate::error::IdentityError;
use crate::identity::Identity;
use crate::link::Purpose;
use crate::password::NewPassword;
use crate::revocation::Revocation;
use crate::session_store::end_of_account;
use crate::token::TokenHash;

impl Identity {
    /// Replaces the password of an account by the link that was mailed to it.
    ///
    /// It is what people do who have lost a password to somebody. So in the same transaction all sessions end, all API
    /// tokens are withdrawn, all browsers that were known are forgotten, and all other links to a new password are void.
    /// Of many who come with the same link, one is let through.
    ///
    /// Errors: `Refused` for a link that is not (any more) one of this account, and for an account that has no password,
    /// since it signs in by other means; `Busy`, `Unavailable`. Whether the account is active is to be asked before.
    pub async fn reset_password(
        &self,
        account_id: AccountId,
        token: &str,
        new: &NewPassword,
    ) -> Result<(), IdentityError> {
        let token = TokenHash::of(token).ok_or(IdentityError::Refused)?;
        let hash = self.hasher.hash(new).await?;
        let revocation = Revocation::Account {
            account_id,
            keep: None,
        };
        let withdrawn = Revocation::Tokens { account_id };
        let _forgetting = (
            self.sessions.forgetting(revocation),
            self.sessions.forgetting(withdrawn),
        );
        let now = to_sql(self.logins.clock.now());
        bounded(async {
            let mut client = self.database.client().await?;
            let transaction = client.transaction().await?;
            let id = account_id.as_uuid();
            let statement = transaction
                .prepare_cached(
                    "UPDATE auth.logins SET password_hash = $2, password_version = password_version + 1
                     WHERE account_id = $1 AND confirmed_at IS NOT NULL AND password_hash IS NOT NULL",
                )
                .await?;
            // Before everything else: whoever is making a session with the old password waits for this row.
            let updated = transaction.execute(&statement, &[&id, &Quiet(&hash)]).await?;
            let statement = transaction
                .prepare_cached(
                    "WITH links AS (
                         DELETE FROM auth.links WHERE subject = $1 AND purpose = $2 RETURNING token_hash, expires_at
                     )
                     SELECT FROM links WHERE token_hash = $3 AND expires_at > $4",
                )
                .await?;
            let purpose = Purpose::PasswordReset.as_str();
            let used = transaction
                .query_opt(&statement, &[&id, &purpose, &Quiet(token.as_slice()), &now])
                .await?;
            if updated == 0 || used.is_none() {
                return Err(IdentityError::Refused);
            }
            end_of_account(&transaction, revocation, account_id, None).await?;
            crate::api_token::withdraw_all(&transaction, account_id).await?;
            let statement = transaction
                .prepare_cached("DELETE FROM auth.devices WHERE account_id = $1")
                .await?;
            transaction.execute(&statement, &[&id]).await?;
            transaction.commit().await?;
            Ok(())
        })
        .await?;
        self.sessions.tell(revocation);
        tracing::info!(account.id = %account_id, "password reset by link, sessions ended and tokens withdrawn");
        Ok(())
    }
}
