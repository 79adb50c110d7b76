//! `POST /api/auth/logout`

use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::{Extension, Json};
use http::HeaderMap;
use identity::API_TOKEN_PREFIX;
use realtime::connection::ConnectionHandle;
use serde::Serialize;
use utoipa::ToSchema;

use crate::extract::{SessionCookie, session_token};
use crate::problem::{ApiResult, session_needed};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Signed out.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct LogoutAnswer {
    /// Always true.
    #[schema(example = true)]
    success: bool,
    /// Where the browser has to go so that the session at the identity provider ends too, if there is one.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(example = "https://id.example.org/realms/desk/protocol/openid-connect/logout?id_token_hint=…")]
    logout_url: Option<String>,
}

/// Sign out
///
/// Ends the session and takes the cookie back. Asking without being signed in is no error; an API token signs nobody out.
#[utoipa::path(
    post,
    path = "/api/auth/logout",
    tag = "accounts",
    security((), ("session" = []), ("bearer" = [])),
    responses((status = 200, description = "Signed out", body = LogoutAnswer)),
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
    let mut logout_url = None;
    if let Some(token) = session_token(&headers, cookie) {
        let session = app.identity.sessions.authenticate(token).await?;
        if let Some(session) = &session {
            let after = format!("{}/login", app.settings.app_url.as_str().trim_end_matches('/'));
            logout_url = app.identity.oidc.logout_url(session.id, &after).await?;
        }
        if app.identity.sessions.end(token).await? {
            security_log::record(
                SecurityEvent::SignedOut,
                session.map(|session| session.account_id),
            );
        }
    }
    let mut response = HeaderMap::new();
    cookie.clear(&mut response);
    let answer = LogoutAnswer {
        success: true,
        logout_url: logout_url.map(String::from),
    };
    Ok((response, Json(answer)).into_response())
}
