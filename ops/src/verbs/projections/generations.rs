//! `informejo projections abort`, `rollback` and `drop-old`: what becomes of generations that are not the live one.

use clap::Args;
use projections::Engine;
use serde_json::json;

use super::{failed, read_models, with_engine};
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Which read model, and how to answer.
#[derive(Debug, Args)]
struct Which {
    /// The read model
    #[arg(value_parser = read_models())]
    name: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Stop a rebuild wherever it runs, and remove what it has made
///
/// Also for one that was killed, and for one that waits because it differs. The live generation is not touched.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  informejo projections abort tickets")]
pub(super) struct Abort {
    #[command(flatten)]
    which: Which,
}

/// Make the generation before the live one live again, at once
///
/// It has been kept current, so readers notice nothing. The one that is left is kept in its turn: a second rollback goes
/// back to it. Only a program of the version that made a generation can go back to it.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  informejo projections rollback tickets")]
pub(super) struct Rollback {
    #[command(flatten)]
    which: Which,
}

/// Give up the generation before the live one, and the work of keeping it current
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  informejo projections drop-old tickets")]
pub(super) struct DropOld {
    #[command(flatten)]
    which: Which,
}

impl Abort {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Which { name, json, flags } = self.which;
        let known = with_engine(flags, async |engine: Engine| {
            engine.abort(&name).await.map_err(failed("aborting the rebuild"))
        })
        .await?;
        if !known {
            return Err(VerbError::Refused(format!(
                "{name} is not being rebuilt, and nothing of a rebuild is left"
            )));
        }
        if json {
            return cli::answer(&json!({ "name": name, "aborted": true }).to_string());
        }
        cli::answer(&format!(
            "{name}: the rebuild is aborted and what it had made is gone."
        ))
    }
}

impl Rollback {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Which { name, json, flags } = self.which;
        let back = with_engine(flags, async |engine: Engine| {
            engine.rollback(&name).await.map_err(failed("going back"))
        })
        .await?;
        let held = back.held.as_secs_f64() * 1_000.0;
        if json {
            let answer = json!({
                "name": name, "generation": back.generation, "position": back.position, "heldMs": held,
            });
            return cli::answer(&answer.to_string());
        }
        cli::answer(&format!(
            "{name}: generation {} is live again at position {}. The one before stood still for {held:.1} ms, and is kept.",
            back.generation, back.position
        ))
    }
}

impl DropOld {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Which { name, json, flags } = self.which;
        let known = with_engine(flags, async |engine: Engine| {
            engine
                .drop_old(&name)
                .await
                .map_err(failed("dropping the generation"))
        })
        .await?;
        if !known {
            return Err(VerbError::Refused(format!(
                "no other generation of {name} is kept"
            )));
        }
        if json {
            return cli::answer(&json!({ "name": name, "dropped": true }).to_string());
        }
        cli::answer(&format!("{name}: the generation before the live one is gone."))
    }
}
