//! The door that Prometheus comes in by: a listener of its own, so that figures can stay in the operators' network.

use std::net::SocketAddr;
use std::time::Duration;

use api::Render;
use api::server::{Drained, Limits, ListenError, Listener, TrustedProxies};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

/// Connections at once. One Prometheus has one or two; others wait in the kernel.
const CONNECTIONS_MAX: usize = 16;
/// How long a client may take for anything.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long its connections may take to end when the program does.
const END_WITHIN: Duration = Duration::from_secs(1);

/// A listener that is not served yet.
pub(crate) struct Door {
    listener: Listener,
    limits: Limits,
}

/// Listens on `address`.
pub(crate) fn open(address: SocketAddr) -> Result<Door, ListenError> {
    let limits = Limits {
        connections: CONNECTIONS_MAX,
        connections_per_address: CONNECTIONS_MAX,
        head: PATIENCE,
        idle: Duration::from_mins(1), // Prometheus keeps its connection from one scrape to the next
        body_idle: PATIENCE,
        body: PATIENCE,
        response: PATIENCE,
        write_stall: PATIENCE,
        shutdown: END_WITHIN,
        ..Limits::default()
    };
    let listener = Listener::bind(address, &limits)?;
    Ok(Door { listener, limits })
}

impl Door {
    pub(crate) fn address(&self) -> SocketAddr {
        self.listener.local_address()
    }

    /// Answers with what `render` writes until `stop`.
    pub(crate) fn serve(self, render: Render, stop: CancellationToken) -> JoinHandle<Drained> {
        tokio::spawn(api::server::serve(
            self.listener,
            api::scrape_router(render),
            TrustedProxies::default(),
            self.limits,
            stop,
        ))
    }
}
