//! Lists, a page at a time: `limit` and `cursor` in the query, `Link: …; rel="next"` in the answer.
//!
//! The body is a plain array, as in the original, whose clients know nothing of pages.

use std::fmt::Display;
use std::str::FromStr;

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::LINK;
use http::uri::InvalidUri;
use http::{HeaderValue, Uri};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Serialize;

use crate::extract::Fields;

/// The query's parameter that says where the page begins.
const CURSOR: &str = "cursor";
/// What need not be escaped in a query: RFC 3986's unreserved characters.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~');

/// One page of a list.
#[derive(Clone, Debug)]
pub(crate) struct Listed<T> {
    items: Vec<T>,
    next: Option<String>,
}

impl<T> Listed<T> {
    /// `items`, asked for by `uri`; `next` is the place where the next page begins, if there is one.
    pub(crate) fn new(uri: &Uri, items: Vec<T>, next: Option<impl Display>) -> Self {
        let next = next.map(|cursor| at_cursor(uri, &cursor.to_string()));
        Self { items, next }
    }
}

impl<T: Serialize> IntoResponse for Listed<T> {
    fn into_response(self) -> Response {
        let link = self
            .next
            .and_then(|next| HeaderValue::from_str(&format!("<{next}>; rel=\"next\"")).ok());
        let mut response = Json(self.items).into_response();
        if let Some(link) = link {
            response.headers_mut().insert(LINK, link);
        }
        response
    }
}

/// How many items a page is to have: what `limit` says, 1 to `max`; `max` if it says nothing.
pub(crate) fn limit(fields: &mut Fields, raw: Option<&str>, max: usize) -> usize {
    let Some(raw) = raw else { return max };
    match raw.parse() {
        Ok(limit) if (1..=max).contains(&limit) => limit,
        _ => {
            fields.problem("limit", format!("must be a number from 1 to {max}"));
            max
        }
    }
}

/// Where a page is to begin, if `raw` says so and that `fits` the list.
pub(crate) fn cursor<T: FromStr>(
    fields: &mut Fields,
    raw: Option<&str>,
    fits: impl FnOnce(&T) -> bool,
) -> Option<T> {
    let cursor = raw?.parse().ok().filter(fits);
    fields.checked(CURSOR, cursor.ok_or("must be one of this list's links"))
}

/// The same path and query as `uri`, with another cursor.
fn at_cursor(uri: &Uri, cursor: &str) -> String {
    let others = uri.query().unwrap_or_default().split('&');
    let others = others.filter(|pair| !pair.is_empty() && pair.split('=').next() != Some(CURSOR));
    let cursor = format!("{CURSOR}={}", utf8_percent_encode(cursor, ESCAPED));
    let query: Vec<_> = others.chain([cursor.as_str()]).collect();
    format!("{}?{}", uri.path(), query.join("&"))
}

/// The same path and query as `uri`, with other values of these parameters.
pub(crate) fn with(uri: &Uri, values: &[(&str, i64)]) -> Result<Uri, InvalidUri> {
    let is_other = |pair: &&str| {
        let name = pair.split('=').next();
        !pair.is_empty() && values.iter().all(|(other, _)| name != Some(other))
    };
    let others = uri.query().unwrap_or_default().split('&').filter(is_other);
    let values = values.iter().map(|(name, value)| format!("{name}={value}"));
    let query: Vec<_> = others.map(str::to_owned).chain(values).collect();
    format!("{}?{}", uri.path(), query.join("&")).parse()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_page_is_asked_for_like_this_one() {
        let next = |uri: &str| at_cursor(&uri.parse().unwrap(), "n1 é>");
        assert_eq!(next("/api/users"), "/api/users?cursor=n1%20%C3%A9%3E");
        assert_eq!(
            next("/api/users?role=ADMIN&cursor=x&limit=5"),
            "/api/users?role=ADMIN&limit=5&cursor=n1%20%C3%A9%3E"
        );
    }

    #[test]
    fn parameters_can_be_given_other_values() {
        let uri = "/api/x?from=2026-11-24T14:05:00Z&limit=5&to=7".parse().unwrap();
        let other = with(&uri, &[("from", 3), ("to", 7)]).unwrap();
        assert_eq!(other.to_string(), "/api/x?limit=5&from=3&to=7");
        assert_eq!(with(&"/x".parse().unwrap(), &[("at", 1)]).unwrap(), "/x?at=1");
    }

    #[test]
    fn a_limit_is_a_number_in_its_range() {
        let of = |raw| {
            let mut fields = Fields::default();
            let limit = limit(&mut fields, raw, 200);
            fields.done(Some(limit)).ok()
        };
        assert_eq!(of(None), Some(200));
        assert_eq!(of(Some("1")), Some(1));
        assert_eq!(of(Some("200")), Some(200));
        for bad in ["0", "201", "-1", "x", "", "99999999999999999999"] {
            assert_eq!(of(Some(bad)), None, "{bad}");
        }
    }
}
