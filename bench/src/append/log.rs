//! The house's own log, with every guarantee on.

use std::sync::Arc;
use std::time::Duration;

use eventlog::{EventLog, Options};
use ops::clock::SystemClock;
use tokio_postgres::Config;

use crate::load::{self, Sample, Worker};
use crate::outcome::Outcome;
use crate::tickets::Tickets;

struct Appending {
    log: EventLog,
    tickets: Tickets,
}

impl Worker for Appending {
    async fn once(&mut self) -> Outcome<()> {
        let appended = self.log.append(self.tickets.append()?).await?;
        assert!(!appended.duplicate, "a new command was taken for an old one");
        Ok(())
    }
}

pub(super) async fn measure(database: &Config, in_flight: usize, time: Duration) -> Outcome<Sample> {
    let log = open(database).await?;
    let workers = (0..in_flight).map(|_| Appending {
        log: log.clone(),
        tickets: Tickets::new(),
    });
    let sample = load::run(workers, time).await?;
    log.close().await;
    Ok(sample)
}

/// The log as the server opens it; but whoever waits, waits until it is done, so that a slow moment of the disk is
/// counted and does not end the measurement.
async fn open(database: &Config) -> Outcome<EventLog> {
    let options = Options {
        append_wait: Duration::from_mins(1),
        ..Options::default()
    };
    let pool = eventlog::pool(database, 4)?;
    Ok(EventLog::open(pool, database.clone(), Arc::new(SystemClock), options).await?)
}
