//! The read model `tickets`: every ticket with its comments and attachments, and how many there are of each kind.

mod apply;
mod counts;
mod fold;
mod list;
mod matching;
mod query;
mod rows;
mod sort;
mod tables;
mod tallies;

pub use counts::{Count, Scope, Totals, counts, totals};
pub(crate) use fold::{Folded, signed, step};
pub use list::{AssigneeFilter, Filter, LIST_LIMIT_MAX, Page, Wanted, list};
pub(crate) use list::{Query, page};
pub use matching::{Letters, Matcher, SmallTitle};
pub use query::{TicketRow, attachment, attachments, comments, get};
pub(crate) use query::{some, texts, ticket_row};
pub use sort::{Cursor, NotACursor, Sort};
pub use tallies::{ListReader, ListTallies, ListTally};

use std::sync::Arc;

use eventlog::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::engine::{ApplyError, Fold, ReadModel, Session, Skips, Table, Write};

/// The read model itself.
#[derive(Clone, Copy, Debug)]
pub struct Tickets;

impl ReadModel for Tickets {
    fn name(&self) -> &'static str {
        "tickets"
    }

    fn version(&self) -> i32 {
        2
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
