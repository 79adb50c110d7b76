//! The engine: brings every read model to the head of the log and keeps it there.
//!
//! One row and one lease per read model (`lease`), rows and checkpoint in one transaction (`apply`), a stream that cannot
//! be applied waits alone (`parking`, `skips`), and the next generation is made beside the live one (`rebuild`, `swap`),
//! which is then kept for a way back (`previous`). How all of that is doing is read from the database (`status`).

mod apply;
mod builds;
mod compare;
mod copy;
mod differences;
mod fold;
mod health;
mod lease;
mod model;
mod monitor;
mod operate;
mod parking;
mod previous;
mod progress;
mod projections;
mod rebuild;
mod runner;
mod schema;
mod session;
mod shape;
mod side;
mod skips;
mod slot;
mod status;
mod still;
mod swap;
mod verify;

pub use compare::{Comparison, Difference, Sample, SampleKind, compare};
pub use copy::{Copies, Rows};
pub use health::Health;
pub use model::{ApplyError, Fold, More, Parameter, ReadModel, Table, Write, decode};
pub use monitor::{State, Status};
pub use operate::Engine;
pub use parking::Retried;
pub use previous::RolledBack;
pub use progress::{Phase, Progress};
pub use projections::{Options, Projections};
pub use rebuild::{Check, Rebuilt};
pub use runner::BATCH_EVENTS_MAX;
pub use session::Session;
pub use skips::Skips;
pub use status::{BuildStatus, LastError, ParkedStream, PreviousStatus, StoredStatus};
pub use verify::{
    CheckpointFault, Compared, Divergence, RowFault, Snapshot, compare_with_log, verify_checkpoints,
    were_made,
};

pub(crate) use model::chain;
pub(crate) use schema::trigram;
