//! Executing commands: load, permit, decide, append; on a conflict reload and decide again.
//!
//! This crate writes to the log and to the object store of attachments, and to nothing else. It must not know read
//! tables, broadcasts or HTTP; what follows from an event follows from somebody's subscription.

mod accounts;
mod attachments;
mod cache;
mod cause;
mod commands;
mod execute;
mod outcome;
mod records;
mod roster;
mod tickets;

pub use attachments::{Arrived, AttachmentStore, MAX_SIZE_DEFAULT, Soundness, StoreError, Stored};
pub use cache::LoadError;
pub use cause::{Cause, Fingerprint, Origin};
pub use commands::Commands;
pub use outcome::{CommandError, Executed, Expect, Outcome, Recorded};
