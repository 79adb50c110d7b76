//! The token in a path: the one place where one stands there, because mail programs ask for nothing else (RFC 8058).
//!
//! All that it can do is to stop mail. It reaches neither the access log nor traces, since both show routes.

use axum::extract::{FromRequestParts, RawPathParams};
use http::request::Parts;
use identity::Secret;

use crate::problem::ApiError;

/// Bytes of a text that may be a token; a longer one is none.
const TOKEN_BYTES_MAX: usize = 128;

/// What stands in the path; empty if it is no text, or one that is no token.
#[derive(Clone, Debug)]
pub(super) struct InPath(pub(super) Secret<String>);

impl<S: Send + Sync> FromRequestParts<S> for InPath {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, ApiError> {
        let parameters = RawPathParams::from_request_parts(parts, state).await;
        let token = parameters.ok().and_then(|parameters| {
            let (_, text) = parameters.iter().find(|(name, _)| *name == "token")?;
            (text.len() <= TOKEN_BYTES_MAX).then(|| text.to_owned())
        });
        Ok(Self(Secret::new(token.unwrap_or_default())))
    }
}
