//! `DELETE /api/auth/tokens/{id}`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use uuid::Uuid;

use crate::answer::Success;
use crate::extract::{Id, InPath, InSession};
use crate::problem::{ApiResult, not_found, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// A token in paths.
impl InPath for Uuid {
    const PARAMETER: &'static str = "id";
    const MISSING: &'static str = "Token not found";
}

/// Withdraw a token
///
/// It opens nothing from now on: here at once, on other nodes within a second.
#[utoipa::path(
    delete,
    path = "/api/auth/tokens/{id}",
    tag = "accounts",
    params(("id" = Uuid, Path, description = "Which token, as in the list")),
    responses(
        (status = 200, description = "It is withdrawn", body = Success),
        (status = 404, description = "One has no such token"),
    ),
)]
pub(super) async fn withdraw_token(
    State(app): State<AppState>,
    InSession { actor, account, .. }: InSession,
    Id(id): Id<Uuid>,
) -> ApiResult<Json<Success>> {
    permit_general(&actor, Action::ManageTokens)?;
    if !app.identity.tokens.withdraw(account.id, id).await? {
        return Err(not_found(Uuid::MISSING));
    }
    security_log::record(SecurityEvent::TokenWithdrawn, Some(account.id));
    Ok(Json(Success::YES))
}
