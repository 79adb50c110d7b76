//! `Accept` and `Accept-Encoding`: what a client can read.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::{ACCEPT, ACCEPT_ENCODING};
use http::request::Parts;
use http::{HeaderMap, HeaderName};
use web::Encoding;

/// What the client can read, as far as it says so.
#[derive(Clone, Debug)]
pub struct Accepted {
    /// Whether it asks for a page by name: browsers do, programs that take anything do not.
    pub page: bool,
    /// Encodings that it takes, the best first.
    encodings: Vec<Encoding>,
}

impl Accepted {
    /// The encodings that it takes, the best first.
    pub fn encodings(&self) -> impl Iterator<Item = Encoding> {
        self.encodings.iter().copied()
    }
}

impl<S: Sync> FromRequestParts<S> for Accepted {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(read(&parts.headers))
    }
}

fn read(headers: &HeaderMap) -> Accepted {
    let takes = |encoding: &Encoding| {
        let said = |name| says(headers, &ACCEPT_ENCODING, name);
        said(encoding.name()).or_else(|| said("*")) == Some(true)
    };
    Accepted {
        page: says(headers, &ACCEPT, "text/html") == Some(true),
        encodings: Encoding::ALL.into_iter().filter(takes).collect(),
    }
}

/// What a list with weights (RFC 9110, 12.4.2) says about `wanted`; `None` if nothing.
fn says(headers: &HeaderMap, list: &HeaderName, wanted: &str) -> Option<bool> {
    let lines = headers.get_all(list).into_iter();
    let mut items = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    items.find_map(|item| {
        let mut parts = item.split(';').map(str::trim);
        if !parts.next()?.eq_ignore_ascii_case(wanted) {
            return None;
        }
        let weight = parts.find_map(|part| part.strip_prefix("q=").or_else(|| part.strip_prefix("Q=")));
        Some(weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0)))
    })
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn encodings(line: &'static str) -> Vec<Encoding> {
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(line));
        read(&headers).encodings().collect()
    }

    #[test]
    fn the_best_encoding_that_a_client_takes_comes_first() {
        use Encoding::{Brotli, Gzip};

        assert_eq!(encodings("gzip, deflate, br, zstd"), [Brotli, Gzip]);
        assert_eq!(encodings("GZIP;q=1.0, BR;q=0.1"), [Brotli, Gzip]);
        assert_eq!(encodings("gzip"), [Gzip]);
        assert_eq!(encodings("br;q=0, gzip;q=0.001"), [Gzip]);
        assert_eq!(encodings("*"), [Brotli, Gzip]);
        assert_eq!(encodings("br;q=0, *;q=0.5"), [Gzip]);
        for none in [
            "",
            "identity",
            "gzip;q=0",
            "*;q=0",
            "brotli",
            "gzip;q=",
            "gzip;q=nan",
            ",;,",
        ] {
            assert_eq!(encodings(none), [], "{none:?}");
        }
        assert_eq!(read(&HeaderMap::new()).encodings().count(), 0);
    }

    #[test]
    fn a_page_is_asked_for_by_name() {
        let page = |line: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(line));
            read(&headers).page
        };
        assert!(page(
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
        ));
        assert!(page("application/json, text/html;q=0.1"));
        for other in ["*/*", "application/json", "text/html;q=0", "text/*", ""] {
            assert!(!page(other), "{other:?}");
        }
        assert!(!read(&HeaderMap::new()).page);
    }
}
