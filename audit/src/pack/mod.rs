//! Evidence packs: everything that was recorded of one ticket, in a file that proves itself. `FORMAT.md` says the same
//! for strangers, with test vectors.
//!
//! [`Gathering`] makes one while the hashes of the whole log go by; [`check()`] names the first thing in one that does
//! not hold, without a server, a database or a network.

mod archive;
mod check;
mod gather;
mod page;
mod statement;

use crate::head::TreeHead;
use crate::line::{EventLine, HexHash};

pub use check::{Checked, EventFault, Fault, check};
pub use gather::{Gathering, PackError};

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// Most events of a pack.
pub const PACK_EVENTS_MAX: usize = 20_000;
/// Most bytes of their payloads and metadata together.
pub const PACK_CONTENT_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest pack that is looked at.
pub const PACK_BYTES_MAX: u64 = 512 * 1024 * 1024;

/// The pack's format, for strangers.
pub const FORMAT: &str = include_str!("../../FORMAT.md");
/// The log's format, for strangers.
pub const LOG_FORMAT: &str = include_str!("../../../eventlog/FORMAT.md");

/// What is in a pack, in this order.
const MEMBERS: [&str; 7] = [
    "FORMAT.md",
    "LOG-FORMAT.md",
    EVENTS,
    EVIDENCE,
    HEAD,
    "history.html",
    "key.vkey",
];
const EVENTS: &str = "events.jsonl";
const EVIDENCE: &str = "evidence.note";
const HEAD: &str = "head.note";

/// A line of `events.jsonl`: an event, what its hash builds on, and the proof that it is in the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct ProvedLine<'a> {
    #[serde(borrow)]
    event: EventLine<'a>,
    previous_hash: HexHash,
    proof: Vec<HexHash>,
}

/// What a pack is about.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Subject {
    /// `ticket`.
    category: String,
    /// Which one.
    stream: Uuid,
    /// How many events it has had.
    events: u64,
}

#[cfg(test)]
mod tests;
