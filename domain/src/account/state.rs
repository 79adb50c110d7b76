//! What an account is, folded from its events.

use super::event::AccountEvent;
use super::notifications::Notifications;
use crate::actor::{Actor, Role};
use crate::ids::AccountId;
use crate::text::{Department, Email, PersonName};
use crate::time::Timestamp;

/// An account, and the person who owns it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which one.
    pub id: AccountId,
    /// Where its owner is reached.
    pub email: Email,
    /// Its owner's name.
    pub name: PersonName,
    /// What it is for.
    pub role: Role,
    /// Where its owner belongs.
    pub department: Option<Department>,
    /// Whether it can be used.
    pub active: bool,
    /// Which mail its owner wants.
    pub notifications: Notifications,
    /// When it began.
    pub created_at: Timestamp,
    /// When one of the fields above last changed.
    pub updated_at: Timestamp,
}

impl Account {
    /// Whoever uses the account, as an actor; nobody if it is deactivated.
    pub const fn actor(&self) -> Actor {
        if self.active {
            Actor::Account {
                id: self.id,
                role: self.role,
            }
        } else {
            Actor::Anonymous
        }
    }

    /// Whether this is one of the admins without whom nobody could administer anything.
    pub const fn is_active_admin(&self) -> bool {
        self.active && matches!(self.role, Role::Admin)
    }
}

/// The state after `event`, recorded at `at`. Total: an event that makes no sense here changes nothing.
pub fn evolve(state: Option<Account>, event: &AccountEvent, at: Timestamp) -> Option<Account> {
    let Some(mut account) = state else {
        return begin(event, at);
    };
    match event {
        AccountEvent::Registered(_) => return Some(account),
        AccountEvent::NameChanged(changed) => account.name = changed.name.clone(),
        AccountEvent::DepartmentChanged(changed) => account.department.clone_from(&changed.department),
        AccountEvent::RoleChanged(changed) => account.role = changed.role,
        AccountEvent::Deactivated(_) => account.active = false,
        AccountEvent::Reactivated(_) => account.active = true,
        AccountEvent::NotificationsChanged(changed) => account.notifications = changed.notifications,
    }
    account.updated_at = at;
    Some(account)
}

fn begin(event: &AccountEvent, at: Timestamp) -> Option<Account> {
    let AccountEvent::Registered(registered) = event else {
        return None;
    };
    Some(Account {
        id: registered.account,
        email: registered.email.clone(),
        name: registered.name.clone(),
        role: registered.role,
        department: registered.department.clone(),
        active: true,
        notifications: Notifications::All,
        created_at: at,
        updated_at: at,
    })
}
