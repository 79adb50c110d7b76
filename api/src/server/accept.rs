//! The accept loop, from the first connection to an orderly end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use http::{Request, Response};
use hyper::server::conn::http1;
use socket2::SockRef;
use tokio::net::TcpStream;
use tokio::time::{sleep, timeout};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tower::Service;

use super::admission::{Admission, Full, PeerKind};
use super::progress::Progress;
use super::requests::Requests;
use super::stream::ClientStream;
use super::{Limits, Listener, TrustedProxies, connection};

/// How long to wait when nothing can be accepted, for want of files or memory.
const ACCEPT_PAUSE: Duration = Duration::from_millis(100);
/// How long connections that were cut at the end have to notice.
const CUT_GRACE: Duration = Duration::from_millis(500);

const SERVER_FULL: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\nretry-after: 5\r\n\
    content-type: application/problem+json\r\ncontent-length: 128\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Service Unavailable\",\"status\":503,\
    \"detail\":\"too many connections\",\"error\":\"too many connections\"}";
const ADDRESS_FULL: &[u8] = b"HTTP/1.1 429 Too Many Requests\r\nconnection: close\r\nretry-after: 5\r\n\
    content-type: application/problem+json\r\ncontent-length: 162\r\n\r\n\
    {\"type\":\"about:blank\",\"title\":\"Too Many Requests\",\"status\":429,\
    \"detail\":\"too many connections from this address\",\"error\":\"too many connections from this address\"}";

/// How the connections ended after the server was told to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drained {
    /// All by themselves.
    Finished,
    /// Some were still open after [`Limits::shutdown`] and have been cut.
    Cut {
        /// How many.
        connections: usize,
    },
}

/// Serves `router` on `listener` until `stop` is cancelled. Then it listens no more, lets the requests at
/// hand and the websockets end for [`Limits::shutdown`], and cuts the rest.
pub async fn serve<S>(
    listener: Listener,
    router: S,
    proxies: TrustedProxies,
    limits: Limits,
    stop: CancellationToken,
) -> Drained
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    let server = Server {
        router,
        proxies,
        http: connection::http(&limits),
        admission: Admission::new(&limits),
        limits: Arc::new(limits),
        stop,
        cut: CancellationToken::new(),
        open: TaskTracker::new(),
    };
    server.accept(listener).await;
    server.drain().await
}

/// What all connections share.
struct Server<S> {
    router: S,
    proxies: TrustedProxies,
    http: http1::Builder,
    admission: Admission,
    limits: Arc<Limits>,
    stop: CancellationToken,
    /// Ends every connection at once.
    cut: CancellationToken,
    /// The tasks of connections, and every stream, also of those that were upgraded and left their task.
    open: TaskTracker,
}

impl<S> Server<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    /// Takes connections until told to stop. Drops the listener at its end: new ones are refused from then
    /// on.
    async fn accept(&self, listener: Listener) {
        loop {
            let accepted = tokio::select! {
                biased;
                () = self.stop.cancelled() => return,
                accepted = listener.socket.accept() => accepted,
            };
            match accepted {
                Ok((tcp, peer)) => self.begin(tcp, peer),
                Err(error) if concerns_one_connection(&error) => {}
                Err(error) => {
                    tracing::warn!(%error, "cannot accept connections, trying again");
                    tokio::select! {
                        () = self.stop.cancelled() => return,
                        () = sleep(ACCEPT_PAUSE) => {}
                    }
                }
            }
        }
    }

    fn begin(&self, tcp: TcpStream, peer: SocketAddr) {
        let kind = if self.proxies.contains(peer.ip()) {
            PeerKind::TrustedProxy
        } else {
            PeerKind::Client
        };
        let admitted = match self.admission.admit(peer.ip(), kind) {
            Ok(admitted) => admitted,
            Err(full) => return refuse(&tcp, full),
        };
        let abort = self.cut.child_token();
        let progress = Arc::new(Progress::new(Arc::clone(&self.limits)));
        let stream = ClientStream::new(
            tcp,
            abort.clone(),
            Arc::clone(&progress),
            self.limits.write_stall,
            admitted,
            self.open.token(),
        );
        let requests = Requests {
            router: self.router.clone(),
            peer,
            proxies: self.proxies.clone(),
            abort,
            progress,
            limits: Arc::clone(&self.limits),
        };
        self.open.spawn(connection::run(
            self.http.clone(),
            stream,
            requests,
            self.stop.clone(),
        ));
    }

    async fn drain(&self) -> Drained {
        self.open.close();
        if timeout(self.limits.shutdown, self.open.wait()).await.is_ok() {
            return Drained::Finished;
        }
        let connections = self.admission.open();
        self.cut.cancel();
        tracing::warn!(connections, "connections still open at the end, cut");
        if timeout(CUT_GRACE, self.open.wait()).await.is_err() {
            tracing::warn!("cut connections are still held");
        }
        Drained::Cut { connections }
    }
}

/// Turns a connection away, as cheaply as can be: nothing is waited for, and what the kernel does not take at
/// once is lost.
fn refuse(tcp: &TcpStream, full: Full) {
    let answer = match full {
        Full::Server => SERVER_FULL,
        Full::Address => ADDRESS_FULL,
    };
    tracing::debug!(?full, "connection refused");
    // The request may be here already; unread, it would turn the close into a reset.
    let mut thrown_away = [0; 4096];
    let sent = tcp
        .try_write(answer)
        .and_then(|_| SockRef::from(tcp).shutdown(std::net::Shutdown::Write));
    let read = tcp.try_read(&mut thrown_away);
    tracing::trace!(?sent, ?read, "connection refused");
}

fn concerns_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{
        ConnectionAborted, ConnectionRefused, ConnectionReset, HostUnreachable, Interrupted, NetworkDown,
        NetworkUnreachable,
    };
    matches!(
        error.kind(),
        ConnectionAborted
            | ConnectionRefused
            | ConnectionReset
            | HostUnreachable
            | Interrupted
            | NetworkDown
            | NetworkUnreachable
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_say_their_true_length() {
        for answer in [SERVER_FULL, ADDRESS_FULL] {
            let answer = std::str::from_utf8(answer).unwrap();
            let (head, body) = answer.split_once("\r\n\r\n").unwrap();
            assert!(
                head.ends_with(&format!("content-length: {}", body.len())),
                "{}",
                body.len()
            );
            assert!(serde_json::from_str::<serde_json::Value>(body).is_ok());
        }
    }
}
