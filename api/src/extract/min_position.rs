//! `Min-Position`: what a reader must see.

use axum::extract::FromRequestParts;
use http::HeaderMap;
use http::request::Parts;

use crate::problem::{self, ApiError, ApiResult};
use crate::state::AppState;

/// The request header, in lower case.
const MIN_POSITION: &str = "min-position";

/// The read models show at least what the client asked for with `Min-Position` (an answer's `X-Position`): extracting it
/// waits for them, for at most two seconds; then it is 503. Without the header there is nothing to wait for.
#[derive(Clone, Copy, Debug)]
pub struct MinPosition(
    /// What the client asked for.
    pub Option<i64>,
);

impl FromRequestParts<AppState> for MinPosition {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &AppState) -> ApiResult<Self> {
        let position = read(&parts.headers)?;
        if let Some(position) = position {
            app.projected(position).await?;
        }
        Ok(Self(position))
    }
}

fn read(headers: &HeaderMap) -> ApiResult<Option<i64>> {
    let Some(value) = headers.get(MIN_POSITION) else {
        return Ok(None);
    };
    let position = value.to_str().ok().and_then(|text| text.parse().ok());
    let position = position.filter(|position| *position >= 0);
    let bad = || problem::bad_request("Bad Min-Position").detail("a position is a number from 0 on");
    position.map(Some).ok_or_else(bad)
}

#[cfg(test)]
mod tests {
    use http::{HeaderName, HeaderValue};

    use super::*;

    #[test]
    fn is_a_number() {
        let of = |text: &'static str| {
            let name = HeaderName::from_static(MIN_POSITION);
            read(&HeaderMap::from_iter([(name, HeaderValue::from_static(text))])).ok()
        };
        assert_eq!(of("17"), Some(Some(17)));
        assert_eq!(of("-1"), None);
        assert_eq!(of("x"), None);
        assert!(read(&HeaderMap::new()).unwrap().is_none());
    }
}
