//! By what a browser is recognised that comes back from a provider.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{COOKIE, SET_COOKIE};
use http::request::Parts;
use http::{HeaderMap, HeaderValue};
use identity::{Oidc, Secret};
use realtime::connection::ConnectionHandle;

use crate::extract::SessionCookie;
use crate::state::AppState;

/// The cookie's name behind https, where no neighbouring host can plant it.
const SECURE_NAME: &str = "__Host-informejo_oidc";
/// Its name where there is no https.
const PLAIN_NAME: &str = "informejo_oidc";

/// The cookie that a browser has while it is at a provider. `Lax`, because it comes back from another site.
#[derive(Clone, Debug)]
pub(super) struct AwayCookie {
    is_secure: bool,
    /// What the browser says.
    pub(super) value: Option<Secret<String>>,
}

impl AwayCookie {
    const fn name(is_secure: bool) -> &'static str {
        if is_secure { SECURE_NAME } else { PLAIN_NAME }
    }

    /// Gives `value` to the browser until it must be back.
    pub(super) fn set(&self, headers: &mut HeaderMap, value: &Secret<String>) {
        self.write(headers, value.expose(), Duration::seconds(Oidc::BROWSER_SECONDS));
    }

    /// Takes it back: the browser is here.
    pub(super) fn clear(&self, headers: &mut HeaderMap) {
        self.write(headers, "", Duration::ZERO);
    }

    fn write(&self, headers: &mut HeaderMap, value: &str, age: Duration) {
        let cookie = Cookie::build((Self::name(self.is_secure), value))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self.is_secure)
            .path("/")
            .max_age(age)
            .build();
        // Hexadecimal digits always are a header's value.
        if let Ok(mut value) = HeaderValue::from_str(&cookie.to_string()) {
            value.set_sensitive(true);
            headers.append(SET_COOKIE, value);
        }
    }
}

impl FromRequestParts<AppState> for AwayCookie {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> Result<Self, Infallible> {
        let connection = parts.extensions.get::<ConnectionHandle>();
        let is_secure = SessionCookie::of(&app.settings, connection) == SessionCookie::Secure;
        let lines = parts.headers.get_all(COOKIE).into_iter();
        let mut cookies = lines
            .filter_map(|line| line.to_str().ok())
            .flat_map(Cookie::split_parse)
            .filter_map(Result::ok);
        let own = cookies.find(|cookie| cookie.name() == Self::name(is_secure));
        Ok(Self {
            is_secure,
            value: own.map(|cookie| Secret::new(cookie.value().to_owned())),
        })
    }
}
