//! Why identity could not do what it was asked.

use std::time::Duration;

use deadpool_postgres::PoolError;
use domain::ids::AccountId;
use tokio_postgres::error::SqlState;

use crate::password::PasswordRefusal;

/// Every failure of this crate. None holds an e-mail address, a password, a token or a hash, so all may be logged.
#[derive(Debug, thiserror::Error)]
pub enum IdentityError {
    /// Signing in or proving the old password failed. The reason is not told: unknown address, wrong password,
    /// no password and unconfirmed login must look the same to whoever asks.
    #[error("invalid credentials")]
    Refused,
    /// A new password does not meet the rules.
    #[error("unacceptable password: {0}")]
    Password(#[from] PasswordRefusal),
    /// The e-mail address belongs to another login, or is being registered at this moment.
    #[error("the e-mail address is taken")]
    Taken,
    /// The e-mail address is held by a reservation that nobody confirmed in time. See [`crate::Logins::reserve`].
    #[error("the e-mail address is held by a stale reservation")]
    Stale {
        /// Whose reservation it is.
        holder: AccountId,
    },
    /// The account already has a login, under another address.
    #[error("the account already has a login")]
    HasLogin,
    /// There is no reservation of this account (any more): it was released, or taken over after a minute.
    #[error("the reservation is gone")]
    Lost,
    /// Too many attempts; the next one may come after this time. See [`crate::Limits`].
    #[error("too many attempts, the next one may come in {} ms", wait.as_millis())]
    TooMany {
        /// At least a millisecond.
        wait: Duration,
    },
    /// Too many passwords are being hashed; to be tried again in a second or two.
    #[error("too many passwords are being checked")]
    Busy,
    /// The database is away, too slow, or asks to try again; the outcome of a write is unknown.
    #[error("the database is unavailable: {0}")]
    Unavailable(String),
    /// A fault of ours: the database refused a statement, or a setting is not acceptable.
    #[error("identity fault: {0}")]
    Fault(String),
}

impl From<tokio_postgres::Error> for IdentityError {
    /// Keeps SQLSTATE and message only: detail and hint of a Postgres error may quote values of the row.
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            None => Self::Unavailable(error.to_string()),
            Some(db) => {
                let text = format!("SQLSTATE {}: {}", db.code().code(), db.message());
                if passes_by_itself(db.code()) {
                    Self::Unavailable(text)
                } else {
                    Self::Fault(text)
                }
            }
        }
    }
}

impl From<PoolError> for IdentityError {
    fn from(error: PoolError) -> Self {
        match error {
            PoolError::Backend(error) => error.into(),
            other => Self::Unavailable(other.to_string()),
        }
    }
}

/// Whether a later try may well succeed without anybody changing the program.
fn passes_by_itself(code: &SqlState) -> bool {
    // 08 connection, 40 rollback, 53 resources, 55P03 lock, 57 operator intervention, 58 system, 25006 read-only standby.
    let text = code.code();
    ["08", "40", "53", "57", "58"]
        .iter()
        .any(|class| text.starts_with(class))
        || *code == SqlState::LOCK_NOT_AVAILABLE
        || *code == SqlState::READ_ONLY_SQL_TRANSACTION
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_restarting_database_passes_a_missing_table_does_not() {
        assert!(passes_by_itself(&SqlState::ADMIN_SHUTDOWN));
        assert!(passes_by_itself(&SqlState::TOO_MANY_CONNECTIONS));
        assert!(passes_by_itself(&SqlState::T_R_DEADLOCK_DETECTED));
        assert!(!passes_by_itself(&SqlState::UNDEFINED_TABLE));
        assert!(!passes_by_itself(&SqlState::INSUFFICIENT_PRIVILEGE));
    }
}
