//! Is a read model what a fresh fold of the log makes of it, row by row?
//!
//! The live tables are copied out in one short snapshot and 16 bytes of each row's SHA-256 are kept. Then the log is folded
//! up to the checkpoint of that snapshot, as a rebuild folds it, and each row that comes out must be among them, and the
//! other way round. What differs is looked at again with its columns in a second round. Nobody waits for any of it: rows
//! are read in a snapshot that ends before the fold begins, and the log does not change.
//!
//! Memory: what the model's own fold needs, and 24 bytes a row.

mod checkpoints;
mod detail;
mod digests;
mod fresh;
mod layout;
mod live;

use std::fmt;

use eventlog::{Findings, Position};
use tokio_postgres::Client;
use uuid::Uuid;

use super::model::ReadModel;
use super::skips::Skips;
use crate::error::EngineError;

pub use checkpoints::{CheckpointFault, verify_checkpoints, were_made};
pub use live::Snapshot;

use detail::Wanted;
use digests::Digests;
use layout::Layout;
use live::{Live, Look, Rows};

/// A read model beside its fresh fold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compared {
    /// The read model.
    pub name: &'static str,
    /// The live generation.
    pub generation: i64,
    /// The position that both were at.
    pub position: Position,
    /// How many events were folded.
    pub events: u64,
    /// How many live rows were compared.
    pub rows: u64,
    /// What is not as it must be.
    pub findings: Findings<Divergence>,
}

/// How a read model differs from its fresh fold, or why that cannot be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Divergence {
    /// Its tables have not been made.
    NotMade,
    /// The live generation is another program's: what this one makes of the log is something else.
    OtherVersion,
    /// The live generation was swapped again and again while it was being looked at.
    Unsteady,
    /// The checkpoint is beyond the end of the log, so there is no such fold.
    Beyond,
    /// A stream waits at an event that could not be applied; its rows are compared as they were before it.
    Parked {
        /// The stream.
        stream: Uuid,
    },
    /// A table is not there or cannot be read.
    Table {
        /// Which one.
        table: &'static str,
    },
    /// The fold refuses an event that the live generation is said to have applied.
    Refused {
        /// Where.
        position: Position,
        /// Its stream.
        stream: Uuid,
    },
    /// A row differs.
    Row {
        /// In which table.
        table: &'static str,
        /// Its key, as in `id=…`.
        key: String,
        /// How.
        how: RowFault,
    },
    /// Rows of a table differ of which no more can be told: there are too many, or they differ no longer.
    Rows {
        /// In which table.
        table: &'static str,
        /// How many.
        count: u64,
    },
}

/// How a row differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RowFault {
    /// The fold makes it, the table has it not.
    Missing,
    /// The table has it, the fold makes it not.
    Surplus,
    /// These columns have other values than the fold's.
    Differs(Vec<String>),
}

impl Divergence {
    /// Whether the live rows are wrong; otherwise it only keeps them from being compared wholly.
    pub const fn is_damage(&self) -> bool {
        match self {
            Self::NotMade | Self::OtherVersion | Self::Unsteady | Self::Parked { .. } => false,
            Self::Beyond
            | Self::Table { .. }
            | Self::Refused { .. }
            | Self::Row { .. }
            | Self::Rows { .. } => true,
        }
    }
}

impl fmt::Display for Divergence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotMade => f.write_str("its tables have not been made"),
            Self::OtherVersion => f.write_str("it is made by another version of the program: not compared"),
            Self::Unsteady => f.write_str("its generations were swapped all the time: not compared"),
            Self::Beyond => f.write_str("its checkpoint is beyond the end of the log"),
            Self::Parked { stream } => write!(f, "stream {stream} is parked"),
            Self::Table { table } => write!(f, "table {table} cannot be read"),
            Self::Refused { position, stream } => {
                write!(f, "the fold refuses the event at {position} of stream {stream}")
            }
            Self::Row { table, key, how } => write!(f, "table {table}, row {key}: {how}"),
            Self::Rows { table, count } => write!(f, "table {table}: {count} further rows differ"),
        }
    }
}

impl fmt::Display for RowFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("missing"),
            Self::Surplus => f.write_str("nothing in the log makes it"),
            Self::Differs(columns) => write!(f, "differs in {}", columns.join(", ")),
        }
    }
}

/// Compares the live generation of `model` with a fresh fold. `told` hears now and then how many events are folded.
///
/// `client` is a connection of the caller's that does nothing else meanwhile; `snapshot` says whether this begins and
/// ends transactions on it, or is already within one that shows what is to be compared.
pub async fn compare_with_log(
    client: &Client,
    model: &dyn ReadModel,
    skips: &Skips,
    snapshot: Snapshot,
    mut told: impl FnMut(Position, Position) + Send,
) -> Result<Compared, EngineError> {
    let layouts: Vec<Layout> = model.tables().iter().map(Layout::of).collect();
    let mut compared = Compared {
        name: model.name(),
        generation: 0,
        position: 0,
        events: 0,
        rows: 0,
        findings: Findings::default(),
    };
    let mut kept = Kept {
        layouts: &layouts,
        digests: Vec::new(),
    };
    kept.restart();
    let live = match live::look(client, model, snapshot, &mut kept).await? {
        Look::At(live) => live,
        Look::Nothing(divergence) => {
            compared.findings.add(divergence);
            return Ok(compared);
        }
    };
    let mut digests = kept.digests;
    note(&mut compared, &live);
    if eventlog::last_position(client).await? < live.position {
        compared.findings.add(Divergence::Beyond);
        return Ok(compared);
    }
    for table in &mut digests {
        compared.rows += table.len() as u64;
        let unsorted = std::mem::take(table);
        // Sorting millions takes a while.
        *table = tokio::task::spawn_blocking(|| unsorted.sorted())
            .await
            .map_err(|_| EngineError::Interrupted)?;
    }
    let mut strike = |table: usize, row: &[u8]| digests[table].strike(row, &layouts[table]);
    let folded = fresh::fold(client, model, skips, &live, &mut strike, &mut told).await?;
    compared.events = folded.events;
    for (position, stream) in folded.refused {
        compared.findings.add(Divergence::Refused { position, stream });
    }
    let wanted = Wanted::of(&digests);
    drop(digests);
    if wanted.is_any() {
        detail::explain(
            client,
            model,
            skips,
            snapshot,
            &layouts,
            wanted,
            &mut compared.findings,
        )
        .await?;
    }
    Ok(compared)
}

/// The live rows, as digests.
struct Kept<'a> {
    layouts: &'a [Layout],
    digests: Vec<Digests>,
}

impl Rows for Kept<'_> {
    fn restart(&mut self) {
        self.digests = self.layouts.iter().map(|_| Digests::default()).collect();
    }

    fn row(&mut self, table: usize, row: &[u8]) {
        self.digests[table].add(row, &self.layouts[table]);
    }
}

fn note(compared: &mut Compared, live: &Live) {
    compared.generation = live.generation;
    compared.position = live.position;
    for table in &live.unreadable {
        compared.findings.add(Divergence::Table { table });
    }
    for stream in live.parked.keys() {
        compared.findings.add(Divergence::Parked { stream: *stream });
    }
}
