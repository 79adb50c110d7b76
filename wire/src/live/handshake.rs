//! How a connection begins: what a client says of itself, and what it is told if it may not come in.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::list::ListWatch;

/// What a client passes as `auth` of its CONNECT packet. All of it may be left out; whatever else is there is ignored.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default)]
pub struct Handshake {
    /// A session's token; without one, the session cookie counts if the page is this server's own.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub token: Option<String>,
    /// The last position that the client has seen: what happened since, and it may see, is told first.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0)]
    pub position: Option<i64>,
    /// The tickets whose rooms it wants to be in, at most 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 100)]
    pub tickets: Vec<Uuid>,
    /// The lists that it watches, at most 8.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    #[schema(max_items = 8)]
    pub lists: Vec<ListWatch>,
}

/// What a client that may not come in is told, as the data of its CONNECT_ERROR packet.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ConnectRefused {
    /// `unauthorized`: nobody who may be here. `unavailable`: it cannot be told at present. `bad request: …`: the
    /// handshake is wrong. `limited: <limit>; retry in <n> ms`: too much of something at once.
    #[schema(pattern = "^(unauthorized|unavailable|bad request: .+|limited: [a-z-]+; retry in [0-9]+ ms)$")]
    pub message: String,
}
