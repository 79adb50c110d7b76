//! What the log counts while it works, for whoever watches. The meters are handed in by whoever opens the log; the
//! default ones count nothing and cost nothing.

use metrics::{Counter, Histogram};

use crate::append::{AppendError, Appended};

/// See above. What each is called outside is not known here.
#[derive(Clone, Debug)]
pub struct Meters {
    /// Commands whose events were appended.
    pub appends: Counter,
    /// Events that were appended.
    pub events: Counter,
    /// Events of each batch, which is one transaction.
    pub batch_events: Histogram,
    /// Seconds from the call to the answer, of each command that was appended.
    pub append_seconds: Histogram,
    /// Appends that were refused because somebody else was quicker.
    pub conflicts: Counter,
    /// Commands that were in the log already.
    pub duplicates: Counter,
    /// Appends without an answer in time.
    pub unavailable: Counter,
    /// Appends that the log cannot store.
    pub refused: Counter,
    /// Connections of the appender that were lost or could not be made.
    pub lost_connections: Counter,
}

impl Default for Meters {
    fn default() -> Self {
        Self {
            appends: Counter::noop(),
            events: Counter::noop(),
            batch_events: Histogram::noop(),
            append_seconds: Histogram::noop(),
            conflicts: Counter::noop(),
            duplicates: Counter::noop(),
            unavailable: Counter::noop(),
            refused: Counter::noop(),
            lost_connections: Counter::noop(),
        }
    }
}

impl Meters {
    /// Counts what became of an append that took `elapsed`.
    pub(crate) fn count(&self, outcome: &Result<Appended, AppendError>, elapsed: std::time::Duration) {
        match outcome {
            Ok(Appended { duplicate: true, .. }) => self.duplicates.increment(1),
            Ok(appended) => {
                self.appends.increment(1);
                self.events.increment(appended.events.len() as u64);
                self.append_seconds.record(elapsed);
            }
            Err(AppendError::Conflict { .. } | AppendError::CategoryChanged) => self.conflicts.increment(1),
            Err(AppendError::Unavailable(_)) => self.unavailable.increment(1),
            Err(AppendError::Refused(_)) => self.refused.increment(1),
            // At the end of the program; nobody watches any more.
            Err(AppendError::Closed) => {}
        }
    }
}
