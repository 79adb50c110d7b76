//! Keeps other sites from acting through the browser of somebody who is signed in.
//!
//! Browsers say with every unsafe request where the page stands that sent it (`Origin`), newer ones also in which relation
//! that is to us (`Sec-Fetch-Site`). The cookie's `SameSite=Lax` alone is not trusted. Programs say neither, and have no
//! cookies that a foreign page could ride on.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::{HeaderMap, Method};

use super::Origins;
use super::origins::Sender;
use crate::problem;

/// Refuses an unsafe request that another site's page has sent.
pub(crate) async fn refuse_cross_site(
    State(origins): State<Origins>,
    request: Request,
    next: Next,
) -> Response {
    if is_from_elsewhere(request.method(), request.headers(), &origins) {
        return problem::cross_site().into_response();
    }
    next.run(request).await
}

fn is_from_elsewhere(method: &Method, headers: &HeaderMap, origins: &Origins) -> bool {
    if method.is_safe() {
        return false;
    }
    let site = headers.get("sec-fetch-site").map(http::HeaderValue::as_bytes);
    match origins.sender(headers) {
        Sender::Configured => false,
        Sender::Foreign => true,
        // The same host, but maybe another port or http: the browser knows.
        Sender::SameHost => !matches!(site, None | Some(b"same-origin")),
        // `none`: the user's own doing, not a page's.
        Sender::Unsaid => !matches!(site, None | Some(b"same-origin" | b"none")),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use url::Url;

    use super::*;
    use crate::state::ApiSettings;

    fn allowed(method: &Method, origin: Option<&str>, site: Option<&str>) -> bool {
        let url = Url::parse("https://desk.example.org/somewhere").unwrap();
        let mut settings = ApiSettings::new(url, String::new());
        settings.allowed_origins.push("http://localhost:5173".to_owned());
        let mut headers = HeaderMap::new();
        headers.insert("host", HeaderValue::from_static("10.0.0.7:3003"));
        let mut put = |name, value: Option<&str>| {
            if let Some(value) = value {
                headers.insert(name, HeaderValue::from_str(value).unwrap());
            }
        };
        put("origin", origin);
        put("sec-fetch-site", site);
        !is_from_elsewhere(method, &headers, &Origins::of(&settings))
    }

    const SITES: [Option<&str>; 6] = [
        None,
        Some("same-origin"),
        Some("none"),
        Some("same-site"),
        Some("cross-site"),
        Some("nonsense"),
    ];

    #[test]
    fn foreign_pages_may_read_what_cors_lets_them_but_not_act() {
        let foreign = [
            "null",
            "https://evil.example",
            "http://desk.example.org",
            "https://desk.example.org:8443",
            "https://desk.example.org.evil.example",
            "https://evil.example/https://desk.example.org",
            "http://10.0.0.7",
            "file://",
            "",
        ];
        for site in SITES {
            for origin in foreign {
                for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
                    assert!(
                        !allowed(&method, Some(origin), site),
                        "{method} {origin} {site:?}"
                    );
                }
                assert!(allowed(&Method::GET, Some(origin), site));
                assert!(allowed(&Method::HEAD, Some(origin), site));
            }
        }
    }

    #[test]
    fn configured_origins_may_act_from_wherever_they_are() {
        for site in SITES {
            assert!(allowed(&Method::POST, Some("https://desk.example.org"), site));
            assert!(allowed(&Method::POST, Some("http://localhost:5173"), site));
        }
    }

    #[test]
    fn the_host_itself_may_act_unless_the_browser_knows_better() {
        let own = Some("http://10.0.0.7:3003");
        assert!(allowed(&Method::POST, own, None));
        assert!(allowed(&Method::POST, own, Some("same-origin")));
        assert!(!allowed(&Method::POST, own, Some("same-site")));
        assert!(!allowed(&Method::POST, own, Some("cross-site")));
    }

    #[test]
    fn without_an_origin_the_relation_decides_and_programs_say_neither() {
        assert!(allowed(&Method::POST, None, None));
        assert!(allowed(&Method::POST, None, Some("same-origin")));
        assert!(allowed(&Method::POST, None, Some("none")));
        assert!(!allowed(&Method::DELETE, None, Some("same-site")));
        assert!(!allowed(&Method::DELETE, None, Some("cross-site")));
        assert!(!allowed(&Method::POST, None, Some("nonsense")));
    }
}
