//! What can have happened to an account. These shapes are the storage format: a field is never renamed, removed or
//! given another meaning; a new shape is a new schema version with an upcast (see `codec` and `upcast`).

use serde::{Deserialize, Serialize};

use super::notifications::Notifications;
use crate::actor::Role;
use crate::ids::AccountId;
use crate::text::{Department, Email, PersonName};

/// A fact about an account. Who did it and when stands in the event's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccountEvent {
    /// It began.
    Registered(Registered),
    /// Its owner has another name.
    NameChanged(NameChanged),
    /// Its owner belongs to another department, or to none.
    DepartmentChanged(DepartmentChanged),
    /// It is for something else.
    RoleChanged(RoleChanged),
    /// It can no longer be used.
    Deactivated(Deactivated),
    /// It can be used again.
    Reactivated(Reactivated),
    /// Its owner wants other mail.
    NotificationsChanged(NotificationsChanged),
}

/// See [`AccountEvent::Registered`]. The account is active.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Registered {
    /// The account; also its stream's id.
    pub account: AccountId,
    /// Where its owner is reached, and the name to sign in with.
    pub email: Email,
    /// Its owner's name.
    pub name: PersonName,
    /// What it is for.
    pub role: Role,
    /// Where its owner belongs.
    pub department: Option<Department>,
}

/// See [`AccountEvent::NameChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NameChanged {
    /// The new one.
    pub name: PersonName,
}

/// See [`AccountEvent::DepartmentChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DepartmentChanged {
    /// The new one.
    pub department: Option<Department>,
}

/// See [`AccountEvent::RoleChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct RoleChanged {
    /// The new one.
    pub role: Role,
}

/// See [`AccountEvent::Deactivated`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deactivated {}

/// See [`AccountEvent::Reactivated`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reactivated {}

/// See [`AccountEvent::NotificationsChanged`]. An account begins with all of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct NotificationsChanged {
    /// What they want from now on.
    pub notifications: Notifications,
}
