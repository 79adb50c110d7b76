//! `GET /api/ops/reactors/{name}/parked`

use axum::Json;
use axum::extract::State;
use domain::policy::Action;

use super::shown::{Name, ParkedDelivery};
use crate::extract::{Id, InPath, SignedIn};
use crate::problem::{self, ApiResult, permit_general};
use crate::state::AppState;

/// List what a reactor has given up
///
/// The oldest first, 1,000 at most. Neither whom it is for nor what it says.
#[utoipa::path(
    get,
    path = "/api/ops/reactors/{name}/parked",
    tag = "operations",
    params(("name" = String, Path, description = "Which reactor", example = "mail")),
    responses(
        (status = 200, description = "The deliveries", body = Vec<ParkedDelivery>),
        (status = 404, description = "`Reactor not found`"),
    ),
)]
pub(super) async fn list_parked_deliveries(
    SignedIn { actor, .. }: SignedIn,
    State(app): State<AppState>,
    Id(Name(name)): Id<Name>,
) -> ApiResult<Json<Vec<ParkedDelivery>>> {
    permit_general(&actor, Action::ReadOperations)?;
    let parked = app.outbox.operations().parked(&name).await?;
    let parked = parked.ok_or_else(|| problem::not_found(Name::MISSING))?;
    Ok(Json(parked.into_iter().map(ParkedDelivery::from).collect()))
}
