//! `POST /api/ops/projections/{name}/accept-diff`

use super::shown::{Name, Projection, status};
use crate::extract::{Id, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use http::StatusCode;
use projections::engine::Check;

/// Accept a generation that differs
///
/// What a rebuild has made and found to differ is brought up to date and takes the live generation's place.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/accept-diff",
    tag = "operations",
    params(("name" = String, Path, description = "Which read model", example = "tickets")),
    responses(
        (status = 202, description = "It is on its way", body = Projection),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "Nothing waits to be accepted, or it is being rebuilt"),
    ),
)]
pub(super) async fn accept_projection(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<(StatusCode, Json<Projection>)> {
    permit_general(&actor, Action::Operate)?;
    if !status(&app, &name)
        .await?
        .build
        .is_some_and(|build| build.different)
    {
        return Err(problem::conflict("Conflict").detail("no generation waits to be accepted"));
    }
    app.projections.start_rebuild(&name, Check::Accept).await?;
    tracing::info!(projection.name = name, actor = %actor, "an operator accepts a generation that differs");
    Ok((
        StatusCode::ACCEPTED,
        Json(Projection::from(&status(&app, &name).await?)),
    ))
}
