//! What makes the record believable to somebody who trusts neither the program nor its database: a Merkle tree over
//! the log's hashes, heads of the log that are signed, and packs of evidence that prove themselves.
//!
//! - [`merkle`]: the tree of RFC 6962 over the events' hashes, and its proofs.
//! - [`note`]: signed notes and their keys, as C2SP writes them.
//! - [`head`]: a head of the log as a signed note.
//! - [`mod@line`]: an event as a line of JSON.
//! - [`pack`]: everything that was recorded of one ticket, in a file that anybody can check.
//!
//! Pure: no async, no I/O, no clock, no randomness. This crate must not know where events come from, who asks, or how
//! anything gets to them.

pub mod head;
pub mod line;
pub mod merkle;
pub mod note;
pub mod pack;

pub use head::TreeHead;
pub use note::{Note, Signer, VerifierKey};
