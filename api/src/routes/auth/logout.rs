//! `POST /api/auth/logout`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::HeaderMap;
use identity::API_TOKEN_PREFIX;
use realtime::connection::ConnectionHandle;

use crate::answer::Success;
use crate::extract::{SessionCookie, session_token};
use crate::problem::{ApiResult, session_needed};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Sign out
///
/// Ends the session and takes the cookie back. Asking without being signed in is no error; an API token signs nobody out.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    tag = "accounts",
    security((), ("session" = []), ("bearer" = [])),
    responses((status = 200, description = "Signed out", body = Success)),
)]
pub(super) async fn log_out(
    State(app): State<AppState>,
    connection: Option<Extension<ConnectionHandle>>,
    headers: HeaderMap,
) -> ApiResult<Response> {
    let cookie = SessionCookie::of(&app.settings, connection.as_deref());
    if session_token(&headers, cookie).is_some_and(|token| token.starts_with(API_TOKEN_PREFIX)) {
        return Err(session_needed());
    }
    if let Some(token) = session_token(&headers, cookie) {
        let session = app.identity.sessions.authenticate(token).await?;
        if app.identity.sessions.end(token).await? {
            security_log::record(
                SecurityEvent::SignedOut,
                session.map(|session| session.account_id),
            );
        }
    }
    let mut response = HeaderMap::new();
    cookie.clear(&mut response);
    Ok((response, Json(Success::YES)).into_response())
}
