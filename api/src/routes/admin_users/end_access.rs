//! `POST /api/admin/users/{id}/end-access`

use axum::Json;
use axum::extract::State;
use domain::ids::AccountId;
use domain::policy::Action;

use crate::access_end::{Ended, end_access};
use crate::extract::{Id, InSession, account};
use crate::problem::{self, ApiResult, USER_NOT_FOUND, permit_general};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// End everything by which somebody is recognised
///
/// Sessions, links that were mailed, access codes, API tokens and known browsers, at once; also what is open over the live
/// updates. The account stays as it is: its owner can sign in anew.
#[utoipa::path(
    post,
    path = "/api/admin/users/{id}/end-access",
    tag = "people",
    params(("id" = uuid::Uuid, Path, description = "Whose account")),
    responses(
        (status = 200, description = "How many of each there were", body = Ended),
        (status = 404, description = "`User not found`"),
    ),
)]
pub(super) async fn end_admin_user_access(
    State(app): State<AppState>,
    Id(id): Id<AccountId>,
    InSession { actor, .. }: InSession,
) -> ApiResult<Json<Ended>> {
    permit_general(&actor, Action::EndAccess)?;
    if account(&app, id).await?.is_none() {
        return Err(problem::not_found(USER_NOT_FOUND));
    }
    let work = {
        let app = app.clone();
        async move { end_access(&app.identity, id).await }
    };
    let ended = app.to_the_end(work).await??;
    security_log::record(SecurityEvent::AccessEnded, Some(id));
    Ok(Json(ended))
}
