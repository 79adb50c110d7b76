//! The read model `people`: every account and the person who owns it; and all of them in memory ([`Directory`]).

mod apply;
mod directory;
mod fold;
mod query;
mod tables;

pub use directory::{Change, Directory};
pub use query::{
    Cursor, Filter, LIST_LIMIT_MAX, NotACursor, Order, Page, PersonRow, find_by_email, get, list,
};

use std::sync::Arc;

use eventlog::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::engine::{ApplyError, Fold, ReadModel, Session, Skips, Table, Write};

/// The read model itself.
#[derive(Clone, Copy, Debug)]
pub struct People;

impl ReadModel for People {
    fn name(&self) -> &'static str {
        "people"
    }

    fn version(&self) -> i32 {
        2
    }

    fn categories(&self) -> &'static [&'static str] {
        &["account"]
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
