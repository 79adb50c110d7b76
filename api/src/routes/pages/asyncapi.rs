//! `GET /api/asyncapi.json`

use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;

/// The description of the live protocol
#[utoipa::path(
    get,
    path = "/api/asyncapi.json",
    tag = "operations",
    security(()),
    responses((status = 200, description = "AsyncAPI", body = Object, content_type = "application/json")),
)]
pub(super) async fn get_asyncapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], crate::asyncapi::asyncapi())
}
