//! The log of a verb that shows what is in it, and the record of that.

use std::sync::Arc;

use commands::{Cause, Commands, Origin};
use deadpool_postgres::Pool;
use domain::Actor;
use domain::access::{RecordAccessed, What};
use domain::ids::{TicketId, uuid_v7};
use domain::limits::NOTE_CHARS_MAX;
use domain::text::Note;
use eventlog::EventLog;
use tokio_postgres::Config;

use crate::cli::VerbError;
use crate::clock::{OsEntropy, SystemClock};
use crate::config::Settings;
use crate::database;

/// Whoever reads on the command line is not known; the log says that it was done there.
const READER: Actor = Actor::System("audit");
/// Connections that such a verb needs for its queries.
const POOL_SIZE: usize = 3;

/// Does something with the log of a database that is there already, beside whoever uses it.
pub(super) async fn with_existing<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&Config, &EventLog, &Pool) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    database::must_exist(settings)?;
    database::with(settings, async |config| {
        with(config, async |log, pool| work(config, log, pool).await).await
    })
    .await
}

/// Opens the log, does something with it, and closes it however that went.
pub(super) async fn with<T>(
    config: &Config,
    work: impl AsyncFnOnce(&EventLog, &Pool) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    let pool = eventlog::pool(config, POOL_SIZE).map_err(VerbError::failed("making the connection pool"))?;
    let options = eventlog::Options::default();
    let log = EventLog::open(pool.clone(), config.clone(), Arc::new(SystemClock), options)
        .await
        .map_err(VerbError::failed("opening the log"))?;
    let outcome = work(&log, &pool).await;
    log.close().await;
    outcome
}

/// Records that somebody at the command line looks at something; to be called before it is shown.
pub(super) async fn record(
    log: &EventLog,
    what: What,
    ticket: Option<TicketId>,
    detail: Option<&str>,
) -> Result<(), VerbError> {
    let commands = Commands::new(log.clone(), Arc::new(SystemClock), Arc::new(OsEntropy));
    let correlation_id = uuid_v7(&SystemClock, &OsEntropy);
    let cause = Cause::once(Origin::CommandLine, correlation_id, &SystemClock, &OsEntropy);
    let accessed = RecordAccessed {
        what,
        ticket,
        detail: detail
            .map(|detail| detail.chars().take(NOTE_CHARS_MAX).collect::<String>())
            .and_then(|detail| Note::parse(&detail).ok()),
    };
    let recorded = commands.record_access(&READER, &cause, accessed).await;
    recorded
        .map(|_| ())
        .map_err(VerbError::failed("recording the access"))
}
