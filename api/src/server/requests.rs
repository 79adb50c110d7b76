//! Hands the requests of one connection to the router, with what the router should know about the connection.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;

use axum::body::Body;
use http::{Request, Response};
use hyper::body::Incoming;
use realtime::connection::ConnectionHandle;
use tokio_util::sync::CancellationToken;
use tower::{Service, ServiceExt};

use super::body::{RequestBody, ResponseBody};
use super::progress::Progress;
use super::{Limits, TrustedProxies};

/// The requests of one connection.
pub(super) struct Requests<S> {
    pub(super) router: S,
    pub(super) peer: SocketAddr,
    pub(super) proxies: TrustedProxies,
    pub(super) abort: CancellationToken,
    pub(super) progress: Arc<Progress>,
    pub(super) limits: Arc<Limits>,
}

impl<S> hyper::service::Service<Request<Incoming>> for Requests<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<ResponseBody>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        self.progress.handling();
        let origin = self.proxies.origin(self.peer, request.headers());
        let mut handle = ConnectionHandle::new(self.peer, origin.client, origin.secure, self.abort.clone());
        handle.proxied = origin.proxied;
        let progress = Arc::clone(&self.progress);
        let mut request =
            request.map(|body| RequestBody::wrap(body, Arc::clone(&self.progress), &self.limits));
        request.extensions_mut().insert(handle);
        request.extensions_mut().insert(self.proxies.clone());
        let router = self.router.clone();
        Box::pin(async move {
            let response = router.oneshot(request).await?;
            progress.responding();
            Ok(response.map(|body| ResponseBody::new(body, progress)))
        })
    }
}
