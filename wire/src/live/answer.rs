//! Acknowledgements of what clients ask.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa::openapi::schema::{ObjectBuilder, Schema, Type};

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

/// The shape of an [`Answer`] that it was done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Done {
    /// True.
    #[schema(schema_with = yes)]
    pub ok: bool,
}

/// The shape of an [`Answer`] that it was not: to any request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Refused {
    /// False.
    #[schema(schema_with = no)]
    pub ok: bool,
    /// Why not: `not a ticket id`, `not found`, `not permitted`, `bad request: …`, `unavailable` or `limited`.
    pub error: String,
    /// Which limit stood in the way, of `limited`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub limit: Option<String>,
    /// When to try again, in milliseconds from now; left out where time alone does not help.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false, minimum = 0)]
    pub retry_after_ms: Option<u64>,
}

fn only(value: bool) -> Schema {
    let boolean = ObjectBuilder::new().schema_type(Type::Boolean);
    boolean.enum_values(Some([value])).build().into()
}

fn yes() -> Schema {
    only(true)
}

fn no() -> Schema {
    only(false)
}

/// The acknowledgement of a `join-ticket` that succeeded.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct JoinAnswer {
    /// True.
    #[schema(schema_with = yes)]
    pub ok: bool,
    /// Everything of the ticket after this position is told.
    pub position: i64,
}

/// The acknowledgement of a `list:watch` that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ListAnswer {
    /// True.
    #[schema(schema_with = yes)]
    pub ok: bool,
    /// Everything of the list after this position is told; the position that `counts` are of.
    pub position: i64,
    /// How many tickets are in it.
    pub counts: ListTallies,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
const fn is_zero(count: &u64) -> bool {
    *count == 0
}

/// The acknowledgement of a `presence:list` that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct PeopleAnswer {
    /// True.
    #[schema(schema_with = yes)]
    pub ok: bool,
    /// Everybody who is not offline: agents first, at most 1,000.
    pub people: Vec<PresentPerson>,
    /// How many others there are. Left out when there are none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub left_out: u64,
}

/// The acknowledgement of a `viewing` that succeeded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewersAnswer {
    /// True.
    #[schema(schema_with = yes)]
    pub ok: bool,
    /// Everybody who has the ticket open. Agents only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub viewers: Option<Vec<Viewer>>,
}
