//! What a reactor looks like to operators.

use std::str::FromStr;

use reactors::{Parked, ReactorStatus};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::InPath;

/// The name of a reactor in a path. Whether there is one is found out later, by whoever may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(pub(super) String);

/// No reactor can have such a name, and no database can look for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct NotAName;

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        if text.contains('\0') {
            return Err(NotAName);
        }
        Ok(Self(text.to_owned()))
    }
}

impl InPath for Name {
    const PARAMETER: &'static str = "name";
    const MISSING: &'static str = "Reactor not found";
}

/// The id of a parked delivery in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DeliveryId(pub(super) Uuid);

impl FromStr for DeliveryId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl InPath for DeliveryId {
    const PARAMETER: &'static str = "id";
    const MISSING: &'static str = "Delivery not found";
}

/// A reactor: what happens outside the database because of an event.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reactor {
    /// Which one.
    #[schema(example = "mail")]
    name: String,
    /// How far it has read the log.
    position: i64,
    /// How many events of the log it has not read.
    lag: i64,
    /// When it last read on.
    #[schema(format = DateTime)]
    moved_at: String,
    /// Why it does not read on, where it does not.
    last_error: Option<String>,
    /// Deliveries that are still to be tried.
    waiting: i64,
    /// When the first of them was written down.
    #[schema(format = DateTime)]
    waiting_since: Option<String>,
    /// Deliveries that were given up.
    parked: i64,
}

impl Reactor {
    pub(super) fn of(status: ReactorStatus, head: i64) -> Self {
        Self {
            lag: head.saturating_sub(status.position).max(0),
            name: status.name,
            position: status.position,
            moved_at: status.moved_at.to_string(),
            last_error: status.last_error,
            waiting: status.waiting,
            waiting_since: status.waiting_since.map(|since| since.to_string()),
            parked: status.parked,
        }
    }
}

/// A delivery that was given up.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct ParkedDelivery {
    /// Which one.
    id: Uuid,
    /// Which mail.
    #[schema(example = "comment")]
    kind: String,
    /// The position of the event that it tells of; none if it tells of no event.
    position: Option<i64>,
    /// When it was written down.
    #[schema(format = DateTime)]
    created_at: String,
    /// When it was given up.
    #[schema(format = DateTime)]
    parked_at: String,
    /// How often it was tried.
    attempts: i32,
    /// What kind of failure the last one was.
    #[schema(example = "the server refused the recipient (550)")]
    error: String,
}

impl From<Parked> for ParkedDelivery {
    fn from(parked: Parked) -> Self {
        Self {
            id: parked.id,
            kind: parked.kind,
            position: parked.position,
            created_at: parked.created_at.to_string(),
            parked_at: parked.parked_at.to_string(),
            attempts: parked.attempts,
            error: parked.error,
        }
    }
}

/// How many deliveries are tried again.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct RetriedDeliveries {
    /// So many.
    pub(super) retried: u64,
}
