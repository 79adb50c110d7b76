//! `informejo reactors …`: what operators do with what happens outside the database, such as mail.

mod retry;
mod status;

use std::sync::Arc;

use clap::{Args, Subcommand};
use reactors::{Operations, Outbox};

use crate::cli::{self, VerbError};
use crate::clock::{OsEntropy, SystemClock};
use crate::config::DatabaseFlags;
use crate::database;

/// Connections that these verbs need.
const POOL_SIZE: usize = 2;

/// Look at what happens outside the database (mail), and try again what was given up
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo reactors status\n  \
                        informejo reactors retry --all")]
pub struct Reactors {
    #[command(subcommand)]
    verb: ReactorsVerb,
}

#[derive(Debug, Subcommand)]
enum ReactorsVerb {
    Status(status::Status),
    Retry(retry::Retry),
}

impl Reactors {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        match self.verb {
            ReactorsVerb::Status(verb) => verb.run().await,
            ReactorsVerb::Retry(verb) => verb.run().await,
        }
    }
}

/// Does something with the reactors of the database.
async fn with_reactors<T>(
    flags: DatabaseFlags,
    work: impl AsyncFnOnce(Operations) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    let settings = cli::settings(flags)?;
    database::must_exist(&settings)?;
    database::with(&settings, async |config| {
        let pool =
            eventlog::pool(config, POOL_SIZE).map_err(VerbError::failed("making the connection pool"))?;
        work(Outbox::new(pool, Arc::new(SystemClock), Arc::new(OsEntropy)).operations()).await
    })
    .await
}
