//! The read model `search`: the words of every title, description, comment and file name, and what they find.
//!
//! - `words`, `vector`, `eras` and `vocabulary` make of a text what is stored; `said`, `apply` and `fold` are the read model.
//! - `ask` is the search: `question` is what is asked, `find` where it is, `rank` what comes first, `meant` (by `likeness`)
//!   what may have been meant, `snippet` how it is shown.
//!
//! Whoever may read everything searches by the indexes of words. Whoever may not searches their own texts one by one, so
//! that neither what is found nor how long it takes depends on anything that they may not know of.

mod apply;
mod ask;
mod eras;
mod find;
mod fold;
mod likeness;
mod meant;
mod question;
mod rank;
mod said;
mod snippet;
mod tables;
mod vector;
mod vocabulary;
mod words;

pub use ask::{Found, FoundTicket, Match, SEARCH_LIMIT_MAX, Wanted, search};
pub use question::Question;
pub use rank::{NotARank, Rank};
pub use said::Reader;
pub use snippet::{Segment, Snippet};

use std::sync::Arc;

use eventlog::RecordedEvent;
use futures::FutureExt;
use futures::future::BoxFuture;

use crate::engine::{ApplyError, Fold, ReadModel, Session, Skips, Table, Write};

/// The read model itself.
#[derive(Clone, Copy, Debug)]
pub struct Search;

impl Search {
    /// Its name.
    pub const NAME: &'static str = "search";
}

impl ReadModel for Search {
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
