//! `informejo migrate`: bring the database's durable schemas up to date.

use clap::Args;
use serde_json::json;

use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;
use crate::database;

/// Bring the database up to date (`serve` does so by itself)
///
/// Applies the migrations that the database has not had. Doing it twice, or in several programs at once, does no harm.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  informejo migrate\n  DATABASE_URL=postgresql://localhost/informejo informejo migrate --json"
)]
pub struct Migrate {
    /// Answer as JSON, such as `{"applied": ["V1__log"]}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Migrate {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        let applied = database::with(&settings, async |config| {
            database::with_client(config, async |client| {
                eventlog::migrate(client)
                    .await
                    .map_err(VerbError::failed("migrating the database"))
            })
            .await
        })
        .await?;
        if self.json {
            return cli::answer(&json!({ "applied": applied }).to_string());
        }
        if applied.is_empty() {
            return cli::answer("The database was up to date.");
        }
        cli::answer(&format!("Applied {}.", applied.join(", ")))
    }
}
