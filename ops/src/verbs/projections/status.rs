//! `informejo projections status`

use clap::Args;
use projections::Engine;
use projections::engine::{BuildStatus, ParkedStream, StoredStatus};
use serde_json::{Value, json};

use super::{different, failed, with_engine};
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Show how each read model is, how far it has come, who applies events to it, and what is parked
///
/// Ends with exit code 1 if somebody has to do something: a read model is dead or failing, or a stream is parked.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections status\n  \
                        informejo projections list\n  \
                        informejo projections status --json | jq '.projections[] | {name, health, lagSeconds}'")]
pub(super) struct Status {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Status {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let read = async |engine: Engine| engine.status().await.map_err(failed("reading the status"));
        let statuses = with_engine(self.flags, read).await?;
        if self.json {
            let projections: Vec<Value> = statuses.iter().map(as_json).collect();
            cli::answer(&json!({ "projections": projections }).to_string())?;
        } else {
            cli::answer(&as_table(&statuses))?;
        }
        let ill: Vec<String> = statuses
            .iter()
            .filter(|status| status.health.needs_somebody())
            .map(|status| format!("{} is {}", status.name, status.health))
            .collect();
        if ill.is_empty() {
            return Ok(());
        }
        Err(VerbError::Refused(ill.join(", ")))
    }
}

fn as_json(status: &StoredStatus) -> Value {
    let parked: Vec<Value> = status.parked.iter().map(parked_json).collect();
    json!({
        "name": status.name, "health": status.health.as_str(), "colour": status.health.colour(),
        "generation": status.generation, "version": status.version, "position": status.position,
        "head": status.head, "lag": status.lag, "lagSeconds": status.lag_seconds, "rate": status.rate,
        "owner": status.owner, "silentSeconds": status.silent_seconds, "parked": parked,
        "lastError": status.last_error.as_ref().map(|error| json!({ "text": error.text, "at": error.at })),
        "previous": status.previous.as_ref().map(|previous| json!({
            "generation": previous.generation, "version": previous.version, "position": previous.position,
            "owner": previous.owner, "keptCurrent": previous.owner.is_some(),
        })),
        "build": status.build.as_ref().map(|build| json!({
            "generation": build.generation, "different": build.different, "running": build.running,
            "phase": build.phase, "position": build.position, "target": build.target, "rate": build.rate,
            "secondsLeft": build.seconds_left, "begun": build.begun,
            "differences": build.comparison.as_ref().map(different::as_json),
        })),
    })
}

pub(super) fn parked_json(parked: &ParkedStream) -> Value {
    json!({
        "stream": parked.stream, "category": parked.category, "version": parked.version,
        "position": parked.position, "type": parked.event_type, "error": parked.error,
        "since": parked.since,
    })
}

pub(super) fn parked_line(parked: &ParkedStream) -> String {
    format!(
        "parked since {}: stream {} at its event {} ({}, position {}): {}",
        parked.since, parked.stream, parked.version, parked.event_type, parked.position, parked.error
    )
}

fn as_table(statuses: &[StoredStatus]) -> String {
    let mut lines = vec![format!(
        "{:<10} {:<8} {:>10} {:>10} {:>10} {:>8} {:>9} {:>8} {:>6}  {}",
        "name", "health", "generation", "position", "head", "lag", "seconds", "rate", "parked", "run by"
    )];
    for status in statuses {
        lines.push(format!(
            "{:<10} {:<8} {:>10} {:>10} {:>10} {:>8} {:>9.1} {:>8.0} {:>6}  {}",
            status.name,
            status.health.as_str(),
            status.generation,
            status.position,
            status.head,
            status.lag,
            status.lag_seconds,
            status.rate,
            status.parked.len(),
            status.owner.as_deref().unwrap_or("nobody")
        ));
        lines.extend(details(status).into_iter().map(|line| format!("  {line}")));
    }
    lines.join("\n")
}

fn details(status: &StoredStatus) -> Vec<String> {
    let mut lines = Vec::new();
    if status.health.is_red() {
        let silent = status.silent_seconds;
        lines.push(format!("nothing has been applied for {silent:.0} s"));
    }
    if let Some(error) = &status.last_error {
        lines.push(format!("last error at {}: {}", error.at, error.text));
    }
    if let Some(previous) = &status.previous {
        let kept = previous.owner.as_deref().map_or_else(
            || "stands still: no program of its version keeps it current now".to_owned(),
            |owner| format!("kept current by {owner}"),
        );
        lines.push(format!(
            "generation {} (version {}) is kept at position {}, {kept}",
            previous.generation, previous.version, previous.position
        ));
    }
    lines.extend(status.build.as_ref().map(|build| build_line(&status.name, build)));
    lines.extend(status.parked.iter().map(parked_line));
    lines
}

fn build_line(name: &str, build: &BuildStatus) -> String {
    let generation = build.generation;
    if build.different {
        return format!(
            "generation {generation} differs from the live one: look with --json, then \
             `projections rebuild {name} --accept-diff` or `projections abort {name}`"
        );
    }
    if !build.running {
        return format!(
            "generation {generation} was left in the middle ({}): `projections rebuild {name}` goes on with it",
            build.phase
        );
    }
    let left = build
        .seconds_left
        .map_or_else(String::new, |left| format!(", {left:.0} s left"));
    format!(
        "generation {generation} is being made ({}): {} of {} events, {:.0}/s{left}",
        build.phase, build.position, build.target, build.rate
    )
}
