//! `POST /api/auth/login`

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use http::HeaderMap;
use identity::{IdentityError, NewSession, Password, SignedIn};
use realtime::connection::ConnectionHandle;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use wire::Me;

use crate::extract::{Fields, Json, SessionCookie, account, session_token};
use crate::problem::{self, ApiResult};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// Who wants in.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct LoginInput {
    /// The address that the account was made with.
    #[schema(value_type = String, required, example = "ada@example.org")]
    email: Option<String>,
    /// Its password.
    #[schema(value_type = String, required, format = Password, example = "correct horse battery")]
    password: Option<Password>,
}

/// Who is in.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct LoginAnswer {
    /// The account.
    user: Me,
    /// The session's token, for `Authorization: Bearer`. Browsers have it in their cookie and need not keep it.
    #[schema(example = "5c2f…64 hexadecimal digits")]
    token: String,
}

/// Sign in
///
/// The answer gives the session's token, in its body for programs and in a cookie for browsers. It lasts 7 days, or 12
/// hours without use.
#[utoipa::path(
    post,
    path = "/api/auth/login",
    tag = "accounts",
    security(()),
    request_body = LoginInput,
    responses(
        (status = 200, description = "Signed in", body = LoginAnswer),
        (status = 401, description = "`Invalid credentials`, whatever is wrong with them"),
    ),
)]
pub(super) async fn log_in(
    State(app): State<AppState>,
    connection: Option<Extension<ConnectionHandle>>,
    headers: HeaderMap,
    Json { input, .. }: Json<LoginInput>,
) -> ApiResult<Response> {
    let (email, password) = input.parse()?;
    let signed_in = match app.identity.logins.sign_in(&email, &password).await {
        Ok(signed_in) => signed_in,
        Err(IdentityError::Refused) => return Err(refused(None)),
        Err(error) => return Err(error.into()),
    };
    let (user, session) = begin(&app, &signed_in).await?;
    let cookie = SessionCookie::of(&app.settings, connection.as_deref());
    // Whoever signs in anew on the same browser does not leave the old session lying about.
    if let Some(old) = session_token(&headers, cookie) {
        app.identity.sessions.end(old).await?;
    }
    security_log::record(SecurityEvent::SignedIn, Some(signed_in.account_id));
    let seconds = session.session.expires_at.millis_since(app.clock.now()) / 1_000;
    let token = session.token.expose().to_owned();
    let mut response = HeaderMap::new();
    cookie.set(&mut response, &token, seconds);
    Ok((response, axum::Json(LoginAnswer { user, token })).into_response())
}

/// A session for somebody who has proved who he is, unless the account is deactivated.
async fn begin(app: &AppState, signed_in: &SignedIn) -> ApiResult<(Me, NewSession)> {
    let id = signed_in.account_id;
    let account = account(app, id).await?.filter(|account| account.active);
    let account = account.ok_or_else(|| refused(Some(id)))?;
    let session = match app.identity.sessions.create(signed_in).await {
        Ok(session) => session,
        Err(IdentityError::Refused) => return Err(refused(Some(id))),
        Err(error) => return Err(error.into()),
    };
    Ok((Me::from(&*account), session))
}

fn refused(account: Option<domain::AccountId>) -> problem::ApiError {
    security_log::record(SecurityEvent::SignInRefused, account);
    problem::invalid_credentials()
}

impl LoginInput {
    fn parse(self) -> ApiResult<(String, Password)> {
        let mut fields = Fields::default();
        if self.email.is_none() {
            fields.problem("email", "is required");
        }
        if self.password.is_none() {
            fields.problem("password", "is required");
        }
        fields.done(self.email.zip(self.password))
    }
}
