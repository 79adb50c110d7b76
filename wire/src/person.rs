//! People, each in the cut that the original shows in that place. Never a secret, never more than the place needs.

use std::sync::Arc;

use domain::account::Notifications;
use domain::actor::Role;
use domain::ids::AccountId;
use domain::{Account, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Whoever can tell who somebody is: the directory, or a map in a test.
pub trait People {
    /// The account, if there is one.
    fn person(&self, id: AccountId) -> Option<Arc<Account>>;
}

/// What somebody is called.
pub(crate) fn called(id: AccountId, people: &impl People) -> String {
    name(people.person(id).as_deref())
}

/// Somebody whom the directory does not know (yet) is shown under this name rather than not at all.
const UNKNOWN: &str = "Unknown";

/// Whoever a ticket belongs to (`createdBy`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Requester {
    /// Whose account it is.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// Where the person is reached.
    pub email: String,
    /// What the account is for.
    #[schema(value_type = String, examples("USER"))]
    pub role: Role,
    /// Where the person belongs.
    pub department: Option<String>,
}

impl Requester {
    pub(crate) fn of(id: AccountId, people: &impl People) -> Self {
        let account = people.person(id);
        let account = account.as_deref();
        Self {
            id: id.as_uuid(),
            name: name(account),
            email: email(account),
            role: account.map_or(Role::Guest, |account| account.role),
            department: account.and_then(department),
        }
    }
}

/// Whoever works on a ticket (`assignedTo`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Agent {
    /// Whose account it is.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// Where the person is reached.
    pub email: String,
    /// What the account is for.
    #[schema(value_type = String, examples("ADMIN"))]
    pub role: Role,
}

/// Whoever wrote a comment (`user`).
pub type Author = Agent;

impl Agent {
    pub(crate) fn of(id: AccountId, people: &impl People) -> Self {
        let account = people.person(id);
        let account = account.as_deref();
        Self {
            id: id.as_uuid(),
            name: name(account),
            email: email(account),
            role: account.map_or(Role::Guest, |account| account.role),
        }
    }
}

/// Whoever attached a file (`uploadedBy`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Uploader {
    /// Whose account it is.
    pub id: Uuid,
    /// The person's name.
    pub name: String,
    /// Where the person is reached.
    pub email: String,
}

impl Uploader {
    pub(crate) fn of(id: AccountId, people: &impl People) -> Self {
        let account = people.person(id);
        let account = account.as_deref();
        Self {
            id: id.as_uuid(),
            name: name(account),
            email: email(account),
        }
    }
}

/// An account as admins and auditors see it in `GET /api/users`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct User {
    /// Which account.
    pub id: Uuid,
    /// Where its owner is reached.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// What it is for.
    #[schema(value_type = String, examples("USER"))]
    pub role: Role,
    /// Where its owner belongs.
    pub department: Option<String>,
    /// Whether its owner can sign in through an identity provider, of whatever kind.
    pub is_keycloak_user: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

/// Somebody without an identity provider, as far as is known here.
impl From<&Account> for User {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.as_uuid(),
            email: account.email.to_string(),
            name: account.name.to_string(),
            role: account.role,
            department: department(account),
            is_keycloak_user: false,
            created_at: account.created_at,
        }
    }
}

/// How many tickets somebody has to do with.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserCount {
    /// Tickets of their own.
    pub created_tickets: i64,
    /// Tickets that they work on.
    pub assigned_tickets: i64,
}

/// An account in the user administration.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct UserRow {
    /// Which account.
    pub id: Uuid,
    /// Where its owner is reached.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// What it is for.
    #[schema(value_type = String, examples("USER"))]
    pub role: Role,
    /// Where its owner belongs.
    pub department: Option<String>,
    /// Whether its owner can sign in through an identity provider, of whatever kind.
    pub is_keycloak_user: bool,
    /// Whether it can be used.
    pub is_active: bool,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// The tickets that its owner has to do with.
    #[serde(rename = "_count")]
    pub count: UserCount,
}

impl UserRow {
    /// The row of `account`, whose owner has to do with `count` tickets and, as far as is known here, with no identity
    /// provider.
    pub fn of(account: &Account, count: UserCount) -> Self {
        Self {
            id: account.id.as_uuid(),
            email: account.email.to_string(),
            name: account.name.to_string(),
            role: account.role,
            department: department(account),
            is_keycloak_user: false,
            is_active: account.active,
            created_at: account.created_at,
            count,
        }
    }
}

/// An account as its own owner sees it (registering, signing in, `GET /api/auth/me`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Me {
    /// Which account.
    pub id: Uuid,
    /// Where its owner is reached.
    pub email: String,
    /// Its owner's name.
    pub name: String,
    /// What it is for.
    #[schema(value_type = String, examples("USER"))]
    pub role: Role,
    /// Where its owner belongs.
    pub department: Option<String>,
    /// Which mail about tickets its owner wants: ALL, MINE (only about tickets that they opened or work on) or NONE.
    #[schema(value_type = String, examples("ALL"))]
    pub notifications: Notifications,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
}

impl From<&Account> for Me {
    fn from(account: &Account) -> Self {
        Self {
            id: account.id.as_uuid(),
            email: account.email.to_string(),
            name: account.name.to_string(),
            role: account.role,
            department: department(account),
            notifications: account.notifications,
            created_at: account.created_at,
        }
    }
}

fn name(account: Option<&Account>) -> String {
    account.map_or_else(|| UNKNOWN.to_owned(), |account| account.name.to_string())
}

fn email(account: Option<&Account>) -> String {
    account
        .map(|account| account.email.to_string())
        .unwrap_or_default()
}

fn department(account: &Account) -> Option<String> {
    account.department.as_ref().map(ToString::to_string)
}
