//! `POST /api/ops/reactors/{name}/parked/{id}/retry`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{DeliveryId, Name, RetriedDeliveries};
use crate::extract::{Id, InPath, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// Try a parked delivery again
///
/// At once, and as often as if it were new.
#[utoipa::path(
    post,
    path = "/api/ops/reactors/{name}/parked/{id}/retry",
    tag = "operations",
    params(
        ("name" = String, Path, description = "Which reactor", example = "mail"),
        ("id" = uuid::Uuid, Path, description = "Which delivery"),
    ),
    responses(
        (status = 200, description = "It is tried again", body = RetriedDeliveries),
        (status = 404, description = "`Reactor not found`, or `Delivery not found`: no such one is parked"),
    ),
)]
pub(super) async fn retry_delivery(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
    Id(DeliveryId(id)): Id<DeliveryId>,
) -> ApiResult<Json<RetriedDeliveries>> {
    permit_general(&actor, Action::Operate)?;
    match app.outbox.operations().retry(&name, Some(id)).await? {
        None => Err(problem::not_found(Name::MISSING)),
        Some(0) => Err(problem::not_found(DeliveryId::MISSING)),
        Some(retried) => {
            tracing::info!(reactor = name, delivery.id = %id, actor = %actor, "an operator had a delivery tried again");
            Ok(Json(RetriedDeliveries { retried }))
        }
    }
}
