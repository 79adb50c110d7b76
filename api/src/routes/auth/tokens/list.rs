//! `GET /api/auth/tokens`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::TokenShown;
use crate::extract::InSession;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// One's tokens
///
/// Those that have not ended, the newest first; the tokens themselves are shown to nobody any more.
#[utoipa::path(
    get,
    path = "/api/auth/tokens",
    tag = "accounts",
    responses(
        (status = 200, description = "One's tokens", body = Vec<TokenShown>),
        (status = 403, description = "Guests have none, and a token does not manage tokens"),
    ),
)]
pub(super) async fn list_tokens(
    State(app): State<AppState>,
    InSession { actor, account, .. }: InSession,
) -> ApiResult<Json<Vec<TokenShown>>> {
    permit_general(&actor, Action::ManageTokens)?;
    let tokens = app.identity.tokens.list(account.id).await?;
    Ok(Json(tokens.into_iter().map(TokenShown::from).collect()))
}
