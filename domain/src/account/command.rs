//! What may be wished of an account.

use super::notifications::Notifications;
use crate::actor::Role;
use crate::ids::AccountId;
use crate::policy::Action;
use crate::text::{Department, Email, PersonName};

/// A wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountCommand {
    /// Begin one. Whether the address is free is `identity`'s business, which reserves it first.
    Register {
        /// Which one.
        account: AccountId,
        /// Where its owner is reached.
        email: Email,
        /// Its owner's name.
        name: PersonName,
        /// What it will be for.
        role: Role,
        /// Where its owner belongs.
        department: Option<Department>,
    },
    /// Make a guest's account a user's, with all that belongs to it: its owner has proved that the address is theirs.
    Claim {
        /// The name that they give themselves now.
        name: PersonName,
        /// Where they belong.
        department: Option<Department>,
    },
    /// Change any of its fields, all of them at once or none.
    Change(Changes),
}

/// New values for some of an account's fields; what is `None` stays as it is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Another name.
    pub name: Option<PersonName>,
    /// Another department, or (`Some(None)`) none.
    pub department: Option<Option<Department>>,
    /// Another role.
    pub role: Option<Role>,
    /// Deactivate (`Some(false)`) or reactivate (`Some(true)`).
    pub active: Option<bool>,
    /// Other mail.
    pub notifications: Option<Notifications>,
}

impl AccountCommand {
    /// What the policy must permit for this to be done: all of them.
    pub fn actions(&self) -> Vec<Action> {
        match self {
            Self::Register { role: Role::User, .. } | Self::Claim { .. } => vec![Action::RegisterAccount],
            Self::Register { .. } => vec![Action::CreateAccount],
            Self::Change(Changes {
                name,
                department,
                role,
                active,
                notifications,
            }) => {
                let asked = [
                    (
                        name.is_some() || department.is_some(),
                        Action::ChangeAccountProfile,
                    ),
                    (role.is_some(), Action::ChangeAccountRole),
                    (active.is_some(), Action::ChangeAccountActivity),
                    (notifications.is_some(), Action::ChangeNotifications),
                ];
                let actions: Vec<_> = asked
                    .into_iter()
                    .filter_map(|(wanted, action)| wanted.then_some(action))
                    .collect();
                // A change of nothing still shows whether the account is there.
                if actions.is_empty() {
                    vec![Action::ListAccounts]
                } else {
                    actions
                }
            }
        }
    }

    /// Whether it could leave the desk without an admin, and so must not race another one.
    pub const fn may_remove_an_admin(&self) -> bool {
        match self {
            Self::Register { .. } | Self::Claim { .. } => false,
            Self::Change(changes) => {
                matches!(
                    changes.role,
                    Some(Role::Guest | Role::User | Role::Auditor | Role::Operator)
                ) || matches!(changes.active, Some(false))
            }
        }
    }
}
