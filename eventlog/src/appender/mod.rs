//! The appender: one task, one connection, and every append of this process in the order in which it came.

mod run;
mod session;

use std::sync::Arc;
use std::time::Duration;

use domain::time::Clock;
use tokio::sync::{Mutex, mpsc};
use tokio_postgres::Config;

use crate::connection::{SessionLimits, limited};
use crate::entry::Entry;
use crate::shared::Shared;

/// First and longest pause between two attempts to reach the database.
pub(crate) const BACKOFF_MIN: Duration = Duration::from_millis(50);
pub(crate) const BACKOFF_MAX: Duration = Duration::from_secs(1);

/// The appender holds the lock that all others wait for, so it may not sit on it: a process that is stopped between
/// two statements loses it after two seconds.
const LIMITS: SessionLimits = SessionLimits {
    statement_ms: 5_000,
    lock_ms: 3_000,
    idle_in_transaction_ms: 2_000,
};

/// What the appender needs for its work; outlives a panic of the task that does it.
#[derive(Clone)]
pub(crate) struct Appender {
    commands: Arc<Mutex<mpsc::Receiver<Entry>>>,
    connect: Config,
    clock: Arc<dyn Clock>,
    shared: Arc<Shared>,
}

impl Appender {
    pub(crate) fn new(
        commands: mpsc::Receiver<Entry>,
        connect: &Config,
        clock: Arc<dyn Clock>,
        shared: Arc<Shared>,
    ) -> Self {
        Self {
            commands: Arc::new(Mutex::new(commands)),
            connect: limited(connect, LIMITS),
            clock,
            shared,
        }
    }

    /// Appends until the log is closed and everything that waits is settled. If the task that does it panics, its
    /// callers are told that the outcome is unknown, and another task goes on.
    pub(crate) async fn supervise(self) {
        while let Err(failure) = tokio::spawn(run::run(self.clone())).await {
            if !failure.is_panic() {
                return; // the runtime is shutting down
            }
            tracing::error!("the appender failed and is started again");
            tokio::time::sleep(BACKOFF_MIN).await;
        }
    }
}

/// The pause after one of `pause`.
pub(crate) fn longer(pause: Duration) -> Duration {
    (pause * 2).min(BACKOFF_MAX)
}
