//! Where a client stands: what it has missed, and from where on it misses nothing.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::list::{ListName, ListTallies};

/// The object of `welcome`, the first frame of every connection.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Welcome {
    /// Where the live part begins: everything after it is told as it happens.
    pub position: i64,
    /// The answer to each ticket that the client asked to be in the room of, in its order.
    pub tickets: Vec<TicketJoined>,
    /// The answer to each list that the client asked to watch, in its order.
    pub lists: Vec<ListWatched>,
    /// Whether what the client missed follows, ended by `caught-up`.
    pub replaying: bool,
}

/// What became of one ticket of the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct TicketJoined {
    /// Which ticket.
    pub ticket: Uuid,
    /// Whether the client is in its room.
    pub ok: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
}

/// What became of one list of the handshake.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListWatched {
    /// Which list.
    #[schema(value_type = String, min_length = 1, max_length = 40)]
    pub list: ListName,
    /// Whether it is watched.
    pub ok: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub error: Option<String>,
    /// The position that `counts` are of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub position: Option<i64>,
    /// How many tickets are in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub counts: Option<ListTallies>,
}

/// The object of `caught-up`: the client has been told all that it missed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct CaughtUp {
    /// Up to which position.
    pub position: i64,
    /// How many broadcasts that were.
    pub replayed: u64,
}

/// The object of `resync`: fetch anew what is shown; everything after the position is told as it happens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Resync {
    /// What is fetched must be of this position at least (`Min-Position`).
    pub position: i64,
    /// Why.
    pub reason: ResyncReason,
}

/// Why a client must fetch anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ResyncReason {
    /// More has happened meanwhile than is told one by one.
    TooFar,
    /// This log has never come to the client's position.
    UnknownPosition,
    /// Something happened that cannot be told.
    Missed,
    /// The client may see other tickets than before in the lists that it watches.
    Rights,
}

/// The object of `bookmark`: up to here nothing has happened that the client was not told and might see.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Bookmark {
    /// What the client may pass to resume.
    pub position: i64,
}

/// The object of `server:stopping`: the connection ends at once, by plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Stopping {
    /// When to connect again, in milliseconds from now: each client has a time of its own, so that not all come at once.
    pub reconnect_in_ms: u64,
}
