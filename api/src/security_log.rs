//! What happened around signing in and refusals, as structured lines for whoever watches over the desk.
//!
//! Target `security`, field `security.event`. Accounts by their id; never an address, a password or a token.

use domain::ids::AccountId;

/// Something that a watcher wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SecurityEvent {
    /// Somebody signed in.
    SignedIn,
    /// Signing in failed: address or password was wrong, or the account is deactivated.
    SignInRefused,
    /// Somebody signed out.
    SignedOut,
    /// An account was made by its owner.
    Registered,
    /// Somebody wants an account, and is to prove the address.
    RegistrationAsked,
    /// A link was of no use to whoever followed it, or they did not know the password that belongs to it.
    LinkRefused,
    /// Somebody asked for a link to a new password.
    ResetAsked,
    /// Somebody set a new password by a link.
    PasswordReset,
    /// Somebody ended one or more of their sessions.
    SessionsEnded,
    /// Somebody made a token for programs.
    TokenCreated,
    /// Somebody withdrew a token.
    TokenWithdrawn,
    /// Somebody changed their password.
    PasswordChanged,
    /// Somebody who is signed in did not know the present password.
    PasswordRefused,
    /// An account's role was changed.
    RoleChanged,
    /// An account was deactivated, and its sessions ended.
    Deactivated,
    /// An account was reactivated.
    Reactivated,
    /// An admin ended everything by which somebody was recognised.
    AccessEnded,
    /// Somebody asked for something that they may not have.
    Refused,
    /// Something was tried too often.
    Limited,
}

impl SecurityEvent {
    const fn name(self) -> &'static str {
        match self {
            Self::SignedIn => "signed_in",
            Self::SignInRefused => "sign_in_refused",
            Self::SignedOut => "signed_out",
            Self::Registered => "registered",
            Self::RegistrationAsked => "registration_asked",
            Self::LinkRefused => "link_refused",
            Self::ResetAsked => "reset_asked",
            Self::PasswordReset => "password_reset",
            Self::SessionsEnded => "sessions_ended",
            Self::TokenCreated => "token_created",
            Self::TokenWithdrawn => "token_withdrawn",
            Self::PasswordChanged => "password_changed",
            Self::PasswordRefused => "password_refused",
            Self::RoleChanged => "role_changed",
            Self::Deactivated => "deactivated",
            Self::Reactivated => "reactivated",
            Self::AccessEnded => "access_ended",
            Self::Refused => "refused",
            Self::Limited => "limited",
        }
    }

    const fn is_a_refusal(self) -> bool {
        matches!(
            self,
            Self::SignInRefused | Self::LinkRefused | Self::PasswordRefused | Self::Refused | Self::Limited
        )
    }
}

/// Writes the line. It stands in the request's span, and so has the request's id.
pub(crate) fn record(event: SecurityEvent, account: Option<AccountId>) {
    let name = event.name();
    let account = account.map(tracing::field::display);
    if event.is_a_refusal() {
        tracing::event!(target: "security", tracing::Level::WARN, security.event = name, account.id = account, "security event");
    } else {
        tracing::event!(target: "security", tracing::Level::INFO, security.event = name, account.id = account, "security event");
    }
}
