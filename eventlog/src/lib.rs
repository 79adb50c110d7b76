//! The append-only log on Postgres (schema `log`): the only truth there is.
//!
//! It knows streams, versions, positions and hashes. It does not know what a ticket is, and nothing outside this
//! crate says SQL to schema `log`.
//!
//! - [`EventLog::append`] writes the events of one command: all or none, at the expected version, once per command
//!   id. Commands that arrive together share one transaction (group commit); each is judged alone.
//! - Positions count 1, 2, 3, … in commit order, so that readers need no gap logic: position + 1 either exists or
//!   has not happened.
//! - [`EventLog::subscribe`] reads from a position on: first the past, then live, without a seam.
//! - Signed heads are kept beside it ([`SignedHead`]); who signs, and what with, is not known here.
//! - Every event carries the hash of its predecessor (`FORMAT.md`); [`verify()`] walks that chain.

mod append;
mod appender;
mod batch;
mod chain;
mod connection;
mod copy_out;
mod entry;
mod envelope;
mod export;
mod findings;
mod import;
mod listener;
mod log;
mod meters;
mod migrate;
mod read;
mod reader;
mod safety;
mod shared;
mod signed_head;
mod sql_time;
mod subscription;
mod survey;
mod tail;
pub mod trace;
mod verify;
mod whole;

pub use append::{Append, AppendError, Appended};
pub use batch::{BATCH_BYTES_MAX, BATCH_COMMANDS_MAX};
pub use chain::{FORMAT_TAG, link};
pub use connection::{CONNECT_WAIT, IDLE_UNCHECKED_MAX, PEER_SILENCE_MAX, POOL_WAIT, pool};
pub use copy_out::{CopyOut, CopyOutError, Fields, copied_rows};
pub use entry::{EVENTS_PER_COMMAND_MAX, PAYLOAD_BYTES_MAX};
pub use envelope::{Hash, Head, Metadata, NewEvent, Position, RecordedEvent, StreamId, Version};
pub use export::{EventFacts, Export, export, export_type};
pub use findings::{FINDINGS_MAX, Findings};
pub use import::{Import, ImportError, Unfit, follow};
pub use log::{EventLog, LONG_READ_WAIT, Options, SHORT_READ_WAIT, UnderWay};
pub use meters::Meters;
pub use migrate::{MigrateError, migrate};
pub use read::{PAGE_BYTES_MAX, ReadError, StreamEnds, StreamPart};
pub use reader::Reader;
pub use safety::{OpenError, SERVER_VERSION_MIN};
pub use signed_head::{
    SIGNED_HEADS_PAGE_MAX, SignedHead, hashes, latest_signed_head, lock_signing, signed_heads,
    signed_heads_before,
};
pub use subscription::Subscription;
pub use survey::{Survey, pending_migrations, survey};
pub use verify::{Damage, Fault, Verified, last_position, verify};
pub use whole::{Hashes, WholeEvents};
