//! What went wrong, as RFC 9457 `application/problem+json` with the original's `error` member.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// A problem document (RFC 9457). `error` and `details` are what the original's clients read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Problem {
    /// What kind of problem, as a URI reference: `about:blank` where the status says it all.
    #[serde(rename = "type")]
    pub kind: String,
    /// The kind in words; the same for every occurrence.
    pub title: String,
    /// The HTTP status code.
    pub status: u16,
    /// What is wrong in this case, for the person who asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// What the original answered in this case.
    pub error: String,
    /// What is wrong with which field.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub details: Vec<FieldProblem>,
    /// The request's id, as in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// What is wrong with one field of the input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct FieldProblem {
    /// The way to the field, from the outside in.
    pub path: Vec<String>,
    /// What is wrong, as a fragment that follows the field's name.
    pub message: String,
}

impl FieldProblem {
    /// A problem with the outermost field `name`.
    pub fn new(name: &str, message: impl Into<String>) -> Self {
        Self {
            path: vec![name.to_owned()],
            message: message.into(),
        }
    }
}
