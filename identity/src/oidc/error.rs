//! Why signing in at a provider came to nothing.

use crate::error::IdentityError;

/// Every way in which it fails. None holds what the provider or the browser wrote, so all may be logged.
#[derive(Debug, thiserror::Error)]
pub enum OidcError {
    /// There is no provider of that name.
    #[error("there is no such provider")]
    UnknownProvider,
    /// This browser has not begun to sign in there, took too long, or has come back before.
    #[error("no sign-in of this browser is under way there")]
    NotBegun,
    /// The provider let them not in, or they did not want to.
    #[error("refused at the provider")]
    Denied,
    /// The provider cannot be reached, or does not answer in time or in form.
    #[error("the provider is away: {0}")]
    Away(&'static str),
    /// What came from the provider must not be believed.
    #[error("the provider's answer is not acceptable: {0}")]
    Unacceptable(&'static str),
    /// Something of ours.
    #[error(transparent)]
    Identity(#[from] IdentityError),
}
