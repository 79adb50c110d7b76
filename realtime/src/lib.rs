//! Realtime: every stored event becomes the matching Socket.IO broadcast.
//!
//! [`Realtime`] follows the log by a subscription of its own, and hands each event in log order to the clients that may
//! know of it: the table is [`broadcast()`], who receives what is [`cut()`], which asks `domain`. The log is the broker:
//! several nodes need nothing from each other.
//!
//! What a client is owed and not given is never passed over in silence: a client that does not read loses its
//! connection, and comes back to look again.
//!
//! This crate must not know HTTP routes, SQL, or where sessions are kept ([`Authenticate`] and [`Accounts`] are told to
//! it). Nothing here ever writes to the log, and no command waits for it.

mod account_told;
mod allowance;
mod asked;
mod auth;
mod authenticate;
mod bookmarks;
mod broadcast;
mod catch_up;
mod client;
pub mod connection;
mod error;
mod frame;
mod gate;
mod handshake;
mod limits;
mod link;
mod lists;
mod operations;
mod options;
mod origin;
mod owners;
mod pace;
mod pages;
mod passed;
mod presence;
mod realtime;
mod registry;
mod relay;
mod rooms;
mod shared;
mod signals;
mod stats;
mod supervisor;
mod tickets;
mod told;
mod turn;
mod writers;

pub use authenticate::{Accounts, Authenticate, Grant, Revocation, SessionKey, Unavailable};
pub use broadcast::{BROADCAST_NAMES, Broadcast, Cut, Object, Place, Scope, broadcast, cut};
pub use error::RealtimeError;
pub use frame::Happening;
pub use gate::{RealtimeService, ResponseBody};
pub use limits::{Limit, Network};
pub use operations::{Operations, ReadModel};
pub use options::{AudienceMode, InboundRate, Options, Probe};
pub use presence::{PresenceOptions, PresenceStats};
pub use realtime::Realtime;
pub use signals::{Alone, SIGNAL_BYTES_MAX, Signal, Signals};
pub use stats::Stats;
