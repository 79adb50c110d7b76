//! Who acts, and in which role.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::ids::AccountId;

/// What an account is for. The spellings are those of the original, and of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum Role {
    /// Somebody who reached the desk without an account of their own; sees their own tickets only.
    Guest,
    /// A requester with an account.
    User,
    /// An agent: sees and works on every ticket, and administers people.
    Admin,
    /// Reads everything, changes nothing; what they read is recorded.
    Auditor,
    /// Sees how the system is doing and runs it, but sees no ticket's contents and changes none.
    Operator,
}

impl Role {
    /// All roles, in the order of the policy's golden file.
    pub const ALL: [Self; 5] = [
        Self::Guest,
        Self::User,
        Self::Admin,
        Self::Auditor,
        Self::Operator,
    ];

    /// The spelling on the wire and in the log.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Guest => "GUEST",
            Self::User => "USER",
            Self::Admin => "ADMIN",
            Self::Auditor => "AUDITOR",
            Self::Operator => "OPERATOR",
        }
    }

    /// Whether somebody in this role may do nothing that somebody in `other` may not.
    pub const fn is_at_most(self, other: Self) -> bool {
        matches!(
            (self, other),
            (Self::Guest, Self::Guest | Self::User | Self::Admin)
                | (Self::User, Self::User | Self::Admin)
                | (Self::Admin, Self::Admin)
                | (Self::Auditor, Self::Auditor)
                | (Self::Operator, Self::Operator)
        )
    }

    /// What somebody in this role is by a token that does at most what `cap` may: the lesser of the two; nobody if neither
    /// is, as with an auditor's token of somebody who is an admin now.
    pub const fn capped_at(self, cap: Self) -> Option<Self> {
        if cap.is_at_most(self) {
            Some(cap)
        } else if self.is_at_most(cap) {
            Some(self)
        } else {
            None
        }
    }

    /// Whether tickets can be assigned to accounts of this role.
    pub const fn is_agent(self) -> bool {
        matches!(self, Self::Admin)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is none of the enum's spellings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not one of the known values")]
pub struct UnknownValue;

impl FromStr for Role {
    type Err = UnknownValue;

    fn from_str(text: &str) -> Result<Self, UnknownValue> {
        Self::ALL
            .into_iter()
            .find(|role| role.as_str() == text)
            .ok_or(UnknownValue)
    }
}

/// Whoever asks for something. Made by the edge that authenticated it, believed everywhere else.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Actor {
    /// Nobody that is known.
    Anonymous,
    /// Somebody who signed in, with the role that they have now.
    Account {
        /// Whose account it is.
        id: AccountId,
        /// Its present role.
        role: Role,
    },
    /// The program itself, on behalf of an operator's command or of its own housekeeping.
    System(&'static str),
}

impl Actor {
    /// The account, if it is one.
    pub const fn account(&self) -> Option<AccountId> {
        match self {
            Self::Account { id, .. } => Some(*id),
            Self::Anonymous | Self::System(_) => None,
        }
    }

    /// The role, if it is an account.
    pub const fn role(&self) -> Option<Role> {
        match self {
            Self::Account { role, .. } => Some(*role),
            Self::Anonymous | Self::System(_) => None,
        }
    }
}

/// Whoever an event's metadata names, in the role that they had then; which one that was is not known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Doer {
    /// Somebody who was signed in.
    Account(AccountId),
    /// The program itself, by the name under which it acted.
    System(String),
    /// Nobody that is known.
    Anonymous,
}

/// Reads the form in an event's metadata. What is none of ours is a part of the system that this program does not know.
impl From<&str> for Doer {
    fn from(text: &str) -> Self {
        match text.split_once(':') {
            Some(("account", id)) => id
                .parse()
                .map_or_else(|_| Self::System(text.to_owned()), Self::Account),
            Some(("system", name)) => Self::System(name.to_owned()),
            _ if text == "anonymous" => Self::Anonymous,
            _ => Self::System(text.to_owned()),
        }
    }
}

/// The form in an event's metadata: `account:<id>`, `system:<name>` or `anonymous`.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Anonymous => f.write_str("anonymous"),
            Self::Account { id, .. } => write!(f, "account:{id}"),
            Self::System(name) => write!(f, "system:{name}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_token_never_makes_anybody_more_than_they_are() {
        assert_eq!(Role::Admin.capped_at(Role::User), Some(Role::User));
        assert_eq!(Role::Guest.capped_at(Role::Admin), Some(Role::Guest));
        assert_eq!(Role::Admin.capped_at(Role::Auditor), None);
        assert_eq!(Role::Operator.capped_at(Role::User), None);
        for (present, cap) in Role::ALL
            .iter()
            .flat_map(|one| Role::ALL.map(|other| (*one, other)))
        {
            let capped = present.capped_at(cap);
            assert!(capped.is_none_or(|role| role.is_at_most(present) && role.is_at_most(cap)));
        }
    }

    #[test]
    fn whoever_is_written_down_is_recognised() {
        let id = AccountId::from_uuid(Uuid::from_u128(7));
        let role = Role::Admin;
        let read = |actor: Actor| Doer::from(actor.to_string().as_str());
        assert_eq!(read(Actor::Account { id, role }), Doer::Account(id));
        assert_eq!(read(Actor::System("audit")), Doer::System("audit".to_owned()));
        assert_eq!(read(Actor::Anonymous), Doer::Anonymous);
        assert_eq!(Doer::from("account:x"), Doer::System("account:x".to_owned()));
        assert_eq!(Doer::from(""), Doer::System(String::new()));
    }
}
