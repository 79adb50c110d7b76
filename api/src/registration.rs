//! Making an account: its address in `identity`, its first event in the log, which no transaction spans.
//!
//! The address is reserved, the event appended, the reservation confirmed. Whatever ends half-way is settled by looking
//! into the log: where the account exists the login is confirmed, otherwise the address is freed. That happens when
//! somebody wants the same address, and in [`Registrar::settle_all`], which the program calls at its start and now and
//! then.

use std::sync::Arc;

use commands::{Cause, CommandError, Commands, Executed, Expect};
use domain::account::{self, Accounts, Changes};
use domain::ids::{AccountId, Entropy};
use domain::text::{Department, Email, PersonName};
use domain::time::Clock;
use domain::{AccountCommand, Actor, Role};
use identity::{Identity, IdentityError, NewPassword};

use crate::problem::{self, ApiError};

/// Age from which a reservation is nobody's who is still at it, in milliseconds.
const ABANDONED_AFTER_MS: i64 = 60_000;

/// Who is to get an account.
#[derive(Clone, Debug)]
pub struct Registration {
    /// Where its owner is reached.
    pub email: Email,
    /// Its owner's name.
    pub name: PersonName,
    /// What it is for.
    pub role: Role,
    /// Where its owner belongs.
    pub department: Option<Department>,
    /// With which it is signed in to; without one it cannot be.
    pub password: Option<NewPassword>,
}

/// Why no account was made.
#[derive(Debug, thiserror::Error)]
pub enum RegistrationError {
    /// The address could not be reserved, or not be made a login.
    #[error("failed to keep the address")]
    Identity(#[from] IdentityError),
    /// Its event was not recorded.
    #[error("failed to record the account")]
    Command(#[from] CommandError<account::Refusal>),
    /// It took so long that somebody else was given the address. The account that was begun is deactivated.
    #[error("registering took too long")]
    TooSlow,
}

impl From<RegistrationError> for ApiError {
    fn from(error: RegistrationError) -> Self {
        match error {
            RegistrationError::Identity(error) => error.into(),
            RegistrationError::Command(error) => error.into(),
            RegistrationError::TooSlow => problem::unavailable("registering took too long, try again"),
        }
    }
}

/// Makes accounts. Cheap to clone.
#[derive(Clone)]
pub struct Registrar {
    /// Records their events.
    pub commands: Commands,
    /// Keeps their addresses and passwords.
    pub identity: Identity,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}

impl Registrar {
    /// Makes an account and its login, for `actor`. To be run to its end: dropped half-way, the address is held for a
    /// minute.
    pub async fn register(
        &self,
        actor: &Actor,
        cause: &Cause,
        registration: Registration,
    ) -> Result<Executed<Accounts>, RegistrationError> {
        let account = AccountId::new(&*self.clock, &*self.entropy);
        self.register_as(actor, cause, account, registration).await
    }

    /// As [`Registrar::register`], for an account whose id was given out before. Whoever comes second with it is told
    /// `AlreadyExists`, and finds the account whole.
    pub async fn register_as(
        &self,
        actor: &Actor,
        cause: &Cause,
        account: AccountId,
        registration: Registration,
    ) -> Result<Executed<Accounts>, RegistrationError> {
        self.reserve(account, &registration).await?;
        let begun = self.record(actor, cause, account, registration).await;
        if let Err(error) = &begun
            && !is_outcome_unknown(error)
            && !is_there_already(error)
        {
            self.release(account).await;
        }
        if begun.as_ref().err().is_none_or(is_there_already) {
            match self.identity.logins.confirm(account).await {
                Ok(()) => {}
                Err(IdentityError::Lost) => {
                    self.withdraw(account, cause).await;
                    return Err(RegistrationError::TooSlow);
                }
                Err(error) => return Err(error.into()),
            }
        }
        Ok(begun?)
    }

    /// Makes an account without a login, whose address may be another account's: its owner is recognised by other means.
    pub async fn register_apart(
        &self,
        actor: &Actor,
        cause: &Cause,
        account: AccountId,
        registration: Registration,
    ) -> Result<Executed<Accounts>, RegistrationError> {
        Ok(self.record(actor, cause, account, registration).await?)
    }

    async fn record(
        &self,
        actor: &Actor,
        cause: &Cause,
        account: AccountId,
        registration: Registration,
    ) -> Result<Executed<Accounts>, CommandError<account::Refusal>> {
        let command = AccountCommand::Register {
            account,
            email: registration.email,
            name: registration.name,
            role: registration.role,
            department: registration.department,
        };
        self.commands
            .execute_account(actor, cause, account, Expect::Any, command)
            .await
    }

    /// Confirms or frees every address that has been reserved for more than a minute; tells how many.
    pub async fn settle_all(&self) -> Result<usize, RegistrationError> {
        let abandoned = self.identity.logins.unconfirmed(ABANDONED_AFTER_MS).await?;
        for reservation in &abandoned {
            self.settle(reservation.account_id).await?;
        }
        Ok(abandoned.len())
    }

    async fn reserve(
        &self,
        account: AccountId,
        registration: &Registration,
    ) -> Result<(), RegistrationError> {
        let logins = &self.identity.logins;
        let password = registration.password.as_ref();
        match logins.reserve(&registration.email, account, password).await {
            Ok(_) => Ok(()),
            Err(IdentityError::Stale { holder }) => {
                self.settle(holder).await?;
                let _ = logins.reserve(&registration.email, account, password).await?;
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Makes the reservation of `holder` a login if the account exists, and frees it if not.
    pub(crate) async fn settle(&self, holder: AccountId) -> Result<(), RegistrationError> {
        let account = self.commands.account(holder).await.map_err(CommandError::from)?;
        let logins = &self.identity.logins;
        if account.is_some() {
            match logins.confirm(holder).await {
                Ok(()) | Err(IdentityError::Lost) => {}
                Err(error) => return Err(error.into()),
            }
        } else {
            logins.release(holder).await?;
        }
        tracing::info!(account.id = %holder, exists = account.is_some(), "settled an abandoned registration");
        Ok(())
    }

    async fn release(&self, account: AccountId) {
        if let Err(error) = self.identity.logins.release(account).await {
            tracing::warn!(account.id = %account, %error, "failed to free an address; it is freed later");
        }
    }

    /// The address was given to somebody else meanwhile: nobody can sign in to this account, so it is put out of use.
    pub(crate) async fn withdraw(&self, account: AccountId, cause: &Cause) {
        let command = AccountCommand::Change(Changes {
            active: Some(false),
            ..Changes::default()
        });
        let cause = cause.following(&*self.clock, &*self.entropy);
        let actor = Actor::System("registration");
        let withdrawn = self
            .commands
            .execute_account(&actor, &cause, account, Expect::Any, command)
            .await;
        if let Err(error) = withdrawn {
            tracing::warn!(account.id = %account, %error, "failed to deactivate an account without a login");
        }
    }
}

/// Whether the account may have been made all the same.
fn is_outcome_unknown(error: &CommandError<account::Refusal>) -> bool {
    matches!(error, CommandError::Unavailable(_) | CommandError::Load(_))
}

/// Whether somebody else has made this very account.
pub(crate) fn is_there_already(error: &CommandError<account::Refusal>) -> bool {
    matches!(error, CommandError::Refused(account::Refusal::AlreadyExists))
}
