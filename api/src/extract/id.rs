//! An identifier in a path.

use std::str::FromStr;

use axum::extract::{FromRequestParts, RawPathParams};
use domain::ids::{AccountId, AttachmentId, TicketId};
use http::request::Parts;

use crate::problem::{ApiError, ApiResult, TICKET_NOT_FOUND, USER_NOT_FOUND, not_found};

/// The identifier of a `T` in the request's path. What is not an identifier names nothing, so it is not found (404).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Id<T>(pub T);

/// Something that paths name.
pub trait InPath: FromStr {
    /// What the parameter is called in the routes' paths.
    const PARAMETER: &'static str;
    /// What is said of one that is not there.
    const MISSING: &'static str;
}

impl InPath for TicketId {
    const PARAMETER: &'static str = "id";
    const MISSING: &'static str = TICKET_NOT_FOUND;
}

impl InPath for AccountId {
    const PARAMETER: &'static str = "id";
    const MISSING: &'static str = USER_NOT_FOUND;
}

impl InPath for AttachmentId {
    const PARAMETER: &'static str = "attachmentId";
    const MISSING: &'static str = "File not found";
}

impl<T: InPath, S: Send + Sync> FromRequestParts<S> for Id<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> ApiResult<Self> {
        let missing = || not_found(T::MISSING);
        // Refused if a parameter is not UTF-8 once it is decoded.
        let parameters = RawPathParams::from_request_parts(parts, state)
            .await
            .map_err(|_| missing())?;
        let (_, text) = parameters
            .iter()
            .find(|(name, _)| *name == T::PARAMETER)
            .ok_or_else(missing)?;
        text.parse().map(Self).map_err(|_| missing())
    }
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::routing::get;
    use http::Request;
    use tower::ServiceExt;

    use super::*;

    #[tokio::test]
    async fn only_an_identifier_names_anything() {
        let router: Router = Router::new().route("/t/{id}", get(async |Id(id): Id<TicketId>| id.to_string()));
        let status = async |path: &str| {
            let request = Request::get(path).body(Body::empty()).unwrap();
            router.clone().oneshot(request).await.unwrap().status().as_u16()
        };
        assert_eq!(status("/t/01a0608a-80f4-7707-8707-070707070707").await, 200);
        for bad in [
            "1",
            "%00",
            "%ff",
            "%2e%2e%2f",
            "01a0608a80f477078707070707070707",
            "%F0%9F%94%A5",
        ] {
            assert_eq!(status(&format!("/t/{bad}")).await, 404, "{bad}");
        }
    }
}
