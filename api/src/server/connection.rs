//! Drives one connection from its first byte to its last, or to the limit that it breaks.

use std::convert::Infallible;
use std::future::poll_fn;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::server::conn::http1;
use hyper_util::rt::TokioIo;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use tower::Service;

use super::Limits;
use super::progress::{Expiry, Phase};
use super::requests::Requests;
use super::stream::ClientStream;

/// How much of a message is buffered for one connection in each direction, in bytes: enough for a head, and
/// for a body to come in few pieces.
const BUFFER_BYTES: usize = 64 * 1024;
const HEAD_BYTES_MIN: usize = 1024;

/// How HTTP is spoken under `limits`.
pub(super) fn http(limits: &Limits) -> http1::Builder {
    let head_bytes = limits.head_bytes.max(HEAD_BYTES_MIN);
    let mut http = http1::Builder::new();
    // hyper's own timeout covers heads only, and not apart from idling; `Progress` covers all.
    http.header_read_timeout(None)
        .max_header_size(head_bytes)
        .max_buf_size(BUFFER_BYTES.max(head_bytes));
    http
}

/// Serves `stream` until it ends, is cut or is upgraded. When `stop` is cancelled, the request at hand is the
/// last one.
pub(super) async fn run<S>(
    http: http1::Builder,
    stream: ClientStream,
    requests: Requests<S>,
    stop: CancellationToken,
) where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let abort = requests.abort.clone();
    let progress = requests.progress.clone();
    let linger_limit = requests.limits.linger;
    let mut expiry = Expiry::new(&progress);
    let mut connection = http
        .serve_connection(TokioIo::new(stream), requests)
        .with_upgrades();
    let mut stopping = false;
    loop {
        // In this order: whatever the connection does is seen by the timer in the same turn.
        tokio::select! {
            biased;
            () = abort.cancelled() => return,
            ended = &mut connection => {
                if let Err(error) = ended {
                    tracing::debug!(error = &error as &dyn std::error::Error, "connection ended early");
                }
                break;
            }
            phase = poll_fn(|context| expiry.poll(&progress, context)) => {
                tracing::debug!(limit = %phase, "client too slow, connection closed");
                if matches!(phase, Phase::Responding | Phase::Flushing) {
                    abort.cancel(); // so that nothing more is offered to it
                }
                return;
            }
            () = stop.cancelled(), if !stopping => {
                stopping = true;
                std::pin::Pin::new(&mut connection).graceful_shutdown();
            }
        }
    }
    if progress.leaves_bytes_unread()
        && let Some(parts) = connection.into_parts()
    {
        Box::pin(linger(parts.io.into_inner(), linger_limit)).await;
    }
}

/// Ends the sending direction, then reads until the client has ended its own. Closing with unread bytes would
/// be a reset, which can reach the client before it has read the answer.
async fn linger(mut stream: ClientStream, limit: Duration) {
    if stream.shutdown().await.is_err() {
        return;
    }
    let mut thrown_away = vec![0; 16 * 1024];
    let rest = async { while stream.read(&mut thrown_away).await.is_ok_and(|bytes| bytes > 0) {} };
    if timeout(limit, rest).await.is_err() {
        tracing::debug!(limit = "linger", "client goes on sending, connection closed");
    }
}
