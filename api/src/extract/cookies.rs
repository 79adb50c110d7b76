//! The session's cookie: written once, read on every request. And the browser's, which proves nothing.

use cookie::time::Duration;
use cookie::{Cookie, SameSite};
use http::header::{AUTHORIZATION, COOKIE, SET_COOKIE};
use http::{HeaderMap, HeaderValue};
use identity::DEVICE_DAYS;
use realtime::connection::ConnectionHandle;

use crate::state::ApiSettings;

/// Its name behind https: browsers take a cookie of this prefix only from this very host over https, so that no
/// neighbouring host can plant one.
const SECURE_NAME: &str = "__Host-informejo_session";
/// Its name where there is no https.
const PLAIN_NAME: &str = "informejo_session";
/// The browser's, likewise.
const SECURE_DEVICE_NAME: &str = "__Host-informejo_device";
const PLAIN_DEVICE_NAME: &str = "informejo_device";

/// Which form of the cookie a request has and gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionCookie {
    /// For https.
    Secure,
    /// For http.
    Plain,
}

impl SessionCookie {
    /// The form for a request that came by `connection`.
    pub fn of(settings: &ApiSettings, connection: Option<&ConnectionHandle>) -> Self {
        if settings.secure_cookies || connection.is_some_and(|connection| connection.secure) {
            Self::Secure
        } else {
            Self::Plain
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Secure => SECURE_NAME,
            Self::Plain => PLAIN_NAME,
        }
    }

    const fn device_name(self) -> &'static str {
        match self {
            Self::Secure => SECURE_DEVICE_NAME,
            Self::Plain => PLAIN_DEVICE_NAME,
        }
    }

    /// Gives `token` to the browser, for `seconds`.
    pub fn set(self, headers: &mut HeaderMap, token: &str, seconds: i64) {
        self.write(headers, self.name(), token.to_owned(), Duration::seconds(seconds));
    }

    /// Takes the token back from the browser.
    pub fn clear(self, headers: &mut HeaderMap) {
        self.write(headers, self.name(), String::new(), Duration::ZERO);
    }

    /// Gives the browser a `token` by which it is known again (see [`identity::Devices`]).
    pub fn set_device(self, headers: &mut HeaderMap, token: &str) {
        let age = Duration::days(DEVICE_DAYS);
        self.write(headers, self.device_name(), token.to_owned(), age);
    }

    fn write(self, headers: &mut HeaderMap, name: &'static str, value: String, age: Duration) {
        let cookie = Cookie::build((name, value))
            .http_only(true)
            .same_site(SameSite::Lax)
            .secure(self == Self::Secure)
            .path("/")
            .max_age(age)
            .build();
        // A token is hexadecimal digits, so this always is a header's value.
        if let Ok(mut value) = HeaderValue::from_str(&cookie.to_string()) {
            value.set_sensitive(true);
            headers.append(SET_COOKIE, value);
        }
    }
}

/// The token with which a request says who it is from: `Authorization: Bearer`, else the cookie. A request with
/// another `Authorization` is nobody's, whatever its cookie says.
pub fn session_token(headers: &HeaderMap, form: SessionCookie) -> Option<&str> {
    match headers.get(AUTHORIZATION) {
        Some(value) => bearer(value),
        None => from_cookies(headers, form.name()),
    }
}

/// The token by which a browser is known again, if it came with one.
pub fn device_token(headers: &HeaderMap, form: SessionCookie) -> Option<&str> {
    from_cookies(headers, form.device_name())
}

fn bearer(value: &HeaderValue) -> Option<&str> {
    let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

fn from_cookies<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let lines = headers
        .get_all(COOKIE)
        .into_iter()
        .filter_map(|line| line.to_str().ok());
    let mut pairs = lines
        .flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(found, _)| *found == name).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(lines: &[(http::HeaderName, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in lines {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        headers
    }

    #[test]
    fn the_cookie_is_out_of_reach_for_scripts_and_other_sites() {
        let mut headers = HeaderMap::new();
        SessionCookie::Secure.set(&mut headers, "abc", 60);
        assert_eq!(
            headers[SET_COOKIE],
            "__Host-informejo_session=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=60"
        );
        let mut headers = HeaderMap::new();
        SessionCookie::Plain.clear(&mut headers);
        assert_eq!(
            headers[SET_COOKIE],
            "informejo_session=; HttpOnly; SameSite=Lax; Path=/; Max-Age=0"
        );
    }

    #[test]
    fn the_browsers_cookie_is_another_one_and_lasts() {
        let mut set = HeaderMap::new();
        SessionCookie::Secure.set_device(&mut set, "abc");
        assert_eq!(
            set[SET_COOKIE],
            "__Host-informejo_device=abc; HttpOnly; SameSite=Lax; Secure; Path=/; Max-Age=15552000"
        );
        let lines = [(COOKIE, "informejo_device=abc")];
        assert_eq!(device_token(&headers(&lines), SessionCookie::Plain), Some("abc"));
        assert_eq!(device_token(&headers(&lines), SessionCookie::Secure), None);
        assert_eq!(session_token(&headers(&lines), SessionCookie::Plain), None);
    }

    #[test]
    fn is_found_among_others_and_only_under_its_own_name() {
        let lines = [(COOKIE, "theme=dark; informejo_session=abc"), (COOKIE, "x=y")];
        assert_eq!(session_token(&headers(&lines), SessionCookie::Plain), Some("abc"));
        // Behind https a cookie without the prefix may be a neighbour's.
        assert_eq!(session_token(&headers(&lines), SessionCookie::Secure), None);
        assert_eq!(
            session_token(
                &headers(&[(COOKIE, "xinformejo_session=a")]),
                SessionCookie::Plain
            ),
            None
        );
        assert_eq!(session_token(&HeaderMap::new(), SessionCookie::Plain), None);
    }

    #[test]
    fn a_bearer_token_counts_more_than_a_cookie() {
        let both = |authorization| {
            headers(&[
                (AUTHORIZATION, authorization),
                (COOKIE, "informejo_session=cookie"),
            ])
        };
        assert_eq!(
            session_token(&both("Bearer abc"), SessionCookie::Plain),
            Some("abc")
        );
        assert_eq!(
            session_token(&both("bearer abc"), SessionCookie::Plain),
            Some("abc")
        );
        assert_eq!(session_token(&both("Basic YTpi"), SessionCookie::Plain), None);
        assert_eq!(session_token(&both("Bearer"), SessionCookie::Plain), None);
    }
}
