//! `GET /api/auth/me`

use axum::Json;
use domain::policy::Action;
use wire::Me;

use crate::extract::{MinPosition, SignedIn};
use crate::problem::{ApiResult, permit_general};

/// Who I am
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "accounts",
    responses((status = 200, description = "The account of whoever asks", body = Me)),
)]
pub(super) async fn get_me(signed_in: SignedIn, _: MinPosition) -> ApiResult<Json<Me>> {
    permit_general(&signed_in.actor, Action::ReadOwnAccount)?;
    Ok(Json(Me::from(&*signed_in.account)))
}
