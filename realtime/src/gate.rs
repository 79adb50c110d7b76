//! The HTTP side: who may come near, before Engine.IO sees the request.

use std::convert::Infallible;
use std::fmt::Debug;
use std::net::{IpAddr, Ipv4Addr};
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};

use bytes::Bytes;
use engineioxide::service::NotFoundService;
use futures::future::BoxFuture;
use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_MAX_AGE, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
    VARY,
};
use http::{Method, Request, Response, StatusCode};
use http_body::Body;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt, Full};
use socketioxide::service::SocketIoService;
use socketioxide::socket::Sid;
use tokio::time::Instant;
use tower::Service;

use crate::allowance::Allowance;
use crate::connection::ConnectionHandle;
use crate::limits::{Exceeded, Network};
use crate::link::Link;
use crate::origin::Page;
use crate::shared::Shared;
use crate::writers::Writers;

/// What an answer's body is.
pub type ResponseBody = UnsyncBoxBody<Bytes, Infallible>;

/// The service to mount at [`Options::path`](crate::Options::path), for all methods, without limits of time on
/// requests: a poll waits until there is something to tell.
#[derive(Clone)]
pub struct RealtimeService {
    shared: Arc<Shared>,
    engine: SocketIoService<NotFoundService>,
    writers: Arc<Writers>,
}

impl RealtimeService {
    pub(crate) const fn new(
        shared: Arc<Shared>,
        engine: SocketIoService<NotFoundService>,
        writers: Arc<Writers>,
    ) -> Self {
        Self {
            shared,
            engine,
            writers,
        }
    }
}

impl<B> Service<Request<B>> for RealtimeService
where
    B: Body + Debug + Send + Unpin + 'static,
    B::Error: Debug,
    B::Data: Send,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = BoxFuture<'static, Result<Response<ResponseBody>, Infallible>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, mut request: Request<B>) -> Self::Future {
        let shared = Arc::clone(&self.shared);
        let mut engine = self.engine.clone();
        let writers = Arc::clone(&self.writers);
        Box::pin(async move {
            let page = Page::of(request.headers(), &shared.options.allowed_origins);
            let refusal = match refuse(&shared, &page, &request) {
                Some(refusal) => Some(refusal),
                None => attach(&shared, &page, &mut request).await.err().map(limited),
            };
            let mut response = if let Some(refusal) = refusal {
                refusal
            } else {
                let answer = writers.host(move || engine.call(request)).await?;
                answer.map(BodyExt::boxed_unsync)
            };
            tell_page(&page, response.headers_mut());
            Ok(response)
        })
    }
}

/// The answer to a request that Engine.IO is not to see.
fn refuse<B>(shared: &Shared, page: &Page, request: &Request<B>) -> Option<Response<ResponseBody>> {
    if *page == Page::Foreign {
        return Some(text(StatusCode::FORBIDDEN, "this page may not connect"));
    }
    if request.method() == Method::OPTIONS {
        return Some(text(StatusCode::NO_CONTENT, ""));
    }
    match query_sid(request) {
        None if shared.closing.load(Ordering::SeqCst) => {
            let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "the server is stopping");
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from_static("2"));
            Some(response)
        }
        // What Engine.IO says of a session that has ended; this one ends as soon as it is not heard of any more.
        Some(sid) if shared.registry.link(sid).is_some_and(|link| link.is_cut()) => {
            let mut response = text(
                StatusCode::BAD_REQUEST,
                "{\"code\":1,\"message\":\"Session ID unknown\"}",
            );
            let json = HeaderValue::from_static("application/json");
            response.headers_mut().insert(CONTENT_TYPE, json);
            Some(response)
        }
        None | Some(_) => None,
    }
}

/// Lets the session that the request begins or belongs to know its connection. A new session must be within the limits
/// of its address; so must polling ones, which may have no connection for most of the time.
async fn attach<B>(shared: &Shared, page: &Page, request: &mut Request<B>) -> Result<(), Exceeded> {
    let connection = request.extensions().get::<ConnectionHandle>();
    let websocket = connection.filter(|_| is_websocket(request)).cloned();
    match (query_sid(request), websocket) {
        (None, websocket) => {
            // Whose address is not known counts together with all others of that kind.
            let unknown = IpAddr::V4(Ipv4Addr::UNSPECIFIED);
            let network = Network::of(connection.map_or(unknown, |connection| connection.client));
            shared.admit_handshake(network)?;
            let place = shared.place_for_session(network)?;
            let joins = Allowance::full(shared.options.joins, Instant::now());
            let link = Link::new(page.proof(), websocket, network, place, joins);
            request.extensions_mut().insert(Arc::new(link));
        }
        (Some(sid), Some(websocket)) => shared.registry.upgrade(sid, websocket).await,
        (Some(_), None) => {}
    }
    Ok(())
}

/// The answer to a handshake that is beyond a limit.
fn limited(exceeded: Exceeded) -> Response<ResponseBody> {
    // Two plain fields always become JSON.
    let body = serde_json::to_vec(&exceeded.body()).unwrap_or_default();
    let mut response = Response::new(Full::from(body).boxed_unsync());
    *response.status_mut() = StatusCode::TOO_MANY_REQUESTS;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    headers.insert(RETRY_AFTER, HeaderValue::from(exceeded.retry_after_seconds()));
    response
}

/// Whether Engine.IO will take the request for one of a websocket: whatever it lets in, it must be possible to cut.
fn is_websocket<B>(request: &Request<B>) -> bool {
    let query = request.uri().query().unwrap_or_default();
    let transport = query.split('&').find(|pair| pair.starts_with("transport="));
    transport.and_then(|pair| pair.split('=').nth(1)) == Some("websocket")
}

fn query_sid<B>(request: &Request<B>) -> Option<Sid> {
    let query = request.uri().query()?;
    let sid = query.split('&').find_map(|pair| pair.strip_prefix("sid="))?;
    Sid::from_str(sid).ok()
}

/// Tells the browser that a page of an allowed origin may see the answer. Never any page, never `*`.
fn tell_page(page: &Page, headers: &mut HeaderMap) {
    headers.append(VARY, HeaderValue::from_static("Origin"));
    let Page::Allowed(origin) = page else { return };
    headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
    headers.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    headers.insert(
        ACCESS_CONTROL_ALLOW_METHODS,
        HeaderValue::from_static("GET, POST"),
    );
    headers.insert(
        ACCESS_CONTROL_ALLOW_HEADERS,
        HeaderValue::from_static("content-type"),
    );
    headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
}

fn text(status: StatusCode, body: &'static str) -> Response<ResponseBody> {
    let mut response = Response::new(Full::new(Bytes::from_static(body.as_bytes())).boxed_unsync());
    *response.status_mut() = status;
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}
