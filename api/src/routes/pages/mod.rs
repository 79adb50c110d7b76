//! Pages for people: where the desk begins, and the description of the API. Without scripts, and without requests to
//! anybody else.

mod asyncapi;
mod docs;
mod home;
mod openapi;
mod schema;
mod style;

use axum::routing::get;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(openapi::get_openapi))
        .routes(routes!(asyncapi::get_asyncapi))
        // Not part of the API, so not described.
        .route("/", get(home::get_home))
        .route("/docs", get(docs::get_docs))
        .route(style::PATH, get(style::get_style))
}
