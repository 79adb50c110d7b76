//! Which events grant a command. Authorisation is not asked here but in `policy`, before.

use super::command::{AccountCommand, Changes};
use super::event::{
    AccountEvent, Deactivated, DepartmentChanged, NameChanged, NotificationsChanged, Reactivated, Registered,
    RoleChanged,
};
use super::state::Account;
use crate::actor::{Actor, Role};

/// What deciding must know of the world outside the account's stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Circumstances {
    /// Who wishes it.
    pub actor: Actor,
    /// How many active admins there are besides this account's owner.
    pub other_active_admins: usize,
}

/// Why an account cannot do what was wished. The texts of the original, where it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such account.
    #[error("User not found")]
    NotFound,
    /// There is one with this id already.
    #[error("User already exists")]
    AlreadyExists,
    /// Nobody locks themselves out.
    #[error("Cannot deactivate your own account")]
    OwnAccount,
    /// Somebody must be able to administer.
    #[error("Cannot demote the last admin. Promote another user to admin first.")]
    LastAdmin,
}

/// The events that grant `command` on `state`; none if it would change nothing.
pub fn decide(
    state: Option<&Account>,
    command: &AccountCommand,
    circumstances: &Circumstances,
) -> Result<Vec<AccountEvent>, Refusal> {
    match (state, command) {
        (Some(_), AccountCommand::Register { .. }) => Err(Refusal::AlreadyExists),
        (
            None,
            AccountCommand::Register {
                account,
                email,
                name,
                role,
                department,
            },
        ) => Ok(vec![AccountEvent::Registered(Registered {
            account: *account,
            email: email.clone(),
            name: name.clone(),
            role: *role,
            department: department.clone(),
        })]),
        (None, AccountCommand::Claim { .. } | AccountCommand::Change(_)) => Err(Refusal::NotFound),
        (Some(account), AccountCommand::Claim { name, department }) => {
            if account.role != Role::Guest || !account.active {
                return Err(Refusal::AlreadyExists);
            }
            let changes = Changes {
                name: Some(name.clone()),
                department: Some(department.clone()),
                role: Some(Role::User),
                ..Changes::default()
            };
            change(account, &changes, circumstances)
        }
        (Some(account), AccountCommand::Change(changes)) => change(account, changes, circumstances),
    }
}

fn change(
    account: &Account,
    changes: &Changes,
    circumstances: &Circumstances,
) -> Result<Vec<AccountEvent>, Refusal> {
    let Changes {
        name,
        department,
        role,
        active,
        notifications,
    } = changes;
    let mut events = Vec::new();
    if let Some(name) = name.as_ref().filter(|new| **new != account.name) {
        events.push(AccountEvent::NameChanged(NameChanged { name: name.clone() }));
    }
    if let Some(department) = department.as_ref().filter(|new| **new != account.department) {
        events.push(AccountEvent::DepartmentChanged(DepartmentChanged {
            department: department.clone(),
        }));
    }
    if let Some(role) = role.filter(|new| *new != account.role) {
        events.push(AccountEvent::RoleChanged(RoleChanged { role }));
    }
    match active {
        Some(false) if account.active => {
            if circumstances.actor.account() == Some(account.id) {
                return Err(Refusal::OwnAccount);
            }
            events.push(AccountEvent::Deactivated(Deactivated {}));
        }
        Some(true) if !account.active => events.push(AccountEvent::Reactivated(Reactivated {})),
        Some(_) | None => {}
    }
    if let Some(notifications) = notifications.filter(|new| *new != account.notifications) {
        events.push(AccountEvent::NotificationsChanged(NotificationsChanged {
            notifications,
        }));
    }
    let role_after = role.unwrap_or(account.role);
    let active_after = active.unwrap_or(account.active);
    let admin_after = active_after && role_after.is_agent();
    if account.is_active_admin() && !admin_after && circumstances.other_active_admins == 0 {
        return Err(Refusal::LastAdmin);
    }
    Ok(events)
}
