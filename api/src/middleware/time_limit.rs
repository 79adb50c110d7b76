//! No handler works on one request for ever.

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::Method;

use crate::problem;
use crate::state::{ApiSettings, AppState};

/// How the paths end to which files are sent.
const UPLOADS_END: [&str; 2] = ["/attachments", "/tickets/anonymous"];

/// Gives up on a handler that takes too long: 503.
pub(crate) async fn limit_time(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let limit = limit(&request, &app.settings);
    match tokio::time::timeout(limit, next.run(request)).await {
        Ok(response) => response,
        Err(_) => problem::unavailable("the request took too long").into_response(),
    }
}

fn limit(request: &Request, settings: &ApiSettings) -> std::time::Duration {
    let route = request
        .extensions()
        .get::<MatchedPath>()
        .map_or("", MatchedPath::as_str);
    if request.method() == Method::POST && UPLOADS_END.iter().any(|end| route.ends_with(end)) {
        settings.upload_time
    } else {
        settings.request_time
    }
}
