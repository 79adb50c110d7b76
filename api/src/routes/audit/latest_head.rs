//! `GET /api/audit/heads/latest`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use domain::policy::Action;
use eventlog::Position;
use http::header::CONTENT_TYPE;

use crate::extract::SignedIn;
use crate::problem::{ApiResult, away, not_found, permit_general};
use crate::state::{AppState, READ_WAIT};

/// The newest signed head
///
/// The note itself, to be kept where the desk's operators cannot change it. For operators, admins and auditors.
#[utoipa::path(
    get,
    path = "/api/audit/heads/latest",
    tag = "audit",
    responses(
        (status = 200, description = "The note", body = String, content_type = "text/plain"),
        (status = 404, description = "`No head has been signed yet`"),
    ),
)]
pub(super) async fn get_latest_head(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
) -> ApiResult<Response> {
    permit_general(&actor, Action::ReadOperations)?;
    let read = app.log.signed_heads_before(Position::MAX, 1);
    let newest = tokio::time::timeout(READ_WAIT, read).await;
    let newest = newest
        .map_err(|late| away(&late))?
        .map_err(|error| away(&error))?;
    let head = newest
        .into_iter()
        .next()
        .ok_or_else(|| not_found("No head has been signed yet"))?;
    Ok(([(CONTENT_TYPE, "text/plain; charset=utf-8")], head.note).into_response())
}
