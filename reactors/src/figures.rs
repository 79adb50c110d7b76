//! How sending goes, as this program knows it without asking anybody.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use eventlog::Position;

use crate::operations::ReactorStatus;

/// What is counted. Shared by whoever counts and whoever shows.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    sent: AtomicU64,
    failures: AtomicU64,
    position: AtomicI64,
    waiting: AtomicI64,
    parked: AtomicI64,
}

/// How mail is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MailFigures {
    /// Mails that this program has handed over.
    pub sent: u64,
    /// Tries of this program that failed.
    pub failures: u64,
    /// How far the log has been read, as of a quarter of a minute ago at most while the database is there.
    pub position: Position,
    /// Deliveries that are still to be tried, likewise.
    pub waiting: i64,
    /// Deliveries that were given up, likewise.
    pub parked: i64,
}

impl Figures {
    pub(crate) fn count_sent(&self) {
        self.sent.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn count_failure(&self) {
        self.failures.fetch_add(1, Ordering::Relaxed);
    }

    /// What the database says.
    pub(crate) fn saw(&self, status: &ReactorStatus) {
        self.position.store(status.position, Ordering::Relaxed);
        self.waiting.store(status.waiting, Ordering::Relaxed);
        self.parked.store(status.parked, Ordering::Relaxed);
    }

    pub(crate) fn read(&self) -> MailFigures {
        MailFigures {
            sent: self.sent.load(Ordering::Relaxed),
            failures: self.failures.load(Ordering::Relaxed),
            position: self.position.load(Ordering::Relaxed),
            waiting: self.waiting.load(Ordering::Relaxed),
            parked: self.parked.load(Ordering::Relaxed),
        }
    }
}
