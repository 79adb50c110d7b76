//! The read model `history`: how every ticket was at every position, for lists and figures as of a moment; and, from the
//! log itself, one ticket as of a moment and event by event ([`Stream`]).

mod apply;
mod desk;
mod figures;
mod fold;
mod highs;
mod life;
mod list;
mod rows;
mod stream;
mod tables;

pub use desk::{DIFFERENCES_LIMIT_MAX, Difference, Differences, differences};
pub use figures::{Figures, Whose, figures};
pub use list::{AsOf, list};
pub use stream::{ADDITIONS_MAX, Between, Recorded, Stream, StreamError, TicketAsOf};

use std::sync::Arc;

use eventlog::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::engine::{ApplyError, Fold, ReadModel, Session, Skips, Table, Write};

/// The read model itself.
#[derive(Clone, Copy, Debug)]
pub struct History;

impl History {
    /// Its name.
    pub const NAME: &'static str = "history";
}

impl ReadModel for History {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn version(&self) -> i32 {
        1
    }

    fn categories(&self) -> &'static [&'static str] {
        &["ticket"]
    }

    fn tables(&self) -> &'static [Table] {
        tables::TABLES
    }

    fn apply<'a>(
        &'a self,
        rows: &'a Session,
        batch: &'a [Arc<RecordedEvent>],
        skips: &'a Skips,
    ) -> BoxFuture<'a, Result<Vec<Write>, ApplyError>> {
        apply::apply(rows, batch, skips).boxed()
    }

    fn fold(&self) -> Box<dyn Fold> {
        Box::new(fold::Bulk::default())
    }
}
