//! What verbs of auditors need of a help desk: its database as it is, and the log on it.

use std::sync::Arc;

use eventlog::EventLog;
use tokio_postgres::Config;

use crate::cli::VerbError;
use crate::clock::SystemClock;
use crate::config::{Database, Settings};
use crate::database;

/// Connections that these verbs need.
const POOL_SIZE: usize = 2;

/// Does something with the log of a database that is there already, beside whoever uses it.
pub(super) async fn with_log<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&Config, EventLog) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    if let Database::Embedded { dir, .. } = &settings.database
        && dir.join("data").try_exists().is_ok_and(|exists| !exists)
    {
        let dir = dir.display();
        return Err(VerbError::CannotRun(format!(
            "there is no database in {dir}; `informejo serve` makes one"
        )));
    }
    database::with(settings, async |config| {
        let pool =
            eventlog::pool(config, POOL_SIZE).map_err(VerbError::failed("making the connection pool"))?;
        let log = EventLog::open(
            pool,
            config.clone(),
            Arc::new(SystemClock),
            eventlog::Options::default(),
        )
        .await
        .map_err(VerbError::failed("opening the log"))?;
        let outcome = work(config, log.clone()).await;
        log.close().await;
        outcome
    })
    .await
}
