//! From which web page a request comes, and whether it may.
//!
//! A browser sends its cookies along with whatever any page asks of us, and no same-origin policy holds for
//! websockets. So a foreign page is refused, and a cookie counts only where the request proves that a page of ours (or
//! an allowed one) made it. Programs other than browsers say nothing about pages; they sign in by `auth: {token}`.

use http::header::{HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN, REFERER};

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Whether a request can only have been made by a page that may.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Proof {
    /// It can only come from a page of ours or an allowed one: its cookie counts.
    Page,
    /// It says nothing about pages: its cookie does not count.
    None,
}

/// What the request's headers say about the page behind it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Page {
    /// One of our own.
    Own,
    /// One of an allowed origin, which must be told so by CORS headers.
    Allowed(HeaderValue),
    /// None, as far as one can tell.
    Unsaid,
    /// One that may not.
    Foreign,
}

impl Page {
    /// What the page behind a request with these headers is, if those of `allowed` may connect beside our own.
    pub(crate) fn of(headers: &HeaderMap, allowed: &[String]) -> Self {
        let mut origins = headers.get_all(ORIGIN).iter();
        match (origins.next(), origins.next()) {
            (Some(origin), None) => match origin.to_str() {
                Ok(text) if is_listed(text, allowed) => Self::Allowed(origin.clone()),
                Ok(text) if is_own(text, headers) => Self::Own,
                Ok(_) | Err(_) => Self::Foreign,
            },
            (Some(_), Some(_)) => Self::Foreign,
            // Browsers leave the origin out of a GET within one origin: the polling transport's.
            (None, _) => Self::without_origin(headers, allowed),
        }
    }

    fn without_origin(headers: &HeaderMap, allowed: &[String]) -> Self {
        match headers.get(SEC_FETCH_SITE).map(HeaderValue::as_bytes) {
            Some(b"same-origin") => return Self::Own,
            Some(b"none") => return Self::Unsaid,
            Some(_) => return Self::Foreign,
            // Not sent over plain http, nor by old browsers.
            None => {}
        }
        let Some(referer) = headers.get(REFERER) else {
            return Self::Unsaid;
        };
        match referer.to_str().ok().and_then(origin_of_url) {
            Some(origin) if is_listed(origin, allowed) || is_own(origin, headers) => Self::Own,
            Some(_) | None => Self::Foreign,
        }
    }

    pub(crate) const fn proof(&self) -> Proof {
        match self {
            Self::Own | Self::Allowed(_) => Proof::Page,
            Self::Unsaid | Self::Foreign => Proof::None,
        }
    }
}

fn is_listed(origin: &str, allowed: &[String]) -> bool {
    allowed
        .iter()
        .any(|listed| listed.trim_end_matches('/').eq_ignore_ascii_case(origin))
}

/// Whether the origin names the host that the request was sent to. The scheme is left open: behind a proxy that ends
/// TLS, we see http where the browser sees https.
fn is_own(origin: &str, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else {
        return false;
    };
    let Ok(host) = host.to_str() else {
        return false;
    };
    let (authority, default_port) = match (origin.strip_prefix("https://"), origin.strip_prefix("http://")) {
        (Some(authority), _) => (authority, ":443"),
        (None, Some(authority)) => (authority, ":80"),
        (None, None) => return false,
    };
    let without_port = |text: &str| {
        text.strip_suffix(default_port)
            .unwrap_or(text)
            .to_ascii_lowercase()
    };
    !authority.is_empty() && without_port(authority) == without_port(host)
}

/// The origin in a URL: everything before the path.
fn origin_of_url(url: &str) -> Option<&str> {
    let authority = url.find("://")? + 3;
    let path = url.get(authority..)?.find(['/', '?', '#']);
    url.get(..path.map_or(url.len(), |path| authority + path))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(headers: &[(&str, &str)]) -> Page {
        let allowed = ["https://other.example".to_owned()];
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            map.append(name, HeaderValue::from_str(value).unwrap());
        }
        Page::of(&map, &allowed)
    }

    #[test]
    fn our_own_pages_are_told_by_the_host() {
        for (origin, host) in [
            ("http://localhost:3003", "localhost:3003"),
            ("https://desk.example", "desk.example"),
            ("https://desk.example", "desk.example:443"),
            ("http://DESK.example:80", "desk.example"),
            ("http://[::1]:3003", "[::1]:3003"),
        ] {
            assert_eq!(page(&[("origin", origin), ("host", host)]), Page::Own, "{origin}");
        }
    }

    #[test]
    fn foreign_pages_are_told_however_they_dress() {
        for origin in [
            "https://evil.example",
            "null",
            "",
            "https://",
            "https://desk.example.evil.example",
            "https://evildesk.example",
            "https://desk.example:444",
            "https://user@desk.example",
            "desk.example",
            "file://",
        ] {
            let headers = [("origin", origin), ("host", "desk.example")];
            assert_eq!(page(&headers), Page::Foreign, "{origin}");
        }
        let twice = [
            ("origin", "https://desk.example"),
            ("origin", "https://evil.example"),
            ("host", "desk.example"),
        ];
        assert_eq!(page(&twice), Page::Foreign);
        let two_hosts = [
            ("origin", "https://evil.example"),
            ("host", "desk.example"),
            ("host", "evil.example"),
        ];
        assert_eq!(page(&two_hosts), Page::Foreign);
    }

    #[test]
    fn allowed_origins_are_told_back() {
        let headers = [("origin", "https://other.example"), ("host", "desk.example")];
        let expected = Page::Allowed(HeaderValue::from_static("https://other.example"));
        assert_eq!(page(&headers), expected);
    }

    #[test]
    fn without_an_origin_the_page_must_be_proved_otherwise() {
        let host = ("host", "desk.example");
        assert_eq!(page(&[host]), Page::Unsaid);
        assert_eq!(page(&[host, ("sec-fetch-site", "same-origin")]), Page::Own);
        assert_eq!(page(&[host, ("sec-fetch-site", "none")]), Page::Unsaid);
        assert_eq!(page(&[host, ("sec-fetch-site", "same-site")]), Page::Foreign);
        assert_eq!(page(&[host, ("sec-fetch-site", "cross-site")]), Page::Foreign);
        assert_eq!(
            page(&[host, ("referer", "https://desk.example/tickets?x=1")]),
            Page::Own
        );
        assert_eq!(page(&[host, ("referer", "https://desk.example")]), Page::Own);
        assert_eq!(
            page(&[host, ("referer", "https://evil.example/https://desk.example/")]),
            Page::Foreign
        );
        assert_eq!(page(&[host, ("referer", "about:client")]), Page::Foreign);
        assert_eq!(Page::Unsaid.proof(), Proof::None);
    }
}
