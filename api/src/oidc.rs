//! Which account somebody has who signs in at an identity provider.
//!
//! Whose account it is, is known by issuer and subject. An address alone opens no account that is there: whoever comes with
//! the address of one gets an account of their own, and whoever reads that address's mail is asked whether both are one.

use commands::{Cause, CommandError, Executed, Expect};
use domain::account::{self, Accounts, Changes};
use domain::ids::AccountId;
use domain::text::{Email, PersonName};
use domain::{Account, AccountCommand, Actor, Role};
use identity::{IdentityError, KnownIdentity, Profile, SignedIn};
use reactors::Letter;

use crate::problem::{ApiError, load};
use crate::registration::{Registration, RegistrationError, is_there_already};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Who changes what a provider says.
const PROVIDER: Actor = Actor::System("oidc");

/// Why somebody who has signed in at a provider is not let in here.
#[derive(Debug)]
pub(crate) enum NotLetIn {
    /// They are new, and the provider tells no address of theirs, or nothing that can be a name.
    NoEmail,
    /// They are new, and the provider has not verified their address.
    EmailNotVerified,
    /// Their account is deactivated.
    Inactive(AccountId),
    /// Something of ours.
    Api(ApiError),
}

impl<E: Into<ApiError>> From<E> for NotLetIn {
    fn from(error: E) -> Self {
        Self::Api(error.into())
    }
}

/// The account of whoever `profile` speaks of: the one that is theirs, in the role that the provider says, or a new one. To
/// be run to its end.
pub(crate) async fn let_in(app: &AppState, cause: &Cause, profile: &Profile) -> Result<SignedIn, NotLetIn> {
    let identities = &app.identity.identities;
    let known = identities.find(&profile.issuer, &profile.subject).await?;
    let known = if let Some(known) = known {
        known
    } else {
        newcomer(profile)?;
        let account = AccountId::new(&*app.clock, &*app.entropy);
        identities.add(&profile.issuer, &profile.subject, account).await?
    };
    let account = match app.commands.account(known.account_id).await.map_err(load)? {
        Some(account) => with_role(app, cause, account, profile.role).await?,
        // New, or the first time was cut short.
        None => begin(app, cause, known.account_id, profile).await?,
    };
    if !account.active {
        return Err(NotLetIn::Inactive(account.id));
    }
    if !known.is_used {
        ask_the_holder(app, &known, &account).await?;
    }
    identities.used(known.id).await?;
    Ok(SignedIn::vouched(account.id))
}

/// Under which address and name somebody new is to be known.
fn newcomer(profile: &Profile) -> Result<(&Email, &PersonName), NotLetIn> {
    let of_both = profile.email.as_ref().zip(profile.name.as_ref());
    let of_both = of_both.ok_or(NotLetIn::NoEmail)?;
    if profile.email_is_believed {
        Ok(of_both)
    } else {
        Err(NotLetIn::EmailNotVerified)
    }
}

async fn begin(app: &AppState, cause: &Cause, id: AccountId, profile: &Profile) -> Result<Account, NotLetIn> {
    let (email, name) = newcomer(profile)?;
    let registration = Registration {
        email: email.clone(),
        name: name.clone(),
        role: profile.role.unwrap_or(Role::User),
        department: None,
        password: None,
    };
    let registrar = app.registrar();
    let made = registrar
        .register_as(&PROVIDER, cause, id, registration.clone())
        .await;
    let made = match made {
        Err(RegistrationError::Identity(IdentityError::Taken)) => {
            registrar.register_apart(&PROVIDER, cause, id, registration).await
        }
        made => made,
    };
    match made {
        Ok(executed) => {
            security_log::record(SecurityEvent::Registered, Some(id));
            Ok(settled(app, executed).await)
        }
        // The same person in another tab.
        Err(RegistrationError::Command(error)) if is_there_already(&error) => {
            let account = app.commands.account(id).await.map_err(load)?;
            Ok(account.ok_or_else(|| ApiError::from(error))?)
        }
        Err(error) => Err(error.into()),
    }
}

/// The account in the role that the provider says. The last admin stays one all the same.
async fn with_role(
    app: &AppState,
    cause: &Cause,
    account: Account,
    role: Option<Role>,
) -> Result<Account, NotLetIn> {
    let role = role.filter(|role| *role != account.role && account.active);
    let Some(role) = role else { return Ok(account) };
    let command = AccountCommand::Change(Changes {
        role: Some(role),
        ..Changes::default()
    });
    let changed = app
        .commands
        .execute_account(&PROVIDER, cause, account.id, Expect::Any, command)
        .await;
    match changed {
        Ok(executed) => {
            security_log::record(SecurityEvent::RoleChanged, Some(account.id));
            Ok(settled(app, executed).await)
        }
        Err(CommandError::Refused(account::Refusal::LastAdmin)) => {
            tracing::warn!(
                account.id = %account.id,
                role = %role,
                "an identity provider takes the role from the last admin, who keeps it"
            );
            Ok(account)
        }
        Err(error) => Err(error.into()),
    }
}

async fn settled(app: &AppState, executed: Executed<Accounts>) -> Account {
    app.settle(executed.position).await;
    executed.state
}

/// Where the address is another account's, its owner is asked by mail whether they are the same person.
async fn ask_the_holder(app: &AppState, known: &KnownIdentity, account: &Account) -> Result<(), NotLetIn> {
    let holder = app.identity.logins.holder(&account.email).await?;
    let Some(holder) = holder.filter(|holder| holder.account_id != account.id) else {
        return Ok(());
    };
    let held = app.commands.account(holder.account_id).await.map_err(load)?;
    if !held.is_some_and(|held| can_be_proved(&held, holder.has_password)) {
        return Ok(());
    }
    tracing::info!(account.id = %account.id, holder.id = %holder.account_id, "an identity's address is another account's");
    let letter = Letter::Identity {
        identity: known.id,
        email: account.email.clone(),
    };
    Ok(app.outbox.put(&letter).await?)
}

/// Whether an account's owner can show that it is theirs: by its password, or, a guest, by the address alone. Whoever signs in
/// at a provider only cannot.
pub(crate) fn can_be_proved(account: &Account, has_password: bool) -> bool {
    account.active && (has_password || account.role == Role::Guest)
}

/// Gives `known` to the account `to`, which its present one was apart from, and puts that one out of use: nobody can sign
/// in to it any more. A guest's account becomes a user's by it. To be run to its end.
pub(crate) async fn join(
    app: &AppState,
    cause: &Cause,
    known: &KnownIdentity,
    apart: &Account,
    to: &Account,
) -> Result<bool, ApiError> {
    if to.role == Role::Guest {
        let claim = AccountCommand::Claim {
            name: apart.name.clone(),
            department: apart.department.clone(),
        };
        let cause = cause.following(&*app.clock, &*app.entropy);
        app.commands
            .execute_account(&PROVIDER, &cause, to.id, Expect::Any, claim)
            .await?;
    }
    if !app.identity.identities.give(known.id, apart.id, to.id).await? {
        return Ok(false);
    }
    let deactivate = AccountCommand::Change(Changes {
        active: Some(false),
        ..Changes::default()
    });
    let cause = cause.following(&*app.clock, &*app.entropy);
    let deactivated = app
        .commands
        .execute_account(&PROVIDER, &cause, apart.id, Expect::Any, deactivate)
        .await;
    match deactivated {
        Ok(executed) => {
            security_log::record(SecurityEvent::Deactivated, Some(apart.id));
            app.settle(executed.position).await;
        }
        // It has neither a login nor an identity any more, and so is nobody's.
        Err(error) => {
            tracing::warn!(account.id = %apart.id, %error, "failed to deactivate an account that was joined to another");
        }
    }
    app.identity.sessions.end_all(apart.id).await?;
    Ok(true)
}
