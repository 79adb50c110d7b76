//! The first admin, from the settings: once, at the first start of a desk that nobody has an account on.
//!
//! There is no request that makes one, and no password that is known to others. As soon as there is any account the
//! settings are without effect, also if that account is not an admin's any more: whoever took that away had a reason.

use api::AppState;
use api::registration::{Registration, RegistrationError};
use commands::{Cause, Origin};
use domain::account::Accounts;
use domain::decider::Decider as _;
use domain::ids::uuid_v7;
use domain::text::TextError;
use domain::{Actor, Role};
use eventlog::ReadError;
use identity::IdentityError;

use crate::config::FirstAdmin;

/// What the original calls its first admin.
const DEFAULT_NAME: &str = "System Administrator";

/// Why there is no first admin.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FirstAdminError {
    /// It is not known whether there are accounts.
    #[error("failed to look for accounts")]
    Look(#[from] ReadError),
    /// There is none that is not known to others.
    #[error("DEFAULT_ADMIN_EMAIL is set, but DEFAULT_ADMIN_PASSWORD is not, and nobody has an account yet")]
    NoPassword,
    /// The default name is none.
    #[error("failed to name the account")]
    Name(#[from] TextError),
    /// The account was not made.
    #[error("failed to make the account")]
    Make(#[from] RegistrationError),
}

/// Makes the account if there is none at all. Of nodes that start at the same time one makes it.
pub(crate) async fn make(app: &AppState, wanted: &FirstAdmin) -> Result<(), FirstAdminError> {
    let Some(email) = &wanted.email else {
        return Ok(());
    };
    if !app.log.read_category(Accounts::CATEGORY, 0, 1).await?.is_empty() {
        tracing::info!(
            "there are accounts already: DEFAULT_ADMIN_EMAIL and DEFAULT_ADMIN_PASSWORD can be removed"
        );
        return Ok(());
    }
    let password = wanted.password.clone().ok_or(FirstAdminError::NoPassword)?;
    let name = match &wanted.name {
        Some(name) => name.clone(),
        None => DEFAULT_NAME.parse()?,
    };
    let registration = Registration {
        email: email.clone(),
        name,
        role: Role::Admin,
        department: None,
        password: Some(password),
    };
    let correlation_id = uuid_v7(&*app.clock, &*app.entropy);
    let cause = Cause::once(Origin::CommandLine, correlation_id, &*app.clock, &*app.entropy);
    let made = app
        .registrar()
        .register(&Actor::System("first-start"), &cause, registration)
        .await;
    match made {
        Ok(executed) => {
            app.settle(executed.position).await;
            tracing::info!(account.id = %executed.state.id, "made the first admin; DEFAULT_ADMIN_PASSWORD can be removed now");
            Ok(())
        }
        // Another node holds the address, and is at it.
        Err(RegistrationError::Identity(IdentityError::Taken | IdentityError::HasLogin)) => {
            tracing::info!("the first admin is being made by another node");
            Ok(())
        }
        Err(error) => Err(error.into()),
    }
}
