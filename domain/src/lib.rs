//! What a ticket and an account are, and what may be done with them; and what the log remembers of those who read it
//! (`access`) and of those who run it (`operation`).
//!
//! Pure Rust: no async, no I/O, no SQL, no clock, no randomness. Time and identifiers come in as arguments, so the
//! same input always gives the same output, today and in ten years of replay.
//!
//! Each aggregate is a folder with the same files in the same order: `event` (facts, the storage format), `state`
//! (`evolve`, the only place where an event's effect is written down), `command`, `decide`, `disclose`.
//!
//! This crate must not know: who stores events, who reads them, how anything looks as JSON on the wire.

pub mod access;
pub mod account;
pub mod actor;
pub mod codec;
pub mod decider;
pub mod ids;
pub mod limits;
pub mod moment;
pub mod operation;
pub mod policy;
mod spelled;
pub mod text;
pub mod ticket;
pub mod time;
pub mod upcast;

pub use account::{Account, AccountCommand, AccountEvent};
pub use actor::{Actor, Role};
pub use decider::Decider;
pub use ids::{AccountId, AttachmentId, CommentId, TicketId};
pub use moment::Moment;
pub use ticket::{Ticket, TicketCommand, TicketEvent};
pub use time::{Clock, Timestamp};
