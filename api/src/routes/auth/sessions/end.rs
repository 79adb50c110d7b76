//! `DELETE /api/auth/sessions/{id}`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::SessionName;
use crate::answer::Success;
use crate::extract::{Id, InPath, InSession};
use crate::problem::{ApiResult, not_found, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Sign out somewhere else
///
/// Ends a session of one's own, and closes its sockets within a second. It may be the one that asks.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions/{id}",
    tag = "accounts",
    params(("id" = String, Path, description = "Which session, as in the list")),
    responses(
        (status = 200, description = "It has ended", body = Success),
        (status = 404, description = "One has no such session"),
    ),
)]
pub(super) async fn end_session(
    State(app): State<AppState>,
    InSession { actor, account, .. }: InSession,
    Id(SessionName(id)): Id<SessionName>,
) -> ApiResult<Json<Success>> {
    permit_general(&actor, Action::ReadOwnAccount)?;
    if !app.identity.sessions.end_one(account.id, id).await? {
        return Err(not_found(SessionName::MISSING));
    }
    security_log::record(SecurityEvent::SessionsEnded, Some(account.id));
    Ok(Json(Success::YES))
}
