//! Every limit of the server, by name.

use std::time::Duration;

/// What a client may take of the server at most. The defaults suit a server on the open internet as well as
/// one behind a proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Connections at once, of all clients, websockets included; lowered at start to what the limit of open
    /// files of the process leaves. Over it a connection is answered 503 and closed. Default 20,000.
    pub connections: usize,
    /// Connections at once of one IPv4 address or one IPv6 /64 network. Trusted proxies are exempt, because
    /// behind them everybody has the same address. Over it a connection is answered 429 and closed. Default
    /// 1,024: an office behind one address has many tabs open.
    pub connections_per_address: usize,
    /// Connections that the kernel may hold until they are accepted; it lowers this to `net.core.somaxconn`.
    /// Default 4,096: the usual 128 drops SYNs when a thousand sockets reconnect.
    pub backlog: u16,
    /// How long sent data may stay unacknowledged, or a peer's window closed, until the kernel drops the
    /// connection (`TCP_USER_TIMEOUT`). Default 30 s.
    pub tcp_user_timeout: Duration,
    /// How long a silent connection stays unprobed (`TCP_KEEPIDLE`); afterwards it is probed every quarter of
    /// that. Default 60 s.
    pub tcp_keepalive: Duration,

    /// From the first byte of a request (or from the start of the connection) to the end of its head. Default
    /// 10 s.
    pub head: Duration,
    /// The size of a request's head, request line and all header fields together, in bytes; over it 431. A
    /// head also has at most 100 fields. At least 1 KiB; default 16 KiB.
    pub head_bytes: usize,
    /// How long a connection may be kept between two requests. Default 20 s.
    pub idle: Duration,
    /// How long a handler waits for the next piece of a request's body. Default 15 s.
    pub body_idle: Duration,
    /// How long a handler waits for a request's whole body. Default 3 minutes: 10 MB at 60 kB/s.
    pub body: Duration,
    /// How long a client that reads may take for one response. Default 10 minutes: 10 MB at 18 kB/s.
    pub response: Duration,
    /// How long a client may take nothing of what is there to be written to it. Holds for websockets as well.
    /// Default 20 s.
    pub write_stall: Duration,
    /// How long the rest of a refused request is read and thrown away, because closing at once would reset
    /// the connection and take the answer from the client. Default 2 s.
    pub linger: Duration,
    /// How long open requests and websockets may take to end once the server is told to stop. Default 8 s.
    pub shutdown: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            connections_per_address: 1_024,
            backlog: 4_096,
            tcp_user_timeout: Duration::from_secs(30),
            tcp_keepalive: Duration::from_mins(1),
            head: Duration::from_secs(10),
            head_bytes: 16 * 1024,
            idle: Duration::from_secs(20),
            body_idle: Duration::from_secs(15),
            body: Duration::from_mins(3),
            response: Duration::from_mins(10),
            write_stall: Duration::from_secs(20),
            linger: Duration::from_secs(2),
            shutdown: Duration::from_secs(8),
        }
    }
}
