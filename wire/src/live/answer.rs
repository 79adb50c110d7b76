//! Acknowledgements of what clients ask.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::ListTallies;
use super::signal::{PresentPerson, Viewer};

/// An acknowledgement with nothing to tell but whether it was done.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Answer {
    /// Whether it was.
    pub ok: bool,
    /// Why not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// Which limit stood in the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<String>,
    /// When to try again, in milliseconds from now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retry_after_ms: Option<u64>,
}

impl Answer {
    /// It was done.
    pub const OK: Self = Self {
        ok: true,
        error: None,
        limit: None,
        retry_after_ms: None,
    };

    /// It was not, because of `error`.
    pub fn refused(error: &str) -> Self {
        Self {
            ok: false,
            error: Some(error.to_owned()),
            limit: None,
            retry_after_ms: None,
        }
    }

    /// It was not, because of the limit of this name; trying again helps from then on.
    pub fn limited(limit: &str, retry_after_ms: u64) -> Self {
        Self {
            limit: Some(limit.to_owned()),
            retry_after_ms: Some(retry_after_ms),
            ..Self::refused("limited")
        }
    }
}

/// The acknowledgement of a `join-ticket` that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JoinAnswer {
    /// True.
    pub ok: bool,
    /// Everything of the ticket after this position is told.
    pub position: i64,
}

/// The acknowledgement of a `list:watch` that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListAnswer {
    /// True.
    pub ok: bool,
    /// Everything of the list after this position is told; the position that `counts` are of.
    pub position: i64,
    /// How many tickets are in it.
    pub counts: ListTallies,
}

/// The acknowledgement of a `presence:list` that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeopleAnswer {
    /// True.
    pub ok: bool,
    /// Everybody who is not offline.
    pub people: Vec<PresentPerson>,
}

/// The acknowledgement of a `viewing` that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewersAnswer {
    /// True.
    pub ok: bool,
    /// Everybody who has the ticket open. Agents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub viewers: Option<Vec<Viewer>>,
}
