//! The engine: brings every read model to the head of the log and keeps it there.
//!
//! One row and one lease per read model (`lease`), rows and checkpoint in one transaction (`apply`), a stream that cannot
//! be applied waits alone (`parking`), and the next generation is made beside the live one (`rebuild`, `swap`).

mod apply;
mod compare;
mod copy;
mod lease;
mod model;
mod monitor;
mod operate;
mod parking;
mod projections;
mod rebuild;
mod runner;
mod schema;
mod session;
mod skips;
mod swap;
mod verify;

pub use compare::{Comparison, Difference, compare};
pub use copy::{Copies, Rows};
pub use model::{ApplyError, Fold, More, Parameter, ReadModel, Table, Write, decode};
pub use monitor::{State, Status};
pub use operate::{Engine, ParkedStream, StoredStatus};
pub use parking::Retried;
pub use projections::{Options, Projections};
pub use rebuild::{Check, Phase, Progress, Rebuilt};
pub use runner::BATCH_EVENTS_MAX;
pub use session::Session;
pub use skips::Skips;
pub use verify::{
    CheckpointFault, Compared, Divergence, RowFault, Snapshot, compare_with_log, verify_checkpoints,
};

pub(crate) use model::chain;
