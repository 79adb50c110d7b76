//! The house's own log, with every guarantee on.

use std::time::Duration;

use eventlog::EventLog;
use tokio_postgres::Config;

use crate::database::open_log;
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
    let log = open_log(database).await?;
    let workers = (0..in_flight).map(|_| Appending {
        log: log.clone(),
        tickets: Tickets::new(),
    });
    let sample = load::run(workers, time).await?;
    log.close().await;
    Ok(sample)
}
