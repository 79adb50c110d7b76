//! `GET /api/ops/projections`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Projection, statuses};
use crate::extract::SignedIn;
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Show how every read model is
///
/// How far it has come, who applies events to it, what is parked, and how far a rebuild is. For operators, admins and
/// auditors. No contents: of an error its kind, of a difference its keys and columns.
#[utoipa::path(
    get,
    path = "/api/ops/projections",
    tag = "operations",
    responses((status = 200, description = "The read models", body = Vec<Projection>)),
)]
pub(super) async fn list_projections(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
) -> ApiResult<Json<Vec<Projection>>> {
    permit_general(&actor, Action::ReadOperations)?;
    let statuses = statuses(&app).await?;
    Ok(Json(statuses.iter().map(Projection::from).collect()))
}
