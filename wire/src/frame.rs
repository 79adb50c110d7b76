//! What a Socket.IO broadcast carries beside its object.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::ticket::Ticket;

/// The second argument of every broadcast: which event it is of. The first one is the seed's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The event's place in the log, from 1. What a client passes to resume.
    pub position: i64,
    /// The ticket's version after it, from 1: how many of its events the receiver may know of.
    pub version: i64,
    /// The event.
    pub event_id: Uuid,
    /// When it was recorded.
    pub occurred_at: Timestamp,
    /// Whose doing it was: an account, or null for the system's own.
    pub actor: Option<Uuid>,
}

/// The object of `ticket:deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TicketDeleted {
    /// Which ticket.
    pub id: Uuid,
    /// What it was, for those who could read it.
    pub ticket: Ticket,
}
