//! `informejo reactors status`

use clap::Args;
use reactors::{Operations, Parked, ReactorStatus};
use serde_json::{Value, json};

use super::with_reactors;
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Show how far each reactor has read the log, what waits, and what was given up
///
/// Neither whom a mail is for nor what it says. Ends with exit code 1 if somebody has to do something: a delivery is
/// parked, or a reactor does not read on.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo reactors status\n  \
                        informejo reactors status --json | jq '.reactors[].parked[].error'")]
pub(super) struct Status {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Status {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let all = with_reactors(self.flags, read).await?;
        if self.json {
            let reactors: Vec<Value> = all.iter().map(as_json).collect();
            cli::answer(&json!({ "reactors": reactors }).to_string())?;
        } else if all.is_empty() {
            cli::answer("No reactor has run yet.")?;
        } else {
            let lines: Vec<String> = all.iter().flat_map(lines).collect();
            cli::answer(&lines.join("\n"))?;
        }
        let ill: Vec<String> = all.iter().filter_map(|(status, _)| ill(status)).collect();
        if ill.is_empty() {
            return Ok(());
        }
        Err(VerbError::Refused(ill.join(", ")))
    }
}

async fn read(operations: Operations) -> Result<Vec<(ReactorStatus, Vec<Parked>)>, VerbError> {
    let statuses = operations.status().await;
    let mut all = Vec::new();
    for status in statuses.map_err(VerbError::failed("reading the status"))? {
        let parked = operations.parked(&status.name).await;
        let parked = parked.map_err(VerbError::failed("reading what is parked"))?;
        all.push((status, parked.unwrap_or_default()));
    }
    Ok(all)
}

fn ill(status: &ReactorStatus) -> Option<String> {
    let name = &status.name;
    match (&status.last_error, status.parked) {
        (Some(_), _) => Some(format!("{name} does not read on")),
        (None, 0) => None,
        (None, 1) => Some(format!("{name}: a delivery is parked")),
        (None, parked) => Some(format!("{name}: {parked} deliveries are parked")),
    }
}

fn as_json((status, parked): &(ReactorStatus, Vec<Parked>)) -> Value {
    let parked: Vec<Value> = parked
        .iter()
        .map(|parked| {
            json!({
                "id": parked.id, "kind": parked.kind, "position": parked.position, "createdAt": parked.created_at,
                "parkedAt": parked.parked_at, "attempts": parked.attempts, "error": parked.error,
            })
        })
        .collect();
    json!({
        "name": status.name, "position": status.position, "movedAt": status.moved_at,
        "lastError": status.last_error, "waiting": status.waiting, "waitingSince": status.waiting_since,
        "parkedCount": status.parked, "parked": parked,
    })
}

fn lines((status, parked): &(ReactorStatus, Vec<Parked>)) -> Vec<String> {
    let since = status
        .waiting_since
        .map_or_else(String::new, |since| format!(" (since {since})"));
    let mut lines = vec![format!(
        "{}: has read up to position {} at {}; {} waiting{since}, {} parked",
        status.name, status.position, status.moved_at, status.waiting, status.parked
    )];
    let why = status.last_error.iter();
    lines.extend(why.map(|error| format!("  does not read on: {error}")));
    lines.extend(parked.iter().map(|parked| {
        format!(
            "  {} {}: parked at {} after {} tries: {}",
            parked.id, parked.kind, parked.parked_at, parked.attempts, parked.error
        )
    }));
    lines
}
