//! `GET /api/auth/me`

use axum::Json;
use wire::Me;

use crate::extract::{MinPosition, SignedIn};

/// Who I am
#[utoipa::path(
    get,
    path = "/api/auth/me",
    tag = "accounts",
    responses((status = 200, description = "The account of whoever asks", body = Me)),
)]
pub(super) async fn get_me(signed_in: SignedIn, _: MinPosition) -> Json<Me> {
    Json(Me::from(&*signed_in.account))
}
