//! `informejo projections parked`, `retry` and `skip`: streams that wait because an event of theirs cannot be applied.

use std::sync::Arc;

use api::operations::{self, SkipError};
use clap::Args;
use commands::{Cause, Commands, Origin};
use domain::Actor;
use domain::ids::uuid_v7;
use domain::text::Note;
use projections::Engine;
use projections::engine::ParkedStream;
use serde_json::{Value, json};
use uuid::Uuid;

use super::status::{parked_json, parked_line};
use super::{failed, read_models, with_engine};
use crate::cli::{self, VerbError};
use crate::clock::{OsEntropy, SystemClock};
use crate::config::DatabaseFlags;

/// List the streams that wait, with the event that could not be applied, the error, and since when
///
/// Ends with exit code 1 if there are any.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections parked\n  \
                        informejo projections parked tickets --json")]
pub(super) struct Parked {
    /// Only of this read model
    #[arg(value_parser = read_models())]
    name: Option<String>,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Apply what a parked stream has missed, in order, and let it go on
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  informejo projections retry tickets 0192d3a0-0000-7000-8000-000000000001"
)]
pub(super) struct Retry {
    /// The read model
    #[arg(value_parser = read_models())]
    name: String,
    /// The stream, as `parked` shows it
    stream: Uuid,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Pass over the event at which a stream is parked, in this and every later build of the read model
///
/// The event stays in the log and in its ticket's history; only the read model is made as if it had no effect. Who did
/// it, and why, is recorded in the log as an event of its own. There is no way back.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  informejo projections skip tickets 0192d3a0-0000-7000-8000-000000000001 \\\n    \
                  --reason 'written by the import of March, which wrote titles as numbers'"
)]
pub(super) struct Skip {
    /// The read model
    #[arg(value_parser = read_models())]
    name: String,
    /// The stream, as `parked` shows it
    stream: Uuid,
    /// Why; recorded in the log
    #[arg(long, value_parser = reason)]
    reason: Note,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

fn reason(text: &str) -> Result<Note, String> {
    Note::parse(text).map_err(|error| error.to_string())
}

impl Parked {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self { name, json, flags } = self;
        let read = async |engine: Engine| engine.status().await.map_err(failed("reading what is parked"));
        let mut statuses = with_engine(flags, read).await?;
        statuses.retain(|status| name.as_ref().is_none_or(|name| *name == status.name));
        let all: Vec<(&str, &ParkedStream)> = statuses
            .iter()
            .flat_map(|status| status.parked.iter().map(|parked| (&*status.name, parked)))
            .collect();
        if json {
            let parked: Vec<Value> = all
                .iter()
                .map(|(name, parked)| {
                    let mut value = parked_json(parked);
                    value["projection"] = json!(name);
                    value
                })
                .collect();
            cli::answer(&json!({ "parked": parked }).to_string())?;
        } else if all.is_empty() {
            cli::answer("Nothing is parked.")?;
        } else {
            let lines: Vec<String> = all
                .iter()
                .map(|(name, parked)| format!("{name}: {}", parked_line(parked)))
                .collect();
            cli::answer(&lines.join("\n"))?;
        }
        match all.len() {
            0 => Ok(()),
            1 => Err(VerbError::Refused("a stream is parked".to_owned())),
            streams => Err(VerbError::Refused(format!("{streams} streams are parked"))),
        }
    }
}

impl Retry {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self {
            name,
            stream,
            json,
            flags,
        } = self;
        let retried = with_engine(flags, async |engine: Engine| {
            engine
                .retry(&name, stream)
                .await
                .map_err(failed("applying the parked stream"))
        })
        .await?;
        if json {
            let answer = json!({
                "name": name, "stream": stream, "applied": retried.applied, "parkedAt": retried.parked_at,
            });
            cli::answer(&answer.to_string())?;
        } else {
            let applied = retried.applied;
            cli::answer(&format!("{name}: applied {applied} events of stream {stream}."))?;
        }
        goes_on(stream, retried.parked_at)
    }
}

impl Skip {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self {
            name,
            stream,
            reason,
            json,
            flags,
        } = self;
        let skipped = with_engine(flags, async |engine: Engine| {
            let (clock, entropy) = (Arc::new(SystemClock), Arc::new(OsEntropy));
            let commands = Commands::new(engine.log().clone(), clock.clone(), entropy.clone());
            let correlation_id = uuid_v7(&*clock, &*entropy);
            let cause = Cause::once(Origin::CommandLine, correlation_id, &*clock, &*entropy);
            let by = (&Actor::System("projections-skip"), &cause);
            operations::skip(&commands, &engine, by, &name, stream, reason)
                .await
                .map_err(|error| match error {
                    SkipError::Engine(error) => failed("skipping the event")(error),
                    SkipError::Command(error) => VerbError::failed("recording the decision")(error),
                })
        })
        .await?;
        let event = &skipped.event;
        if json {
            let answer = json!({
                "name": name, "stream": stream, "skipped": parked_json(event), "parkedAt": skipped.parked_at,
            });
            cli::answer(&answer.to_string())?;
        } else {
            cli::answer(&format!(
                "{name}: event {} of stream {stream} ({}, position {}) is passed over from now on.",
                event.version, event.event_type, event.position
            ))?;
        }
        goes_on(stream, skipped.parked_at)
    }
}

fn goes_on(stream: Uuid, parked_at: Option<i64>) -> Result<(), VerbError> {
    match parked_at {
        None => Ok(()),
        Some(version) => Err(VerbError::Refused(format!(
            "stream {stream} is parked again at its event {version}, which cannot be applied either"
        ))),
    }
}
