//! Headers that tell browsers what an answer must not be used for. On every answer, errors included.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::Response;
use http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, STRICT_TRANSPORT_SECURITY,
    X_CONTENT_TYPE_OPTIONS,
};
use http::{HeaderMap, HeaderName, HeaderValue};
use realtime::connection::ConnectionHandle;

use crate::extract::SessionCookie;
use crate::state::AppState;

const CSP: HeaderValue = HeaderValue::from_static(
    "default-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'",
);
const CROSS_ORIGIN_OPENER_POLICY: HeaderName = HeaderName::from_static("cross-origin-opener-policy");
const CROSS_ORIGIN_RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
/// A year.
const HSTS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Adds the headers that a handler has not set more strictly itself.
pub(crate) async fn security_headers(State(app): State<AppState>, request: Request, next: Next) -> Response {
    let is_api = request.uri().path().starts_with("/api");
    let connection = request.extensions().get::<ConnectionHandle>();
    let is_https = SessionCookie::of(&app.settings, connection) == SessionCookie::Secure;
    let mut response = next.run(request).await;
    add(response.headers_mut(), is_api, is_https);
    response
}

fn add(headers: &mut HeaderMap, is_api: bool, is_https: bool) {
    let same_origin = HeaderValue::from_static("same-origin");
    let mut or_insert = |name: HeaderName, value: HeaderValue| {
        headers.entry(name).or_insert(value);
    };
    or_insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    or_insert(CONTENT_SECURITY_POLICY, CSP);
    or_insert(REFERRER_POLICY, HeaderValue::from_static("no-referrer"));
    or_insert(CROSS_ORIGIN_OPENER_POLICY, same_origin.clone());
    or_insert(CROSS_ORIGIN_RESOURCE_POLICY, same_origin);
    if is_https {
        or_insert(STRICT_TRANSPORT_SECURITY, HSTS);
    }
    if is_api {
        or_insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_handler_may_be_stricter() {
        let mut headers = HeaderMap::new();
        headers.insert(CONTENT_SECURITY_POLICY, HeaderValue::from_static("sandbox"));
        add(&mut headers, true, true);
        assert_eq!(headers[CONTENT_SECURITY_POLICY], "sandbox");
        assert_eq!(headers[CACHE_CONTROL], "no-store");
        assert_eq!(headers[X_CONTENT_TYPE_OPTIONS], "nosniff");
        assert_eq!(headers[STRICT_TRANSPORT_SECURITY], "max-age=31536000");
    }

    #[test]
    fn nobody_is_bound_to_https_who_does_not_use_it() {
        let mut headers = HeaderMap::new();
        add(&mut headers, false, false);
        assert!(!headers.contains_key(STRICT_TRANSPORT_SECURITY));
        assert!(!headers.contains_key(CACHE_CONTROL));
        let csp = headers[CONTENT_SECURITY_POLICY].to_str().unwrap();
        for directive in [
            "default-src 'self'",
            "object-src 'none'",
            "base-uri 'none'",
            "frame-ancestors 'none'",
        ] {
            assert!(csp.contains(directive), "{directive}");
        }
    }
}
