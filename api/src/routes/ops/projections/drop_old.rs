//! `POST /api/ops/projections/{name}/drop-old`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Name, Projection, status};
use crate::extract::{Id, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// Give up the generation before
///
/// It is no longer kept current, and there is no way back to it.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/drop-old",
    tag = "operations",
    params(("name" = String, Path, description = "Which read model", example = "tickets")),
    responses(
        (status = 200, description = "It is gone", body = Projection),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "There is none, or the read model is being rebuilt"),
    ),
)]
pub(super) async fn drop_old_projection(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<Json<Projection>> {
    permit_general(&actor, Action::Operate)?;
    if !app.projections.engine().drop_old(&name).await? {
        return Err(problem::conflict("Conflict").detail("no generation before the live one is kept"));
    }
    tracing::info!(projection.name = name, actor = %actor, "an operator gave up the generation before");
    Ok(Json(Projection::from(&status(&app, &name).await?)))
}
