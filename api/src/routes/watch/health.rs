//! `GET /health`

use axum::Json;
use serde::Serialize;
use utoipa::ToSchema;

/// The program runs.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Health {
    /// Always `ok`.
    #[schema(example = "ok")]
    status: &'static str,
}

/// Whether the program runs
///
/// Asks neither the database nor anybody else: a program that answers this need not be restarted, whatever `/ready` says.
#[utoipa::path(
    get,
    path = "/health",
    tag = "operations",
    security(()),
    responses((status = 200, description = "It runs", body = Health)),
)]
pub(super) async fn get_health() -> Json<Health> {
    Json(Health { status: "ok" })
}
