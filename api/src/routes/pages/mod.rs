//! Pages for people: where the desk begins, the description of the API, and where links in mails lead. Without requests to
//! anybody else, and only the last with a script.

mod asyncapi;
mod docs;
mod home;
mod landing;
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
        .merge(landing::router())
}
