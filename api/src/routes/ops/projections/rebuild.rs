//! `POST /api/ops/projections/{name}/rebuild`

use super::shown::{Name, Projection, status};
use crate::extract::{Id, SignedIn};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;
use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use http::StatusCode;
use projections::engine::Check;

/// Begin to rebuild a read model
///
/// The next generation is made beside the live one, which serves on; `GET /api/ops/projections` shows how far it is. If it
/// equals the live one at the same position it takes its place, otherwise it waits to be accepted or aborted.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/rebuild",
    tag = "operations",
    params(("name" = String, Path, description = "Which read model", example = "tickets")),
    responses(
        (status = 202, description = "It has begun", body = Projection),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "It is being rebuilt already"),
    ),
)]
pub(super) async fn rebuild_projection(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<(StatusCode, Json<Projection>)> {
    permit_general(&actor, Action::Operate)?;
    app.projections.start_rebuild(&name, Check::Compare).await?;
    tracing::info!(projection.name = name, actor = %actor, "an operator rebuilds a read model");
    Ok((
        StatusCode::ACCEPTED,
        Json(Projection::from(&status(&app, &name).await?)),
    ))
}
