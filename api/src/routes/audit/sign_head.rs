//! `POST /api/audit/heads`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use serde::Serialize;
use utoipa::ToSchema;

use super::head::Head;
use crate::extract::SignedIn;
use crate::heads::HeadsError;
use crate::problem::{self, ApiError, ApiResult, permit_general};
use crate::state::AppState;

/// What became of the wish for a head.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct SignedHead {
    /// The newest signed head.
    head: Head,
    /// Whether it was signed just now; otherwise nothing was new.
    new: bool,
}

/// Sign the head of the log
///
/// After the chain from the last signed head on was walked and is whole. For auditors.
#[utoipa::path(
    post,
    path = "/api/audit/heads",
    tag = "audit",
    responses(
        (status = 200, description = "The newest signed head", body = SignedHead),
        (status = 409, description = "The log is damaged, or empty: there is nothing to swear to"),
    ),
)]
pub(super) async fn sign_head(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
) -> ApiResult<Json<SignedHead>> {
    permit_general(&actor, Action::Audit)?;
    let signed = app.heads.sign().await?;
    Ok(Json(SignedHead {
        head: signed.head.into(),
        new: signed.new,
    }))
}

impl From<HeadsError> for ApiError {
    fn from(error: HeadsError) -> Self {
        match error {
            HeadsError::Empty | HeadsError::Damaged { .. } => {
                problem::conflict("The head cannot be signed").detail(error.to_string())
            }
            HeadsError::Busy => problem::unavailable("another program is signing"),
            HeadsError::Log(error) => problem::away(&error),
            HeadsError::Note(error) => problem::fault(&error),
        }
    }
}
