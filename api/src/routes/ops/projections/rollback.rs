//! `POST /api/ops/projections/{name}/rollback`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Name, Projection, status};
use crate::extract::{Id, SignedIn};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// Go back to the generation before
///
/// At once: it has been kept current. The one that is left is kept in its turn.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/rollback",
    tag = "operations",
    params(("name" = String, Path, description = "Which read model", example = "tickets")),
    responses(
        (status = 200, description = "It is live again", body = Projection),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "There is none, it is another version's, or the read model is being rebuilt"),
    ),
)]
pub(super) async fn roll_projection_back(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<Json<Projection>> {
    permit_general(&actor, Action::Operate)?;
    let engine = app.projections.engine().clone();
    let back = app.to_the_end({
        let name = name.clone();
        async move { engine.rollback(&name).await }
    });
    back.await??;
    tracing::info!(projection.name = name, actor = %actor, "an operator went back to the generation before");
    Ok(Json(Projection::from(&status(&app, &name).await?)))
}
