//! `POST /api/ops/projections/{name}/parked/{stream}/retry`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;
use serde::Serialize;
use utoipa::ToSchema;

use super::shown::{Name, Stream};
use crate::extract::{Id, SignedIn};
use crate::problem::{ApiResult, permit_general};
use crate::state::AppState;

/// What became of a parked stream.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Retried {
    /// How many of its events were applied.
    applied: u64,
    /// The version of a later event at which it is parked again, if that one cannot be applied either.
    parked_at: Option<i64>,
}

/// Try a parked stream again
///
/// What it has missed is applied in order, and it goes on.
#[utoipa::path(
    post,
    path = "/api/ops/projections/{name}/parked/{stream}/retry",
    tag = "operations",
    params(
        ("name" = String, Path, description = "Which read model", example = "tickets"),
        ("stream" = uuid::Uuid, Path, description = "Which stream"),
    ),
    responses(
        (status = 200, description = "It went on", body = Retried),
        (status = 404, description = "`Projection not found`"),
        (status = 409, description = "It is not parked, or stays so"),
    ),
)]
pub(super) async fn retry_parked(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
    Id(Stream(stream)): Id<Stream>,
) -> ApiResult<Json<Retried>> {
    permit_general(&actor, Action::Operate)?;
    let retried = app.projections.engine().retry(&name, stream).await?;
    tracing::info!(projection.name = name, event.stream = %stream, actor = %actor, "an operator let a stream go on");
    Ok(Json(Retried {
        applied: retried.applied,
        parked_at: retried.parked_at,
    }))
}
