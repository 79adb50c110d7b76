//! `If-Match`: the version that a client has seen.

use axum::extract::FromRequestParts;
use commands::Expect;
use http::HeaderMap;
use http::header::IF_MATCH;
use http::request::Parts;

use crate::problem::{self, ApiError, ApiResult};

/// The version that the client decided on: `If-Match: "7"`, or any if there is none or it is `*`.
///
/// A weak tag (`W/"7"`) means the same one: proxies that compress make ours weak on the way. A tag that cannot be one of ours
/// matches nothing (412).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IfMatch(pub Expect);

impl<S: Sync> FromRequestParts<S> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> ApiResult<Self> {
        read(&parts.headers).map(Self)
    }
}

fn read(headers: &HeaderMap) -> ApiResult<Expect> {
    let mut lines = headers.get_all(IF_MATCH).iter();
    let Some(line) = lines.next() else {
        return Ok(Expect::Any);
    };
    let text = line.to_str().unwrap_or_default().trim();
    if text == "*" && lines.next().is_none() {
        return Ok(Expect::Any);
    }
    if text.contains(',') || lines.next().is_some() {
        return Err(problem::bad_request("Bad If-Match").detail("send one entity tag"));
    }
    let tag = text.strip_prefix("W/").unwrap_or(text);
    let opaque = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"'));
    let opaque = opaque.ok_or_else(|| {
        problem::bad_request("Bad If-Match").detail("an entity tag is a version in quotes, such as \"7\"")
    })?;
    let version = opaque.parse().ok().filter(|version: &i64| *version > 0);
    let version = version.ok_or_else(|| problem::precondition_failed("no version has this entity tag"))?;
    Ok(Expect::Exactly(version))
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    fn of(lines: &[&str]) -> Result<Expect, u16> {
        let lines = lines
            .iter()
            .map(|line| (IF_MATCH, HeaderValue::from_str(line).unwrap()));
        let mut headers = HeaderMap::new();
        for (name, line) in lines {
            headers.append(name, line);
        }
        read(&headers).map_err(|error| error.status().as_u16())
    }

    #[test]
    fn a_tag_names_a_version() {
        assert_eq!(of(&[]), Ok(Expect::Any));
        assert_eq!(of(&["*"]), Ok(Expect::Any));
        assert_eq!(of(&["\"7\""]), Ok(Expect::Exactly(7)));
        assert_eq!(of(&[" W/\"7\" "]), Ok(Expect::Exactly(7)));
    }

    #[test]
    fn a_foreign_tag_matches_nothing_and_no_tag_is_an_error() {
        for foreign in ["\"abc\"", "\"0\"", "\"-1\"", "\"\"", "\"99999999999999999999\""] {
            assert_eq!(of(&[foreign]), Err(412), "{foreign}");
        }
        for bad in ["7", "\"7", "\"1\", \"2\"", ""] {
            assert_eq!(of(&[bad]), Err(400), "{bad}");
        }
        assert_eq!(of(&["\"1\"", "\"2\""]), Err(400));
    }
}
