//! One thing to be done: one mail to one recipient.

use domain::{AccountId, Timestamp};
use eventlog::Position;
use uuid::Uuid;

use crate::compose::MailKind;

/// Which mail it is. The names are stored, so they never change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// [`Letter::Registration`](crate::Letter::Registration).
    Registration,
    /// [`Letter::PasswordReset`](crate::Letter::PasswordReset).
    PasswordReset,
    /// [`Letter::GuestLink`](crate::Letter::GuestLink).
    GuestLink,
    /// [`Letter::Identity`](crate::Letter::Identity).
    Identity,
    /// It tells of an event.
    Event(MailKind),
    /// No mail yet: an event that could not be read when it was its turn. Once it can be, it becomes the mails about it.
    Unread,
}

impl Kind {
    const OTHERS: [Self; 5] = [
        Self::Registration,
        Self::PasswordReset,
        Self::GuestLink,
        Self::Identity,
        Self::Unread,
    ];

    /// Every kind.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::OTHERS
            .into_iter()
            .chain(MailKind::ALL.into_iter().map(Self::Event))
    }

    /// Its name, as it is stored and shown.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Registration => "registration",
            Self::PasswordReset => "password_reset",
            Self::GuestLink => "guest_link",
            Self::Identity => "identity",
            Self::Event(kind) => kind.as_str(),
            Self::Unread => "unread",
        }
    }

    /// The kind of this name; none if this program knows no such.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::all().find(|kind| kind.as_str() == name)
    }
}

/// One mail to one recipient, claimed by this program for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Which one; the same however often it is tried, so it makes a good `Message-ID`.
    pub id: Uuid,
    /// Which mail.
    pub kind: Kind,
    /// Where the event is that it tells of; none for a [`Letter`](crate::Letter).
    pub position: Option<Position>,
    /// To whom, where it tells of an event.
    pub account: Option<AccountId>,
    /// To which address, where it is a letter. Never to be logged.
    pub email: Option<String>,
    /// A registration or an identity, as the kind says.
    pub subject: Option<Uuid>,
    /// When it was written down.
    pub created_at: Timestamp,
    /// How often it has been tried, this time included; from 1.
    pub attempts: u32,
    /// Until when nobody else is at it.
    pub(crate) claimed_until: Timestamp,
}

#[cfg(test)]
mod tests {
    use super::Kind;

    #[test]
    fn every_kind_is_found_by_its_name() {
        for kind in Kind::all() {
            assert_eq!(Kind::named(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::named("ticket"), None);
    }
}
