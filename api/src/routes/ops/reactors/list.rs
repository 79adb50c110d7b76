//! `GET /api/ops/reactors`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::Reactor;
use crate::extract::SignedIn;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Show how every reactor is
///
/// How far it has read the log, what waits, and what was given up. For operators, admins and auditors.
#[utoipa::path(
    get,
    path = "/api/ops/reactors",
    tag = "operations",
    responses((status = 200, description = "The reactors", body = Vec<Reactor>)),
)]
pub(super) async fn list_reactors(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
) -> ApiResult<Json<Vec<Reactor>>> {
    permit_general(&actor, Action::ReadOperations)?;
    let statuses = app.outbox.operations().status().await?;
    let head = *app.log.head_watch().borrow();
    let shown = statuses.into_iter().map(|status| Reactor::of(status, head));
    Ok(Json(shown.collect()))
}
