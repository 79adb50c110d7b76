//! One line in the log for every request, and the request's id in its answer.
//!
//! The line has the route, not the path: no query, no header, no body, nothing that a client wrote.

use std::sync::{Arc, OnceLock};
use std::time::Instant;

use axum::extract::{MatchedPath, Request, State};
use axum::middleware::Next;
use axum::response::Response;
use domain::ids::AccountId;
use eventlog::trace::{self, TraceParent};
use http::{HeaderName, HeaderValue, StatusCode};
use realtime::connection::ConnectionHandle;
use tracing::{Instrument, Span, info_span};

use super::RequestId;
use crate::meter::{Answered, UnderWay, method_name};
use crate::problem;
use crate::security_log::{self, SecurityEvent};
use crate::state::AppState;

const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// W3C Trace Context.
const TRACEPARENT: &str = "traceparent";

/// What becomes known of a request while it is handled. In its extensions.
#[derive(Clone, Debug, Default)]
pub(crate) struct RequestLog(Arc<OnceLock<AccountId>>);

impl RequestLog {
    /// The request is this account's.
    pub(crate) fn account(&self, id: AccountId) {
        // The first to say so is right: one request has one owner.
        let _ = self.0.set(id);
    }
}

/// Names the request, and says in the log how it went.
pub(crate) async fn observe(State(app): State<AppState>, mut request: Request, next: Next) -> Response {
    let started = Instant::now();
    let id = RequestId::new(&*app.clock, &*app.entropy);
    let log = RequestLog::default();
    request.extensions_mut().insert(id);
    request.extensions_mut().insert(log.clone());
    let method = method_name(request.method());
    let route = request.extensions().get::<MatchedPath>().cloned();
    let route = route.as_ref().map_or("none", MatchedPath::as_str);

    let under_way = UnderWay::begin(&*app.meter);
    let span = span_of(&request, id, method, route);
    let response = next.run(request).instrument(span.clone()).await;
    let mut response = problem::with_request_id(response, &id.to_string());
    if let Ok(value) = HeaderValue::from_str(&id.to_string()) {
        response.headers_mut().insert(X_REQUEST_ID, value);
    }
    let answered = Answered {
        method,
        route,
        status: response.status().as_u16(),
        took: started.elapsed(),
    };
    under_way.answered(answered);
    trace::note(&span, "http.response.status_code", i64::from(answered.status));
    if response.status().is_server_error() {
        trace::fail(&span);
    }
    span.in_scope(|| write(answered, &log));
    response
}

/// The span of a request: its log lines have its id by it. Where traces are collected it is also where one begins, or goes
/// on that a trusted proxy has begun.
fn span_of(request: &Request, id: RequestId, method: &'static str, route: &str) -> Span {
    if !trace::is_on() {
        return info_span!("request", request.id = %id);
    }
    let span = info_span!(
        "request", request.id = %id, otel.kind = "server", otel.name = format!("{method} {route}"),
    );
    let connection = request.extensions().get::<ConnectionHandle>();
    if connection.is_some_and(|connection| connection.proxied)
        && let Some(parent) = request.headers().get(TRACEPARENT)
        && let Some(parent) = parent.to_str().ok().and_then(TraceParent::parse)
    {
        parent.lead(&span);
    }
    trace::note(&span, "http.request.method", method);
    trace::note(&span, "http.route", route.to_owned());
    span
}

fn write(answered: Answered<'_>, log: &RequestLog) {
    let Answered {
        method,
        route,
        status,
        took,
    } = answered;
    let account = log.0.get();
    if status == StatusCode::FORBIDDEN.as_u16() {
        security_log::record(SecurityEvent::Refused, account.copied());
    }
    // Milliseconds, to the microsecond.
    let duration_ms = f64::from(u32::try_from(took.as_micros()).unwrap_or(u32::MAX)) / 1_000.0;
    let account = account.map(tracing::field::display);
    match (route, status) {
        ("/health" | "/ready", 200) => {
            tracing::debug!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                "answered"
            );
        }
        (_, 500..) => {
            tracing::warn!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                account.id = account,
                "failed to answer"
            );
        }
        _ => {
            tracing::info!(
                http.method = method,
                http.route = route,
                http.status = status,
                duration_ms,
                account.id = account,
                "answered"
            );
        }
    }
}
