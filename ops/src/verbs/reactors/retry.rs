//! `informejo reactors retry`

use clap::Args;
use reactors::Operations;
use serde_json::json;
use uuid::Uuid;

use super::with_reactors;
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Try again what was given up, as if it were new
///
/// The running program does it within a second.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo reactors retry --id 0192d3a0-0000-7000-8000-000000000001\n  \
                        informejo reactors retry --all")]
pub(super) struct Retry {
    /// The reactor
    #[arg(default_value = "mail")]
    name: String,
    /// One delivery, as `status` shows it
    #[arg(long, required_unless_present = "all")]
    id: Option<Uuid>,
    /// All of them
    #[arg(long, conflicts_with = "id")]
    all: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Retry {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let (name, id) = (self.name, self.id);
        let retried = with_reactors(self.flags, async |operations: Operations| {
            let retried = operations.retry(&name, id).await;
            retried.map_err(VerbError::failed("having it tried again"))
        })
        .await?;
        let retried = retried.ok_or_else(|| VerbError::Refused(format!("there is no reactor {name}")))?;
        if self.json {
            cli::answer(&json!({ "name": name, "retried": retried }).to_string())?;
        } else {
            cli::answer(&format!("{name}: {retried} to be tried again."))?;
        }
        match id {
            Some(id) if retried == 0 => Err(VerbError::Refused(format!("delivery {id} is not parked"))),
            _ => Ok(()),
        }
    }
}
