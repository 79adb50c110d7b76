//! `POST /api/ops/projections/{name}/abort`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Name, Projection, status};
use crate::extract::{Id, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// Abort a rebuild
///
/// Stops it wherever it runs, and removes what it has made; also what one has left that was killed or that differs.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/abort",
    tag = "operations",
    params(("name" = String, Path, description = "Which read model", example = "tickets")),
    responses(
        (status = 200, description = "Nothing is left of it", body = Projection),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "It is not being rebuilt"),
    ),
)]
pub(super) async fn abort_projection(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<Json<Projection>> {
    permit_general(&actor, Action::Operate)?;
    let known = status(&app, &name).await?.build.is_some();
    if !app.projections.engine().abort(&name).await? && !known {
        return Err(problem::conflict("Conflict").detail("it is not being rebuilt"));
    }
    tracing::info!(projection.name = name, actor = %actor, "an operator aborted a rebuild");
    Ok(Json(Projection::from(&status(&app, &name).await?)))
}
