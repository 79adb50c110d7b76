//! The HTTP server: accepts TCP connections and serves a router on them, with a limit on everything that a
//! client can make last or grow. `axum::serve` has none: a half-sent head keeps a connection for ever.
//!
//! ```text
//! listener ─▶ accept ─▶ admission ─▶ connection ─▶ requests ─▶ router
//!                                    stream, body, progress: what is timed, and how long it may take
//! ```
//!
//! Every request's extensions hold a [`realtime::connection::ConnectionHandle`]: where it comes from (see
//! [`origin`]), and how to cut its connection. A connection that a handler has upgraded (a websocket) is
//! exempt from the limits on requests; it ends when its owner drops it, by
//! [`abort`](realtime::connection::ConnectionHandle::abort), or when its client has stopped reading for
//! [`Limits::write_stall`].

mod accept;
mod admission;
mod body;
mod connection;
mod limits;
mod listener;
pub mod origin;
mod progress;
mod requests;
mod stream;

pub use accept::{Drained, serve};
pub use body::{BodyError, body_timed_out};
pub use limits::Limits;
pub use listener::{ListenError, Listener};
pub use origin::{Origin, TrustedProxies};
