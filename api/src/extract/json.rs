//! A JSON body, read with a limit, that names the field that is wrong.

use axum::body::Body;
use axum::extract::{FromRequest, Request};
use bytes::Bytes;
use http::HeaderMap;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use serde::de::DeserializeOwned;

use super::shape;
use crate::problem::{self, ApiResult};
use crate::state::AppState;

/// A request's body as `T`, and its bytes for the fingerprint of a repetition.
///
/// 415 if it is not said to be JSON (which also keeps forms of other sites out), 413 before more than the limit is read, 400
/// if it is no JSON, 422 if a field is wrong. `T` denies unknown fields.
#[derive(Debug)]
pub struct Json<T> {
    /// What was sent.
    pub input: T,
    /// How it was sent.
    pub bytes: Bytes,
}

impl<T: DeserializeOwned> FromRequest<AppState> for Json<T> {
    type Rejection = problem::ApiError;

    async fn from_request(request: Request, app: &AppState) -> ApiResult<Self> {
        if !is_json(request.headers()) {
            return Err(problem::unsupported_media_type("application/json"));
        }
        let limit = app.settings.body_bytes_max;
        let bytes = read(request.headers().clone(), request.into_body(), limit).await?;
        let input = shape::json(&bytes)?;
        Ok(Self { input, bytes })
    }
}

/// Whether the body is said to be JSON, in UTF-8 if it says in what.
fn is_json(headers: &HeaderMap) -> bool {
    let Some(Ok(text)) = headers.get(CONTENT_TYPE).map(|value| value.to_str()) else {
        return false;
    };
    let mut parts = text.split(';').map(str::trim);
    let essence = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    essence
        && parts.all(|parameter| match parameter.split_once('=') {
            Some((name, value)) if name.eq_ignore_ascii_case("charset") => {
                value.trim_matches('"').eq_ignore_ascii_case("utf-8")
            }
            _ => true,
        })
}

/// The whole body, if it has at most `limit` bytes. What says itself that it is larger is not read at all.
async fn read(headers: HeaderMap, body: Body, limit: usize) -> ApiResult<Bytes> {
    let too_large = || {
        problem::too_large("Request body too large").detail(format!("a body may have at most {limit} bytes"))
    };
    let announced = headers.get(CONTENT_LENGTH).and_then(|value| value.to_str().ok());
    if announced
        .and_then(|text| text.parse().ok())
        .is_some_and(|bytes: u64| bytes > limit as u64)
    {
        return Err(too_large());
    }
    match Limited::new(body, limit).collect().await {
        Ok(collected) => Ok(collected.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Err(too_large()),
        Err(error) => Err(problem::receive(&*error)),
    }
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    #[test]
    fn only_json_is_taken_for_json() {
        let is = |text: &'static str| {
            is_json(&HeaderMap::from_iter([(
                CONTENT_TYPE,
                HeaderValue::from_static(text),
            )]))
        };
        assert!(is("application/json"));
        assert!(is("Application/JSON; charset=UTF-8"));
        assert!(!is("application/json; charset=latin1"));
        assert!(!is("text/plain"));
        assert!(!is("application/x-www-form-urlencoded"));
        assert!(!is("application/json-patch"));
        assert!(!is_json(&HeaderMap::new()));
    }

    #[tokio::test]
    async fn a_body_is_read_up_to_its_limit() {
        let fits = read(HeaderMap::new(), Body::from("1234"), 4).await;
        assert_eq!(fits.unwrap(), "1234");
        let too_much = read(HeaderMap::new(), Body::from("12345"), 4).await;
        assert_eq!(too_much.unwrap_err().status(), 413);
        // Chunked, without a length, without an end.
        let endless = futures::stream::repeat_with(|| Ok::<_, std::io::Error>(Bytes::from_static(b"abc")));
        let endless = read(HeaderMap::new(), Body::from_stream(endless), 1000).await;
        assert_eq!(endless.unwrap_err().status(), 413);
        // Announced: refused without a look at it.
        let announced = HeaderMap::from_iter([(CONTENT_LENGTH, HeaderValue::from_static("99"))]);
        let never = Body::from_stream(futures::stream::pending::<Result<Bytes, std::io::Error>>());
        assert_eq!(read(announced, never, 4).await.unwrap_err().status(), 413);
    }
}
