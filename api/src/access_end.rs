//! Ending everything by which somebody is recognised: for those who are deactivated, and when an admin wants it.

use domain::ids::AccountId;
use identity::{Identity, IdentityError, Purpose};
use serde::Serialize;
use utoipa::ToSchema;

/// What was ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub(crate) struct Ended {
    /// Sessions, and what was open with them.
    sessions: u64,
    /// Links that were mailed.
    links: u64,
    /// Access codes that were mailed.
    codes: u64,
    /// API tokens.
    tokens: u64,
    /// Browsers that were known.
    devices: u64,
}

/// Ends all of it. What fails half-way has ended some; trying again ends the rest.
pub(crate) async fn end_access(identity: &Identity, account: AccountId) -> Result<Ended, IdentityError> {
    // First what could be made a session of, then the sessions: none is made in between.
    let mut links = 0;
    for purpose in [Purpose::Guest, Purpose::PasswordReset] {
        links += identity.links.revoke(purpose, account.as_uuid()).await?;
    }
    Ok(Ended {
        links,
        codes: identity.access_codes.revoke(account).await?,
        tokens: identity.tokens.withdraw_all(account).await?,
        devices: identity.devices.forget_all(account).await?,
        sessions: identity.sessions.end_all(account).await?,
    })
}
