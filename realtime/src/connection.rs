//! The TCP connection under a request, as far as a handler may know it: where it comes from, and how to cut
//! it.
//!
//! The HTTP server puts a [`ConnectionHandle`] into the extensions of every request. Realtime needs it
//! because a client that has stopped reading cannot be got rid of through Socket.IO: its writer hangs in a
//! flush, behind which every polite way of closing waits as well.

use std::net::{IpAddr, SocketAddr};

use tokio_util::sync::CancellationToken;

/// Where a request comes from, and the means to cut its connection. A cheap clone of a handle means the same
/// connection.
#[derive(Clone, Debug)]
pub struct ConnectionHandle {
    /// The other end of the TCP connection: the client itself, or the nearest proxy.
    pub peer: SocketAddr,
    /// The client's address: `peer`'s, or what trusted proxies say about it. Never what a client claims about
    /// itself.
    pub client: IpAddr,
    /// Whether the client speaks https with the nearest trusted proxy.
    pub secure: bool,
    /// Whether the other end is a trusted proxy: then what it passes on is believed.
    pub proxied: bool,
    abort: CancellationToken,
}

impl ConnectionHandle {
    /// A handle on the connection that ends when `abort` is cancelled.
    pub fn new(peer: SocketAddr, client: IpAddr, secure: bool, abort: CancellationToken) -> Self {
        Self {
            peer,
            client,
            secure,
            proxied: false,
            abort,
        }
    }

    /// Cuts the connection at once, by a reset: what is still unsent is lost, and every task that reads from
    /// it or writes to it gets an error. Does nothing to a connection that has ended.
    ///
    /// Behind a proxy, requests of several clients may share one connection; a websocket always has its own.
    pub fn abort(&self) {
        self.abort.cancel();
    }

    /// Whether the connection has been cut.
    pub fn is_aborted(&self) -> bool {
        self.abort.is_cancelled()
    }
}
