//! `GET /api/openapi.json`

use axum::response::IntoResponse;
use http::header::CONTENT_TYPE;

/// This description
#[utoipa::path(
    get,
    path = "/api/openapi.json",
    tag = "operations",
    security(()),
    responses((status = 200, description = "OpenAPI", body = Object, content_type = "application/json")),
)]
pub(super) async fn get_openapi() -> impl IntoResponse {
    ([(CONTENT_TYPE, "application/json")], crate::openapi::json())
}
