//! A signed head, as clients see it.

use domain::time::Timestamp;
use eventlog::{Position, SignedHead};
use serde::Serialize;
use utoipa::ToSchema;

/// A head of the log that was signed.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Head {
    /// The last position of the log at that time.
    #[schema(example = 1234)]
    position: Position,
    /// When it was signed.
    #[schema(value_type = String, format = DateTime, example = "2026-11-23T00:32:35.572Z")]
    signed_at: Timestamp,
    /// The note: a C2SP checkpoint with the chain's hash and the time, and its signature.
    note: String,
}

impl From<SignedHead> for Head {
    fn from(head: SignedHead) -> Self {
        Self {
            position: head.position,
            signed_at: head.signed_at,
            note: head.note,
        }
    }
}
