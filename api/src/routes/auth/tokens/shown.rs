//! What of a token is shown: all but itself.

use domain::{Role, Timestamp};
use identity::ApiToken;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A token of one's own.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct TokenShown {
    /// Which one. It opens nothing.
    id: Uuid,
    /// What its owner calls it.
    #[schema(example = "Nightly report")]
    name: String,
    /// What it may do at most. It never does more than its owner may at the moment.
    #[schema(value_type = String, example = "USER")]
    role: Role,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
    /// When it was last used, to the minute.
    #[schema(value_type = Option<String>, format = DateTime)]
    last_used_at: Option<Timestamp>,
}

impl From<ApiToken> for TokenShown {
    fn from(token: ApiToken) -> Self {
        Self {
            id: token.id,
            name: token.name.as_str().to_owned(),
            role: token.role,
            created_at: token.created_at,
            expires_at: token.expires_at,
            last_used_at: token.last_used_at,
        }
    }
}
