//! Pages for people: the browser client, and the description of the API. Without requests to anybody else.

mod asyncapi;
pub(crate) mod client;
mod docs;
mod openapi;
mod schema;
mod style;

use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use http::{HeaderMap, HeaderName, HeaderValue};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::state::AppState;

pub(super) fn router() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(openapi::get_openapi))
        .routes(routes!(asyncapi::get_asyncapi))
        // Not part of the API, so not described.
        .route("/docs", get(docs::get_docs))
        .route(style::PATH, get(style::get_style))
}

/// What pages are.
const HTML: [(HeaderName, HeaderValue); 1] =
    [(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))];

/// Headers of pages that are made here: browsers keep them, and ask whether they have changed.
fn html_headers() -> HeaderMap {
    let mut headers: HeaderMap = HTML.into_iter().collect();
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    headers
}
