//! Whose a ticket is that somebody submits who is not signed in: the address decides.

use std::time::Duration;

use commands::Cause;
use domain::ids::AccountId;
use domain::text::{Email, PersonName};
use domain::{Actor, Role};
use identity::IdentityError;

use crate::problem::{self, ApiResult};
use crate::registration::{Registrar, Registration, RegistrationError};

/// As whom the program records what was submitted: an address that somebody gives proves nothing.
pub(crate) const SUBMISSION: Actor = Actor::System("submission");

/// How often an address is looked up that somebody else is being given an account for at this moment.
const LOOKS_MAX: u32 = 40;
/// How long it is waited in between.
const PAUSE: Duration = Duration::from_millis(25);

/// The account with this address, of whatever role; a guest's with this name is made if there is none. To be run to its
/// end, as [`Registrar::register`] is.
///
/// Nothing about an account that exists changes. Should nothing come of it afterwards, a guest's account without a ticket
/// is left, which the next submission finds.
pub(crate) async fn requester(
    registrar: &Registrar,
    cause: &Cause,
    email: &Email,
    name: &PersonName,
) -> ApiResult<AccountId> {
    let logins = &registrar.identity.logins;
    for _ in 0..LOOKS_MAX {
        if let Some(holder) = logins.holder(email).await? {
            return Ok(holder.account_id);
        }
        let guest = Registration {
            email: email.clone(),
            name: name.clone(),
            role: Role::Guest,
            department: None,
            password: None,
        };
        let cause = cause.following(&*registrar.clock, &*registrar.entropy);
        match registrar.register(&SUBMISSION, &cause, guest).await {
            Ok(executed) => return Ok(executed.state.id),
            // Somebody else was quicker, and their account is there in a moment.
            Err(RegistrationError::Identity(IdentityError::Taken)) => tokio::time::sleep(PAUSE).await,
            Err(error) => return Err(error.into()),
        }
    }
    Err(problem::unavailable(
        "somebody else registers the same address, try again",
    ))
}
