//! Lets pages of the configured origins read answers, with credentials. Never `*`, never anybody else.

use axum::extract::{Request, State};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::{HeaderMap, HeaderValue, Method, StatusCode};

use super::Origins;
use super::origins::Sender;

const METHODS: HeaderValue = HeaderValue::from_static("GET, POST, PATCH, DELETE");
const REQUEST_HEADERS: HeaderValue = HeaderValue::from_static(
    "authorization, content-type, idempotency-key, if-match, if-none-match, min-position",
);
const RESPONSE_HEADERS: HeaderValue = HeaderValue::from_static(
    "content-disposition, etag, link, location, retry-after, x-at-position, x-from-position, x-position, \
     x-request-id, x-to-position",
);
/// Seconds for which a browser may remember what it was allowed.
const MAX_AGE: HeaderValue = HeaderValue::from_static("600");

/// Answers the question of a configured origin's page whether it may ask, and lets it read the answers.
pub(crate) async fn cors(State(origins): State<Origins>, request: Request, next: Next) -> Response {
    let sender = origins.sender(request.headers());
    let origin = request.headers().get(ORIGIN).cloned();
    let asks = is_preflight(&request);
    let mut response = match sender {
        Sender::Configured if asks => preflight(),
        _ => next.run(request).await,
    };
    response
        .headers_mut()
        .append(VARY, HeaderValue::from_static("origin"));
    if let (Sender::Configured, Some(origin)) = (sender, origin) {
        permit(response.headers_mut(), origin);
    }
    response
}

fn is_preflight(request: &Request) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

fn preflight() -> Response {
    let headers = [
        (ACCESS_CONTROL_ALLOW_METHODS, METHODS),
        (ACCESS_CONTROL_ALLOW_HEADERS, REQUEST_HEADERS),
        (ACCESS_CONTROL_MAX_AGE, MAX_AGE),
    ];
    (StatusCode::NO_CONTENT, headers).into_response()
}

fn permit(headers: &mut HeaderMap, origin: HeaderValue) {
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, RESPONSE_HEADERS);
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::Body;
    use axum::middleware::from_fn_with_state;
    use axum::routing::get;
    use tower::ServiceExt;
    use url::Url;

    use super::*;
    use crate::state::ApiSettings;

    async fn answer(method: Method, origin: Option<&str>) -> Response {
        let settings = ApiSettings::new(Url::parse("https://desk.example.org").unwrap(), String::new());
        let router: Router = Router::new()
            .route("/", get(async || "hello"))
            .layer(from_fn_with_state(Origins::of(&settings), cors));
        let mut request = Request::builder().method(method).uri("/");
        request = request.header(ACCESS_CONTROL_REQUEST_METHOD, "PATCH");
        if let Some(origin) = origin {
            request = request.header(ORIGIN, origin);
        }
        router
            .oneshot(request.body(Body::empty()).unwrap())
            .await
            .unwrap()
    }

    #[tokio::test]
    async fn a_configured_origin_may_read_with_credentials() {
        let asked = answer(Method::OPTIONS, Some("https://desk.example.org")).await;
        assert_eq!(asked.status(), StatusCode::NO_CONTENT);
        let read = answer(Method::GET, Some("https://desk.example.org")).await;
        for response in [asked, read] {
            assert_eq!(
                response.headers()[ACCESS_CONTROL_ALLOW_ORIGIN],
                "https://desk.example.org"
            );
            assert_eq!(response.headers()[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
            assert_eq!(response.headers()[VARY], "origin");
        }
    }

    #[tokio::test]
    async fn nobody_else_may() {
        for origin in [Some("https://evil.example"), Some("null"), None] {
            let read = answer(Method::GET, origin).await;
            assert!(!read.headers().contains_key(ACCESS_CONTROL_ALLOW_ORIGIN));
            assert_eq!(read.headers()[VARY], "origin");
            let asked = answer(Method::OPTIONS, origin).await;
            assert_eq!(asked.status(), StatusCode::METHOD_NOT_ALLOWED);
        }
    }

    #[test]
    fn what_the_description_names_may_be_sent_and_read() {
        let document = serde_json::to_value(crate::openapi()).unwrap();
        let listed = |names: &HeaderValue| -> Vec<String> {
            names.to_str().unwrap().split(", ").map(str::to_owned).collect()
        };
        let (sent, read) = (listed(&REQUEST_HEADERS), listed(&RESPONSE_HEADERS));
        let items = document["paths"].as_object().unwrap().values();
        for operation in items.flat_map(|item| item.as_object().unwrap().values()) {
            let parameters = operation["parameters"].as_array().into_iter().flatten();
            for parameter in parameters.filter(|parameter| parameter["in"] == "header") {
                let name = parameter["name"].as_str().unwrap().to_lowercase();
                assert!(sent.contains(&name), "{name} of {}", operation["operationId"]);
            }
            let answers = operation["responses"].as_object().unwrap().values();
            for name in answers.flat_map(|answer| {
                answer["headers"]
                    .as_object()
                    .into_iter()
                    .flat_map(|all| all.keys())
            }) {
                let name = name.to_lowercase();
                assert!(read.contains(&name), "{name} of {}", operation["operationId"]);
            }
        }
    }
}
