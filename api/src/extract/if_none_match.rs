//! `If-None-Match`: what a client has already.

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use http::header::IF_NONE_MATCH;
use http::request::Parts;
use http::{HeaderMap, HeaderValue};

/// The entity tags of what the client has; none without the header.
#[derive(Clone, Debug, Default)]
pub struct IfNoneMatch(Vec<HeaderValue>);

impl IfNoneMatch {
    /// Whether the client has what `tag` stands for: then the answer is 304. Weak tags are as good as others here (RFC 9110,
    /// 13.1.2).
    pub fn matches(&self, tag: &HeaderValue) -> bool {
        let tag = tag.as_bytes();
        let lines = self.0.iter().map(HeaderValue::as_bytes);
        // Our tags have no commas, so a piece of a foreign one that has some is none of ours.
        let mut tags = lines
            .flat_map(|line| line.split(|byte| *byte == b','))
            .map(<[u8]>::trim_ascii);
        tags.any(|known| known == b"*" || known.strip_prefix(b"W/").unwrap_or(known) == tag)
    }
}

impl<S: Sync> FromRequestParts<S> for IfNoneMatch {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(read(&parts.headers))
    }
}

fn read(headers: &HeaderMap) -> IfNoneMatch {
    IfNoneMatch(headers.get_all(IF_NONE_MATCH).into_iter().cloned().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_several_tags_is_enough() {
        let matches = |lines: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for line in lines {
                headers.append(IF_NONE_MATCH, HeaderValue::from_static(line));
            }
            read(&headers).matches(&HeaderValue::from_static("\"7\""))
        };
        assert!(matches(&["\"7\""]));
        assert!(matches(&["W/\"7\""]));
        assert!(matches(&["\"5\", W/\"6\" , \"7\""]));
        assert!(matches(&["\"5\"", "\"7\""]));
        assert!(matches(&["*"]));
        for other in [&[][..], &["\"8\""], &["7"], &["\"77\""], &["\"a,7\""], &[""]] {
            assert!(!matches(other), "{other:?}");
        }
    }
}
