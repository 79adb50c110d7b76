//! Mail that tells of no event: somebody asked for it.

use domain::text::Email;
use uuid::Uuid;

use crate::delivery::Kind;

/// A wish for a mail, as a request makes it. It says only which address was named: whether there is an account, and what it
/// is then told, is found out when the mail is made. So whoever asks can learn nothing from the answer or from how long
/// it takes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Letter {
    /// To whoever wants an account: the link that finishes it; or, if they have one, that they do.
    Registration {
        /// What is to be finished.
        registration: Uuid,
        /// Where to.
        email: Email,
    },
    /// The link to a new password, for whoever has one.
    PasswordReset {
        /// Where to.
        email: Email,
    },
    /// Another link, for a guest whose last one has expired.
    GuestLink {
        /// Where to.
        email: Email,
    },
    /// The link that lets an identity provider's user into the account with this address.
    Identity {
        /// Who is to be let in.
        identity: Uuid,
        /// Where to.
        email: Email,
    },
}

impl Letter {
    /// The kind, as it is written down.
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Registration { .. } => Kind::Registration,
            Self::PasswordReset { .. } => Kind::PasswordReset,
            Self::GuestLink { .. } => Kind::GuestLink,
            Self::Identity { .. } => Kind::Identity,
        }
    }

    pub(crate) const fn email(&self) -> &Email {
        match self {
            Self::Registration { email, .. }
            | Self::PasswordReset { email }
            | Self::GuestLink { email }
            | Self::Identity { email, .. } => email,
        }
    }

    pub(crate) const fn subject(&self) -> Option<Uuid> {
        match self {
            Self::Registration { registration, .. } => Some(*registration),
            Self::Identity { identity, .. } => Some(*identity),
            Self::PasswordReset { .. } | Self::GuestLink { .. } => None,
        }
    }
}
