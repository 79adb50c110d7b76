//! From a proved registration to an account: a new one, or the one that its owner had as a guest.
//!
//! Each step can be repeated, and the registration is given up only after the last one. So whoever comes again after a
//! crash, by the same link and with the same password, gets on from where it happened; and of many who come at once, all
//! do the same work on the same account, and one is let in.

use commands::{Cause, CommandError, Expect};
use domain::account::{self, Refusal};
use domain::ids::AccountId;
use domain::{AccountCommand, Actor, Role};
use eventlog::Position;
use identity::{Applicant, Holding, IdentityError, Proved, SignedIn};

use crate::registration::{Registrar, RegistrationError};

/// A registration has become an account.
#[derive(Clone, Debug)]
pub struct Confirmed {
    /// Whose it is: they have proved their password.
    pub signed_in: SignedIn,
    /// Where its last event is, if there was one to append.
    pub position: Option<Position>,
}

impl Registrar {
    /// Makes a proved registration an account, or a guest's account a user's. None if the address has become somebody
    /// else's meanwhile, or if another request has finished it first. To be run to its end.
    pub async fn confirm(
        &self,
        cause: &Cause,
        proved: &Proved,
    ) -> Result<Option<Confirmed>, RegistrationError> {
        let confirmed = match self.hold(proved).await {
            Ok(Holding::Reserved(signed_in)) => Some(self.begin(cause, proved, signed_in).await?),
            Ok(Holding::Begun(signed_in)) => Some(self.go_on(cause, proved, signed_in).await?),
            Ok(Holding::Passwordless(holder)) => self.claim(cause, proved, holder).await?,
            Err(RegistrationError::Identity(IdentityError::Taken | IdentityError::HasLogin)) => None,
            Err(error) => return Err(error),
        };
        let was_there = self.identity.registrations.finish(proved.id).await?;
        Ok(confirmed.filter(|_| was_there))
    }

    async fn hold(&self, proved: &Proved) -> Result<Holding, RegistrationError> {
        let logins = &self.identity.logins;
        let account = AccountId::from_uuid(proved.id);
        let (email, password) = (&proved.applicant.email, &proved.password);
        match logins.hold(email, account, password).await {
            Err(IdentityError::Stale { holder }) => {
                self.settle(holder).await?;
                Ok(logins.hold(email, account, password).await?)
            }
            held => Ok(held?),
        }
    }

    async fn begin(
        &self,
        cause: &Cause,
        proved: &Proved,
        signed_in: SignedIn,
    ) -> Result<Confirmed, RegistrationError> {
        let account = signed_in.account_id;
        let Applicant {
            email,
            name,
            department,
        } = proved.applicant.clone();
        let command = AccountCommand::Register {
            account,
            email,
            name,
            role: Role::User,
            department,
        };
        let position = self.execute(cause, account, command).await?;
        match self.identity.logins.confirm(account).await {
            Ok(()) => Ok(Confirmed { signed_in, position }),
            Err(IdentityError::Lost) => {
                self.withdraw(account, cause).await;
                Err(RegistrationError::TooSlow)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// The login has this registration's password already. If it is a guest's, the last step is left to do.
    async fn go_on(
        &self,
        cause: &Cause,
        proved: &Proved,
        signed_in: SignedIn,
    ) -> Result<Confirmed, RegistrationError> {
        let account = signed_in.account_id;
        let is_own = account.as_uuid() == proved.id;
        let position = if !is_own && self.is_guest(account).await? {
            self.execute(cause, account, claim(proved)).await?
        } else {
            None
        };
        Ok(Confirmed { signed_in, position })
    }

    /// Somebody without a password has the address: a guest may be claimed, anybody else has to be left alone.
    async fn claim(
        &self,
        cause: &Cause,
        proved: &Proved,
        holder: AccountId,
    ) -> Result<Option<Confirmed>, RegistrationError> {
        if !self.is_guest(holder).await? {
            return Ok(None);
        }
        // First the password, and with it the end of all links, codes and sessions: once the account is a user's,
        // nothing that a guest had opens it.
        let signed_in = match self.identity.claim(holder, &proved.password).await {
            Ok(signed_in) => signed_in,
            // Somebody was quicker: the same registration, which then goes on, or another one.
            Err(IdentityError::Taken) => match self.hold(proved).await? {
                Holding::Begun(signed_in) => signed_in,
                Holding::Reserved(_) | Holding::Passwordless(_) => return Ok(None),
            },
            Err(error) => return Err(error.into()),
        };
        self.go_on(cause, proved, signed_in).await.map(Some)
    }

    async fn is_guest(&self, id: AccountId) -> Result<bool, RegistrationError> {
        let account = self.commands.account(id).await.map_err(CommandError::from)?;
        Ok(account.is_some_and(|account| account.active && account.role == Role::Guest))
    }

    /// None if it was done before.
    async fn execute(
        &self,
        cause: &Cause,
        account: AccountId,
        command: AccountCommand,
    ) -> Result<Option<Position>, CommandError<account::Refusal>> {
        let executed = self
            .commands
            .execute_account(&Actor::Anonymous, cause, account, Expect::Any, command);
        match executed.await {
            Ok(executed) => Ok(Some(executed.position)),
            Err(CommandError::Refused(Refusal::AlreadyExists)) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn claim(proved: &Proved) -> AccountCommand {
    AccountCommand::Claim {
        name: proved.applicant.name.clone(),
        department: proved.applicant.department.clone(),
    }
}
