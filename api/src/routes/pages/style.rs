//! How the pages look.

use axum::response::IntoResponse;
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

/// Where the pages find it.
pub(super) const PATH: &str = "/docs/style.css";
const STYLE: &str = include_str!("../../../assets/style.css");

/// The style sheet.
pub(super) async fn get_style() -> impl IntoResponse {
    (
        [
            (CONTENT_TYPE, "text/css; charset=utf-8"),
            (CACHE_CONTROL, "no-cache"),
        ],
        STYLE,
    )
}
