//! The record as auditors' verbs read it: the log, what people are called, and a note of each reading.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use domain::access::What;
use domain::ids::{AccountId, TicketId};
use domain::{Account, Clock, Moment};
use eventlog::{EventLog, Position};
use projections::Engine;
use projections::history::History;
use projections::people::Directory;
use tokio::time::{Instant, sleep};
use tokio_postgres::Config;
use wire::People;

use super::opened;
use crate::cli::{self, VerbError};
use crate::clock::SystemClock;
use crate::config::DatabaseFlags;

/// How long to wait until read models have come to where they must be.
const WAIT: Duration = Duration::from_secs(10);
/// How often to look.
const LOOK_EVERY: Duration = Duration::from_millis(50);

/// An open record.
pub(super) struct Record {
    pub(super) log: EventLog,
    pub(super) pool: Pool,
    engine: Engine,
    directory: Directory,
}

impl People for Record {
    fn person(&self, id: AccountId) -> Option<Arc<Account>> {
        self.directory.get(id)
    }
}

impl Record {
    /// Reads in the record of the database, and closes it however that went.
    pub(super) async fn with<T>(
        flags: DatabaseFlags,
        work: impl AsyncFnOnce(&Self) -> Result<T, VerbError>,
    ) -> Result<T, VerbError> {
        let settings = cli::settings(flags)?;
        opened::with_existing(&settings, async |config, log, pool| {
            let record = Self::open(config, log, pool).await?;
            work(&record).await
        })
        .await
    }

    async fn open(config: &Config, log: &EventLog, pool: &Pool) -> Result<Self, VerbError> {
        let engine = Engine::new(log.clone(), config);
        engine
            .prepare()
            .await
            .map_err(VerbError::failed("preparing the read models"))?;
        let directory = Directory::start(log, pool)
            .await
            .map_err(VerbError::failed("loading the directory"))?;
        let head = *log.head_watch().borrow();
        directory
            .wait_for(head, WAIT)
            .await
            .map_err(VerbError::failed("loading the directory"))?;
        Ok(Self {
            log: log.clone(),
            pool: pool.clone(),
            engine,
            directory,
        })
    }

    /// How far the log had come at a moment; now, if none is given.
    pub(super) async fn position_of(&self, moment: Option<Moment>) -> Result<Position, VerbError> {
        let failed = || VerbError::failed("reading the log");
        let head = self.log.head().await.map_err(failed())?.position;
        match moment {
            None => Ok(head),
            Some(Moment::Position(position)) if position <= head => Ok(position),
            Some(Moment::Time(time)) if time <= SystemClock.now() => {
                self.log.position_at(time).await.map_err(failed())
            }
            Some(future) => Err(VerbError::CannotRun(format!("{future} is in the future"))),
        }
    }

    /// Notes in the log what is about to be shown; what cannot be noted is not shown.
    pub(super) async fn accessed(
        &self,
        what: What,
        ticket: Option<TicketId>,
        detail: &str,
    ) -> Result<(), VerbError> {
        opened::record(&self.log, what, ticket, Some(detail)).await
    }

    /// Waits until the read model of what was has come to `position`.
    pub(super) async fn remembered(&self, position: Position) -> Result<(), VerbError> {
        let deadline = Instant::now() + WAIT;
        loop {
            let stored = self.engine.status().await;
            let stored = stored.map_err(VerbError::failed("reading the status of the read models"))?;
            let history = stored.iter().find(|status| status.name == History::NAME);
            let applied = history.map_or(0, |status| status.position);
            if applied >= position {
                return Ok(());
            }
            if Instant::now() > deadline {
                return Err(VerbError::CannotRun(format!(
                    "the read model {} is at position {applied}, not yet at {position}; is `informejo serve` running?",
                    History::NAME
                )));
            }
            sleep(LOOK_EVERY).await;
        }
    }
}
