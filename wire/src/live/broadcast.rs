//! What a Socket.IO broadcast carries beside its object.

use domain::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::ticket::Ticket;

/// The second argument of every broadcast: which event it is of. The first one is the seed's object.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Meta {
    /// The event's place in the log, from 1. What a client passes to resume.
    pub position: i64,
    /// The ticket's version after it, from 1: how many of its events the receiver may know of.
    pub version: i64,
    /// The event.
    pub event_id: Uuid,
    /// When it was recorded.
    #[schema(value_type = String, format = DateTime)]
    pub occurred_at: Timestamp,
    /// Whose doing it was: an account, or null for the system's own.
    pub actor: Option<Uuid>,
    /// Whether this is told late, because the receiver was away when it happened. Left out when it is not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub replayed: bool,
}

/// The object of `ticket:deleted`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketDeleted {
    /// Which ticket.
    pub id: Uuid,
    /// What it was, for those who could read it.
    pub ticket: Ticket,
}
