//! Beginning a session, whatever has proved who somebody is: a password, a link, a code, a provider.

use axum::extract::FromRequestParts;
use axum::response::{IntoResponse, Response};
use domain::AccountId;
use http::HeaderMap;
use http::header::USER_AGENT;
use http::request::Parts;
use identity::{Browser, IdentityError, Secret, SessionId, SignedIn, Token};
use realtime::connection::ConnectionHandle;
use serde::Serialize;
use utoipa::ToSchema;
use wire::Me;

use crate::extract::{SessionCookie, account, device_token, session_token};
use crate::problem::{ApiError, ApiResult};
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

/// By what somebody comes who wants in: the form of the cookie that they get, the session that they have as yet, and
/// what is noted of them.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    cookie: SessionCookie,
    old_token: Option<Secret<String>>,
    old_device: Option<Secret<String>>,
    browser: Browser,
}

impl FromRequestParts<AppState> for Arrival {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let connection = parts.extensions.get::<ConnectionHandle>();
        let cookie = SessionCookie::of(&app.settings, connection);
        let secret = |token: &str| Secret::new(token.to_owned());
        let user_agent = parts.headers.get(USER_AGENT).map(http::HeaderValue::as_bytes);
        Ok(Self {
            cookie,
            old_token: session_token(&parts.headers, cookie).map(secret),
            old_device: device_token(&parts.headers, cookie).map(secret),
            browser: Browser::new(user_agent, connection.map(|connection| connection.client)),
        })
    }
}

/// Who is in.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct LoginAnswer {
    /// The account.
    pub(crate) user: Me,
    /// The session's token, for `Authorization: Bearer`. Browsers have it in their cookie and need not keep it.
    #[schema(example = "5c2f…64 hexadecimal digits")]
    pub(crate) token: String,
}

/// A session that has just begun. As a response: [`LoginAnswer`], and the cookie.
#[derive(Debug)]
#[must_use = "its token is nowhere else"]
pub(crate) struct Begun {
    /// Whose it is.
    pub(crate) user: Me,
    /// Which one it is.
    pub(crate) id: SessionId,
    token: Token,
    seconds: i64,
    cookie: SessionCookie,
    device: HeaderMap,
}

impl Begun {
    /// The headers that give the cookies to the browser, for answers with another body.
    pub(crate) fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::new();
        self.cookie.set(&mut headers, self.token.expose(), self.seconds);
        // Not `extend`: it would put the second cookie in the first one's place.
        for (name, value) in &self.device {
            headers.append(name, value.clone());
        }
        headers
    }

    /// The answer's body.
    pub(crate) fn into_answer(self) -> LoginAnswer {
        LoginAnswer {
            user: self.user,
            token: self.token.expose().to_owned(),
        }
    }
}

impl IntoResponse for Begun {
    fn into_response(self) -> Response {
        (self.headers(), axum::Json(self.into_answer())).into_response()
    }
}

/// Begins a session for somebody who has proved who they are, with a new token, and ends the one that the same browser
/// had. None if the account is deactivated, or if what was proved does not hold any more: to be refused as if it had
/// not been proved.
pub(crate) async fn begin_session(
    app: &AppState,
    arrival: &Arrival,
    signed_in: &SignedIn,
) -> ApiResult<Option<Begun>> {
    let account = account(app, signed_in.account_id).await?;
    let Some(account) = account.filter(|account| account.active) else {
        return Ok(None);
    };
    let sessions = &app.identity.sessions;
    let session = match sessions.create(signed_in, &arrival.browser).await {
        Ok(session) => session,
        Err(IdentityError::Refused) => return Ok(None),
        Err(error) => return Err(error.into()),
    };
    // Whoever signs in anew on the same browser does not leave the old session lying about.
    if let Some(old) = &arrival.old_token {
        sessions.end(old.expose()).await?;
    }
    security_log::record(SecurityEvent::SignedIn, Some(signed_in.account_id));
    Ok(Some(Begun {
        user: Me::from(&*account),
        id: session.session.id,
        token: session.token,
        seconds: session.session.expires_at.millis_since(app.clock.now()) / 1_000,
        cookie: arrival.cookie,
        device: remember_browser(app, arrival, signed_in.account_id).await,
    }))
}

/// The header that gives a browser the cookie by which it is known again, when the owner of `account` has shown who they
/// are on it: strangers who guess at the account do not hold it up from now on.
pub(crate) async fn remember_browser(app: &AppState, arrival: &Arrival, account: AccountId) -> HeaderMap {
    let mut headers = HeaderMap::new();
    let old = arrival.old_device.as_ref().map(|token| token.expose().as_str());
    match app.identity.devices.remember(account, old).await {
        Ok(token) => arrival.cookie.set_device(&mut headers, token.expose()),
        // Nobody is kept out for this.
        Err(error) => tracing::warn!(account.id = %account, %error, "failed to remember a browser"),
    }
    headers
}
