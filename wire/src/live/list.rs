//! Lists of tickets that clients look at.

use std::collections::BTreeMap;

use domain::ticket::{Category, Priority, Status};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ticket::Ticket;

/// What a client calls one of its lists: 1 to 40 characters, its own choice.
pub type ListName = String;

/// The argument of `list:watch`: which list the client looks at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListWatch {
    /// Its name; the same name again replaces what was watched under it.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub list: ListName,
    /// Which tickets are in it.
    #[serde(default)]
    pub filters: ListFilters,
    /// The tickets of it that are on the screen, at most 200.
    #[serde(default)]
    pub ids: Vec<Uuid>,
}

/// The argument of `list:unwatch`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ListUnwatch {
    /// Which list.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub list: ListName,
}

/// Which tickets are in a list, of those that the client may read: the parameters of `GET /api/tickets`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct ListFilters {
    /// Any of these; empty: whichever.
    #[schema(value_type = Vec<String>, examples(json!(["OPEN", "IN_PROGRESS"])))]
    pub status: Vec<Status>,
    /// Any of these; empty: whichever.
    #[schema(value_type = Vec<String>, examples(json!(["HIGH"])))]
    pub priority: Vec<Priority>,
    /// Any of these; empty: whichever.
    #[schema(value_type = Vec<String>, examples(json!(["HARDWARE"])))]
    pub category: Vec<Category>,
    /// Who works on it: an account's id, `me`, or `none`.
    pub assignee: Option<String>,
    /// Whose it is.
    pub requester: Option<Uuid>,
    /// A part of its title, in whatever case.
    pub q: Option<String>,
}

/// How a list has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum ListChange {
    /// A ticket is in it from now on.
    Entered,
    /// A ticket is in it no longer.
    Left,
    /// A ticket in it is another than it was.
    Changed,
}

/// The object of `list:changed`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListChanged {
    /// Which list.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub list: ListName,
    /// How it has changed.
    pub change: ListChange,
    /// Which ticket.
    pub id: Uuid,
    /// The ticket as an item of the list; left out when it has left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub ticket: Option<Ticket>,
}

/// How many tickets a list has.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct ListTallies {
    /// All of them.
    pub total: i64,
    /// By status (OPEN …); what is not there is 0.
    pub by_status: BTreeMap<String, i64>,
    /// By priority (LOW …); what is not there is 0.
    pub by_priority: BTreeMap<String, i64>,
}

/// The object of `list:counts`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListCounts {
    /// Which list.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub list: ListName,
    /// As of which position.
    pub position: i64,
    /// How many tickets it has.
    pub counts: ListTallies,
}
