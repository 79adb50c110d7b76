//! A server on a free port with a router that shows what the tests ask about, and a client that speaks raw bytes.

use std::convert::Infallible;
use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use api::server::{Drained, Limits, Listener, TrustedProxies, body_timed_out, serve};
use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Extension, Router};
use futures::stream;
use hyper::upgrade::Upgraded;
use hyper_util::rt::TokioIo;
use realtime::connection::ConnectionHandle;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

/// Longer than anything here takes; only a broken server makes a test wait this long.
const PATIENCE: Duration = Duration::from_secs(20);

/// Waits for `future`, though not for ever.
pub(crate) async fn soon<F: Future>(future: F) -> F::Output {
    timeout(PATIENCE, future)
        .await
        .expect("it should have happened by now")
}

/// Limits that no test runs into unless it lowers them.
pub(crate) fn generous() -> Limits {
    let long = Duration::from_mins(2);
    Limits {
        head: long,
        idle: long,
        body_idle: long,
        body: long,
        response: long,
        write_stall: long,
        linger: long,
        shutdown: long,
        tcp_user_timeout: long,
        ..Limits::default()
    }
}

/// Short, as a limit under test.
pub(crate) const SHORT: Duration = Duration::from_millis(250);

/// What an upgraded connection hands to its test.
pub(crate) type Upgrade = (TokioIo<Upgraded>, ConnectionHandle);

/// What the handlers share with the test.
#[derive(Clone)]
struct Shared {
    /// The connection of every request to `/gate` that has reached its handler.
    entered: mpsc::UnboundedSender<ConnectionHandle>,
    /// A permit lets one request to `/gate` go.
    gate: Arc<Semaphore>,
    upgrades: mpsc::UnboundedSender<Upgrade>,
    /// A message for every body of `/endless` that the server has let go of.
    released: mpsc::UnboundedSender<()>,
}

/// A server under test.
pub(crate) struct TestServer {
    pub(crate) address: SocketAddr,
    pub(crate) stop: CancellationToken,
    pub(crate) ended: JoinHandle<Drained>,
    pub(crate) entered: mpsc::UnboundedReceiver<ConnectionHandle>,
    pub(crate) gate: Arc<Semaphore>,
    pub(crate) upgrades: mpsc::UnboundedReceiver<Upgrade>,
    pub(crate) released: mpsc::UnboundedReceiver<()>,
}

impl TestServer {
    pub(crate) fn start(limits: Limits) -> Self {
        Self::behind("", limits)
    }

    /// A server that trusts `proxies`.
    pub(crate) fn behind(proxies: &str, limits: Limits) -> Self {
        let (entered_sender, entered) = mpsc::unbounded_channel();
        let (upgrades_sender, upgrades) = mpsc::unbounded_channel();
        let (released_sender, released) = mpsc::unbounded_channel();
        let gate = Arc::new(Semaphore::new(0));
        let shared = Shared {
            entered: entered_sender,
            gate: Arc::clone(&gate),
            upgrades: upgrades_sender,
            released: released_sender,
        };
        let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), &limits).unwrap();
        let address = listener.local_address();
        let stop = CancellationToken::new();
        let proxies: TrustedProxies = proxies.parse().unwrap();
        let ended = tokio::spawn(serve(listener, router(shared), proxies, limits, stop.clone()));
        Self {
            address,
            stop,
            ended,
            entered,
            gate,
            upgrades,
            released,
        }
    }

    pub(crate) async fn connect(&self) -> Client {
        Client(TcpStream::connect(self.address).await.unwrap())
    }
}

fn router(shared: Shared) -> Router {
    Router::new()
        .route("/", get(async || "hello"))
        .route("/echo", post(echo))
        .route("/deaf", post(async || "not listening"))
        .route("/gate", get(wait_at_gate))
        .route("/endless", get(stream_for_ever))
        .route("/origin", get(show_origin))
        .route("/upgrade", get(upgrade))
        .with_state(shared)
}

async fn echo(body: Body) -> Response {
    match to_bytes(body, usize::MAX).await {
        Ok(bytes) => bytes.into_response(),
        Err(error) if body_timed_out(&error) => StatusCode::REQUEST_TIMEOUT.into_response(),
        Err(_) => StatusCode::BAD_REQUEST.into_response(),
    }
}

async fn wait_at_gate(
    State(shared): State<Shared>,
    Extension(connection): Extension<ConnectionHandle>,
) -> &'static str {
    shared.entered.send(connection).unwrap();
    shared.gate.acquire().await.unwrap().forget();
    "through"
}

async fn stream_for_ever(State(shared): State<Shared>) -> Body {
    struct Release(mpsc::UnboundedSender<()>);
    impl Drop for Release {
        fn drop(&mut self) {
            let _ = self.0.send(());
        }
    }
    let release = Release(shared.released);
    let chunk = Bytes::from(vec![b'x'; 16 * 1024]);
    Body::from_stream(stream::repeat_with(move || {
        let _held = &release;
        Ok::<_, Infallible>(chunk.clone())
    }))
}

async fn show_origin(Extension(connection): Extension<ConnectionHandle>) -> String {
    format!(
        "{} {}",
        connection.client,
        if connection.secure { "https" } else { "http" }
    )
}

async fn upgrade(
    State(shared): State<Shared>,
    Extension(connection): Extension<ConnectionHandle>,
    request: Request,
) -> Response {
    tokio::spawn(async move {
        let upgraded = hyper::upgrade::on(request).await.unwrap();
        let _ = shared.upgrades.send((TokioIo::new(upgraded), connection));
    });
    let headers = [("connection", "upgrade"), ("upgrade", "raw")];
    (StatusCode::SWITCHING_PROTOCOLS, headers).into_response()
}

/// The other end of a connection.
pub(crate) struct Client(pub(crate) TcpStream);

impl Client {
    pub(crate) async fn send(&mut self, text: &str) {
        soon(self.0.write_all(text.as_bytes())).await.unwrap();
    }

    pub(crate) async fn get(&mut self, path: &str) -> String {
        self.send(&format!("GET {path} HTTP/1.1\r\nhost: test\r\n\r\n"))
            .await;
        self.response().await
    }

    /// One response with a content length (or none): head and body.
    pub(crate) async fn response(&mut self) -> String {
        let head = self.head().await;
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length: "));
        let mut body = vec![0; length.map_or(0, |length| length.parse().unwrap())];
        soon(self.0.read_exact(&mut body)).await.unwrap();
        head + &String::from_utf8(body).unwrap()
    }

    /// The head of a response, with the empty line.
    pub(crate) async fn head(&mut self) -> String {
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            head.push(soon(self.0.read_u8()).await.unwrap());
        }
        String::from_utf8(head).unwrap()
    }

    /// All that comes until the server closes the connection in an orderly way.
    pub(crate) async fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        soon(self.0.read_to_end(&mut rest))
            .await
            .expect("closed, not reset");
        String::from_utf8(rest).unwrap()
    }

    /// Reads until the connection is over, one way or the other; whether it was a reset.
    pub(crate) async fn was_reset(&mut self) -> bool {
        let mut thrown_away = vec![0; 64 * 1024];
        loop {
            match soon(self.0.read(&mut thrown_away)).await {
                Ok(0) => return false,
                Ok(_) => {}
                Err(error) => {
                    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
                    return true;
                }
            }
        }
    }
}
