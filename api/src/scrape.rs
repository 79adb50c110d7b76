//! `GET /metrics`, on a door of its own: what Prometheus reads. Nobody has to sign in there, so that door belongs to
//! operators' networks only.

use std::sync::Arc;

use axum::Router;
use axum::response::IntoResponse;
use axum::routing::get;
use http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};

/// Writes all figures as they are now, in Prometheus' text format.
pub type Render = Arc<dyn Fn() -> String + Send + Sync>;

/// The routes of that door.
pub fn scrape_router(render: Render) -> Router {
    let metrics = move || async move {
        let headers = [
            (CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        ];
        (headers, render()).into_response()
    };
    Router::new().route("/metrics", get(metrics))
}
