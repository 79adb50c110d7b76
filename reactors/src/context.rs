//! What is known when a mail is made.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use deadpool_postgres::Pool;
use domain::time::Clock;
use eventlog::EventLog;
use identity::Identity;
use lettre::message::Mailbox;
use projections::people::Directory;

/// Everything that a mail is made of. A cheap handle.
#[derive(Clone)]
pub struct Context {
    /// Where events are read.
    pub log: EventLog,
    /// For queries of read models.
    pub pool: Pool,
    /// Everybody.
    pub directory: Directory,
    /// Who makes links and codes, and knows whose an address is.
    pub identity: Identity,
    /// The program's clock.
    pub clock: Arc<dyn Clock>,
    /// Where people reach the help desk, without a slash at its end.
    pub app_url: String,
    /// Who mails are from.
    pub from: Mailbox,
    /// How long a guest's link is good.
    pub guest_link_valid: Duration,
}

impl fmt::Debug for Context {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Context").finish_non_exhaustive()
    }
}

impl Context {
    /// The present time, as mails state it.
    pub fn now(&self) -> SystemTime {
        identity::to_sql(self.clock.now())
    }
}
