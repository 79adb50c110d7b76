//! `DELETE /api/auth/sessions`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use crate::answer::Success;
use crate::extract::InSession;
use crate::problem::{ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Sign out everywhere else
///
/// Ends all sessions of one's own but the one that asks.
#[utoipa::path(
    delete,
    path = "/api/auth/sessions",
    tag = "accounts",
    responses((status = 200, description = "All others have ended", body = Success)),
)]
pub(super) async fn end_other_sessions(
    State(app): State<AppState>,
    InSession {
        actor,
        account,
        session,
    }: InSession,
) -> ApiResult<Json<Success>> {
    permit_general(&actor, Action::ReadOwnAccount)?;
    app.identity.sessions.end_others(account.id, session.id).await?;
    security_log::record(SecurityEvent::SessionsEnded, Some(account.id));
    Ok(Json(Success::YES))
}
