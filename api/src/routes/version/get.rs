//! `GET /api/version`

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

use crate::state::AppState;

/// Which program answers.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Version {
    /// Its version.
    #[schema(example = "0.1.0")]
    version: String,
    /// Its name.
    #[schema(example = "informejo")]
    name: &'static str,
}

/// Which version this is
#[utoipa::path(
    get,
    path = "/api/version",
    tag = "operations",
    security(()),
    responses((status = 200, description = "Name and version", body = Version)),
)]
pub(super) async fn get_version(State(app): State<AppState>) -> Json<Version> {
    Json(Version {
        version: app.settings.version.clone(),
        name: "informejo",
    })
}
