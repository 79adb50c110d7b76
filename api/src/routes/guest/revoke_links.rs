//! `DELETE /api/guest/links`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use identity::Purpose;

use crate::answer::Success;
use crate::extract::InSession;
use crate::problem::{ApiResult, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Make one's links and codes worthless
///
/// For a guest whose mails somebody else has seen: every link and code that leads to the account opens nothing any more, and
/// all its sessions end but the one that asks. Mails that are sent later have new ones.
#[utoipa::path(
    delete,
    path = "/api/guest/links",
    tag = "guests",
    responses((status = 200, description = "They are worthless, also if there were none", body = Success)),
)]
pub(super) async fn revoke_guest_links(
    InSession {
        actor,
        account,
        session,
    }: InSession,
    State(app): State<AppState>,
) -> ApiResult<Json<Success>> {
    permit_general(&actor, Action::ReadOwnAccount)?;
    // Before the sessions, so that no further one begins.
    app.identity
        .links
        .revoke(Purpose::Guest, account.id.as_uuid())
        .await?;
    app.identity.access_codes.revoke(account.id).await?;
    app.identity.sessions.end_others(account.id, session.id).await?;
    security_log::record(SecurityEvent::SessionsEnded, Some(account.id));
    Ok(Json(Success::YES))
}
