//! Answers to commands and queries: JSON with what a client needs to go on from there.

use axum::response::{IntoResponse, Response};
use commands::{Executed, Outcome};
use domain::decider::Decider;
use eventlog::{Position, Version};
use http::header::ETAG;
use http::{HeaderName, HeaderValue, StatusCode};
use serde::Serialize;
use utoipa::ToSchema;

/// Where in the log the answer stands. Sent back as `Min-Position`, a read shows at least that.
pub const X_POSITION: HeaderName = HeaderName::from_static("x-position");

/// The position that the moment was turned into that was asked about.
pub const X_AT_POSITION: HeaderName = HeaderName::from_static("x-at-position");
/// The position that the earlier of two moments was turned into.
pub const X_FROM_POSITION: HeaderName = HeaderName::from_static("x-from-position");
/// The position that the later of two moments was turned into.
pub const X_TO_POSITION: HeaderName = HeaderName::from_static("x-to-position");

/// An answer to a command: JSON, with the version that it made (`ETag`) and its position (`X-Position`).
///
/// A command that changed nothing has no position. The stream's last one might be that of an internal comment, and would
/// tell a requester that there is one.
#[derive(Clone, Debug)]
pub struct Written<T> {
    status: StatusCode,
    version: Version,
    position: Option<Position>,
    body: T,
}

impl<T> Written<T> {
    /// 200.
    pub fn ok<D: Decider>(executed: &Executed<D>, body: T) -> Self {
        Self::new(StatusCode::OK, executed, body)
    }

    /// 201.
    pub fn created<D: Decider>(executed: &Executed<D>, body: T) -> Self {
        Self::new(StatusCode::CREATED, executed, body)
    }

    fn new<D: Decider>(status: StatusCode, executed: &Executed<D>, body: T) -> Self {
        let version = executed.shown_version;
        let position = (executed.outcome != Outcome::Unchanged).then_some(executed.position);
        Self {
            status,
            version,
            position,
            body,
        }
    }
}

impl<T: Serialize> IntoResponse for Written<T> {
    fn into_response(self) -> Response {
        let tag = [(ETAG, etag(self.version))];
        let mut response = (self.status, tag, axum::Json(self.body)).into_response();
        if let Some(position) = self.position {
            response.headers_mut().insert(X_POSITION, position.into());
        }
        response
    }
}

/// A version as an entity tag.
pub fn etag(version: Version) -> HeaderValue {
    let tag = format!("\"{version}\"");
    // Digits in quotes always are a header's value.
    HeaderValue::from_str(&tag).unwrap_or(HeaderValue::from_static("\"0\""))
}

/// The answer where it must not be told what becomes of a wish (202).
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Accepted {
    /// What to do next, for people.
    #[schema(example = "If this address can be used, a mail with a link is on its way.")]
    pub message: &'static str,
}

impl IntoResponse for Accepted {
    fn into_response(self) -> Response {
        (StatusCode::ACCEPTED, axum::Json(self)).into_response()
    }
}

/// The original's answer where there is nothing else to say.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
pub struct Success {
    /// Always true.
    #[schema(example = true)]
    pub success: bool,
}

impl Success {
    /// It.
    pub const YES: Self = Self { success: true };
}
