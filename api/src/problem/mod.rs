//! What went wrong, for whoever asked: the only type with status codes.
//!
//! Every error answer is RFC 9457 `application/problem+json` with the original's `error` member, so that its clients
//! find what they read. Handlers return [`ApiResult`] and make errors with the constructors here; errors of other
//! crates become [`ApiError`]s in `convert`.
//!
//! Which status when:
//! - 401 if signing in may help; 403 only for those who may know that the thing exists; else 404, with the same
//!   body as for a thing that never existed;
//! - 400 if the request cannot be read (malformed JSON), 415 for another media type, 413 for too many bytes;
//! - 422 if it can be read but a field is wrong: `details` names every one that is;
//! - 400 with the original's text where the original refuses so (`User already exists`);
//! - 409 if others change the same at once, 412 if `If-Match` names another version;
//! - 429 with `Retry-After` if something was tried too often;
//! - 503 with `Retry-After` if the database is away or somebody is too busy; never 500 for something that passes.

mod convert;

pub use convert::denied;
pub(crate) use convert::{
    PROVIDER_NOT_FOUND, TICKET_NOT_FOUND, USER_NOT_FOUND, load, permit_general, receive,
};

use std::borrow::Cow;
use std::error::Error;
use std::time::Duration;

use axum::response::{IntoResponse, Response};
use eventlog::Version;
use http::header::{CONNECTION, CONTENT_TYPE, ETAG, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use wire::{FieldProblem, Problem};

use crate::answer::etag;

/// What a handler gives back.
pub type ApiResult<T> = Result<T, ApiError>;

/// The media type of problem documents.
const PROBLEM_JSON: HeaderValue = HeaderValue::from_static("application/problem+json");
/// Seconds after which a client may try again what was unavailable.
const RETRY_AFTER_SECONDS: HeaderValue = HeaderValue::from_static("1");
/// What the original says when a field is wrong.
const INVALID_INPUT: &str = "Invalid input";

/// An error answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError(Box<Parts>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Parts {
    status: StatusCode,
    error: Cow<'static, str>,
    detail: Option<Cow<'static, str>>,
    details: Vec<FieldProblem>,
    version: Option<Version>,
    /// In seconds.
    retry_after: Option<u64>,
}

/// Whoever asks must sign in first (401).
pub fn unauthorized() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Unauthorized").detail("sign in first")
}

/// Address and password do not open an account (401). The same for every reason.
pub fn invalid_credentials() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Invalid credentials")
}

/// A link that was mailed opens nothing (401). The same for every reason.
pub fn invalid_link() -> ApiError {
    ApiError::new(StatusCode::UNAUTHORIZED, "Invalid link")
        .detail("the link was used, has expired or never was one of ours; ask for another one")
}

/// Whoever asks may not do that, but may know that the thing exists (403).
pub fn forbidden() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "Forbidden").detail("your role does not permit this")
}

/// Only somebody who has signed in may do that, and no program that acts for them by a token (403).
pub fn session_needed() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "Forbidden").detail("an API token does not permit this, sign in")
}

/// A browser sent it on behalf of another site (403).
pub fn cross_site() -> ApiError {
    ApiError::new(StatusCode::FORBIDDEN, "Forbidden").detail("the request comes from another site")
}

/// There is no such thing, or whoever asks may not know about it (404): `Ticket not found`, `User not found`, …
pub fn not_found(error: &'static str) -> ApiError {
    ApiError::new(StatusCode::NOT_FOUND, error)
}

/// Nothing is served under this path, with this method (405). The router adds `Allow`.
pub fn method_not_allowed() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
}

/// The request cannot be read, or the original refuses so (400).
pub fn bad_request(error: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::BAD_REQUEST, error)
}

/// One field of the input is wrong (422).
pub fn invalid(field: &str, message: impl Into<String>) -> ApiError {
    invalid_fields(vec![FieldProblem::new(field, message)])
}

/// Some fields of the input are wrong (422).
pub fn invalid_fields(details: Vec<FieldProblem>) -> ApiError {
    let mut error = ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, INVALID_INPUT);
    let said: Vec<_> = details
        .iter()
        .map(|problem| format!("{} {}", problem.path.join("."), problem.message))
        .collect();
    error.0.detail = Some(said.join("; ").trim().to_owned().into());
    error.0.details = details;
    error
}

/// The request can be read but not be done, for a reason that is no single field's (422).
pub fn unprocessable(error: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::UNPROCESSABLE_ENTITY, error)
}

/// Others change the same at the same time (409).
pub fn conflict(error: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::CONFLICT, error)
}

/// `If-Match` names a version that it no longer has (412).
pub fn precondition_failed(detail: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::PRECONDITION_FAILED, "Precondition failed").detail(detail)
}

/// More bytes than allowed (413).
pub fn too_large(error: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, error)
}

/// Another media type than the one that is understood here (415).
pub fn unsupported_media_type(expected: &'static str) -> ApiError {
    ApiError::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported media type")
        .detail(format!("send {expected}, and say so in Content-Type"))
}

/// The client took too long to send its request (408).
pub fn request_timeout() -> ApiError {
    ApiError::new(StatusCode::REQUEST_TIMEOUT, "Request timeout").detail("the request did not arrive in time")
}

/// Too many attempts; the next one may come after `wait` (429). The same whether or not there is what was tried.
pub fn too_many(wait: Duration) -> ApiError {
    // Rounded up: whoever comes back then comes through.
    let seconds = wait.as_millis().div_ceil(1_000).max(1);
    let mut error = ApiError::new(StatusCode::TOO_MANY_REQUESTS, "Too many attempts")
        .detail(format!("try again in {seconds} s"));
    error.0.retry_after = Some(u64::try_from(seconds).unwrap_or(u64::MAX));
    error
}

/// Something that is needed is away or busy; trying again in a second may help (503).
pub fn unavailable(detail: impl Into<Cow<'static, str>>) -> ApiError {
    ApiError::new(StatusCode::SERVICE_UNAVAILABLE, "Service unavailable").detail(detail)
}

/// A fault of ours (500). What it was stands in the log, not in the answer.
pub fn fault(error: &dyn Error) -> ApiError {
    tracing::error!(error = %chain(error), "request failed by a fault");
    ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "Internal server error")
}

/// Something that is needed is away (503), and why, for the log.
pub fn away(error: &dyn Error) -> ApiError {
    tracing::warn!(error = %chain(error), "request failed because something is unavailable");
    unavailable("the database or the file store does not answer, try again")
}

impl ApiError {
    fn new(status: StatusCode, error: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Parts {
            status,
            error: error.into(),
            detail: None,
            details: Vec::new(),
            version: None,
            retry_after: None,
        }))
    }

    /// The same with the version at which the thing is now, as its `ETag`.
    #[must_use]
    pub fn at_version(mut self, version: Version) -> Self {
        self.0.version = Some(version);
        self
    }

    /// The same with an explanation for the person who asked.
    #[must_use]
    pub fn detail(mut self, detail: impl Into<Cow<'static, str>>) -> Self {
        self.0.detail = Some(detail.into());
        self
    }

    /// The status code.
    pub fn status(&self) -> StatusCode {
        self.0.status
    }

    /// What is wrong in this case, for the person who asked.
    pub fn explanation(&self) -> Option<&str> {
        self.0.detail.as_deref()
    }

    /// The problem document, without a request's id.
    fn problem(self) -> Problem {
        let Parts {
            status,
            error,
            detail,
            details,
            version: _,
            retry_after: _,
        } = *self.0;
        Problem {
            kind: "about:blank".to_owned(),
            title: status.canonical_reason().unwrap_or("Error").to_owned(),
            status: status.as_u16(),
            detail: detail.map(Cow::into_owned),
            error: error.into_owned(),
            details,
            request_id: None,
        }
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, version, retry_after) = (self.status(), self.0.version, self.0.retry_after);
        let mut response = render(self.problem());
        let headers = response.headers_mut();
        if let Some(version) = version {
            headers.insert(ETAG, etag(version));
        }
        if let Some(seconds) = retry_after {
            headers.insert(RETRY_AFTER, seconds.into());
        }
        match status {
            // No scheme that browsers ask a password for in a window of their own.
            StatusCode::UNAUTHORIZED => {
                headers.insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            }
            // The rest of the body is not read, so nothing can follow it.
            StatusCode::PAYLOAD_TOO_LARGE => {
                headers.insert(CONNECTION, HeaderValue::from_static("close"));
            }
            StatusCode::SERVICE_UNAVAILABLE => {
                headers.insert(RETRY_AFTER, RETRY_AFTER_SECONDS);
            }
            _ => {}
        }
        response
    }
}

/// Writes the request's id into an answer that is a problem document; leaves others as they are.
pub(crate) fn with_request_id(mut response: Response, request_id: &str) -> Response {
    let Some(Marked(mut problem)) = response.extensions_mut().remove::<Marked>() else {
        return response;
    };
    problem.request_id = Some(request_id.to_owned());
    let (mut parts, _) = response.into_parts();
    parts.headers.remove(http::header::CONTENT_LENGTH);
    let (_, body) = render(problem).into_parts();
    Response::from_parts(parts, body)
}

/// The problem document that a response was made of.
#[derive(Clone)]
struct Marked(Problem);

fn render(problem: Problem) -> Response {
    let status = StatusCode::from_u16(problem.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let body = serde_json::to_vec(&problem).unwrap_or_default();
    let mut response = (status, [(CONTENT_TYPE, PROBLEM_JSON)], body).into_response();
    response.extensions_mut().insert(Marked(problem));
    response
}

/// An error with everything that caused it, in one line.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let texts: Vec<String> = causes.map(ToString::to_string).collect();
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt;

    use super::*;

    async fn body(response: Response) -> String {
        let bytes = response.into_body().collect().await.unwrap().to_bytes();
        String::from_utf8(bytes.to_vec()).unwrap()
    }

    #[tokio::test]
    async fn a_problem_has_the_originals_error_and_details() {
        let response = invalid("title", "must have at least 5 characters").into_response();
        assert_eq!(response.status(), StatusCode::UNPROCESSABLE_ENTITY);
        assert_eq!(response.headers()[CONTENT_TYPE], "application/problem+json");
        assert_eq!(
            body(response).await,
            r#"{"type":"about:blank","title":"Unprocessable Entity","status":422,"detail":"title must have at least 5 characters","error":"Invalid input","details":[{"path":["title"],"message":"must have at least 5 characters"}]}"#
        );
    }

    #[tokio::test]
    async fn the_requests_id_is_written_into_problems_only() {
        let named = with_request_id(not_found("Ticket not found").into_response(), "r-1");
        assert_eq!(named.status(), StatusCode::NOT_FOUND);
        assert_eq!(named.headers()[CONTENT_TYPE], "application/problem+json");
        assert!(
            body(named)
                .await
                .ends_with(r#""error":"Ticket not found","requestId":"r-1"}"#)
        );
        let other = with_request_id("hello".into_response(), "r-1");
        assert_eq!(body(other).await, "hello");
    }

    #[test]
    fn a_stale_version_is_told_the_present_one() {
        let response = precondition_failed("x").at_version(7).into_response();
        assert_eq!(response.headers()[ETAG], "\"7\"");
    }

    #[test]
    fn no_browser_asks_for_a_password_in_a_window_of_its_own() {
        let response = unauthorized().into_response();
        assert_eq!(response.headers()[WWW_AUTHENTICATE], "Bearer");
    }

    #[test]
    fn after_a_body_that_was_not_read_the_connection_ends() {
        let response = too_large("x").into_response();
        assert_eq!(response.headers()[CONNECTION], "close");
    }

    #[test]
    fn what_passes_says_when_to_come_back() {
        assert_eq!(unavailable("x").into_response().headers()[RETRY_AFTER], "1");
        for (wait_ms, seconds) in [(0, "1"), (1, "1"), (1_000, "1"), (1_001, "2"), (90_000, "90")] {
            let response = too_many(Duration::from_millis(wait_ms)).into_response();
            assert_eq!(response.headers()[RETRY_AFTER], seconds);
        }
        assert!(
            !fault(&std::fmt::Error)
                .into_response()
                .headers()
                .contains_key(RETRY_AFTER)
        );
    }
}
