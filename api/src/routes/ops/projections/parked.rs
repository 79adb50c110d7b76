//! `GET /api/ops/projections/{name}/parked`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Name, Parked, status};
use crate::extract::{Id, SignedIn};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// List a read model's parked streams
///
/// In the order of the events at which they wait.
#[utoipa::path(
    get,
    path = "/api/ops/projections/{name}/parked",
    tag = "operations",
    params(("name" = String, Path, description = "Which read model", example = "tickets")),
    responses(
        (status = 200, description = "The streams", body = Vec<Parked>),
        (status = 404, description = "`Projection not found`"),
    ),
)]
pub(super) async fn list_parked(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<Json<Vec<Parked>>> {
    permit_general(&actor, Action::ReadOperations)?;
    let status = status(&app, &name).await?;
    Ok(Json(status.parked.iter().map(Parked::from).collect()))
}
