//! `POST /api/ops/reactors/{name}/parked/retry`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Name, RetriedDeliveries};
use crate::extract::{Id, InPath, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// Try all parked deliveries again
///
/// At once, and as often as if they were new.
#[utoipa::path(
    post,
    path = "/api/ops/reactors/{name}/parked/retry",
    tag = "operations",
    params(("name" = String, Path, description = "Which reactor", example = "mail")),
    responses(
        (status = 200, description = "How many there were", body = RetriedDeliveries),
        (status = 404, description = "`Reactor not found`"),
    ),
)]
pub(super) async fn retry_all_deliveries(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<Json<RetriedDeliveries>> {
    permit_general(&actor, Action::Operate)?;
    let retried = app.outbox.operations().retry(&name, None).await?;
    let retried = retried.ok_or_else(|| problem::not_found(Name::MISSING))?;
    tracing::info!(reactor = name, retried, actor = %actor, "an operator had deliveries tried again");
    Ok(Json(RetriedDeliveries { retried }))
}
