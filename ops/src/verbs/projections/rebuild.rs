//! `informejo projections rebuild`

use std::time::{Duration, Instant};

use clap::Args;
use projections::Engine;
use projections::engine::{Check, Comparison, Rebuilt};
use serde_json::json;

use super::progress::Teller;
use super::{different, failed, read_models, with_engine};
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;

/// Make the next generation of a read model beside the live one, compare the two, and swap them if they are equal
///
/// People go on reading and writing meanwhile. Until the swap nothing of the live generation is touched; a rebuild that
/// is broken off leaves it as it is, and the next one goes on where it was. If the two differ, it says in what, keeps
/// what it has made, and ends with exit code 1: accept it with `--accept-diff`, or remove it with `projections abort`.
/// The generation before is kept current, for a way back (`projections rollback`), until `projections drop-old`.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections rebuild tickets\n  \
                        informejo projections rebuild tickets --accept-diff\n  \
                        informejo projections rebuild people --json")]
pub(super) struct Rebuild {
    /// The read model
    #[arg(value_parser = read_models())]
    name: String,
    /// Swap also if the next generation differs from the live one
    #[arg(long)]
    accept_diff: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Rebuild {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let Self {
            name,
            accept_diff,
            json,
            flags,
        } = self;
        let began = Instant::now();
        let check = if accept_diff {
            Check::Accept
        } else {
            Check::Compare
        };
        let rebuilt = with_engine(flags, async |engine: Engine| {
            let mut teller = Teller::new(json);
            let rebuilt = engine
                .rebuild(&name, check, |progress| teller.tell(&progress))
                .await;
            teller.end();
            rebuilt.map_err(failed("rebuilding the read model"))
        })
        .await?;
        let seconds = began.elapsed().as_secs_f64();
        if json {
            cli::answer(&as_json(&name, &rebuilt, seconds))?;
        } else {
            cli::answer(&in_words(&name, &rebuilt, seconds))?;
        }
        if rebuilt.swapped.is_some() {
            return Ok(());
        }
        Err(VerbError::Refused(format!(
            "generation {} of {name} differs from the live one and waits: accept it with `--accept-diff`, or \
             remove it with `projections abort {name}`",
            rebuilt.generation
        )))
    }
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1_000.0
}

fn as_json(name: &str, rebuilt: &Rebuilt, seconds: f64) -> String {
    let different = rebuilt
        .comparison
        .as_ref()
        .filter(|comparison| !comparison.is_equal());
    json!({
        "name": name, "generation": rebuilt.generation, "position": rebuilt.position, "parked": rebuilt.parked,
        "sameAsBefore": rebuilt.comparison.as_ref().map(Comparison::is_equal),
        "differences": different.map(different::as_json), "swapped": rebuilt.swapped.is_some(),
        "heldMs": rebuilt.swapped.map(millis), "seconds": seconds,
    })
    .to_string()
}

fn in_words(name: &str, rebuilt: &Rebuilt, seconds: f64) -> String {
    let Rebuilt {
        generation,
        position,
        parked,
        comparison,
        swapped,
    } = rebuilt;
    let compared = match comparison {
        Some(comparison) if comparison.is_equal() => "the same as the one before",
        Some(_) => "DIFFERENT from the one before",
        None => "not compared with the one before, which is another version's",
    };
    let mut text = match swapped {
        Some(held) => format!(
            "{name}: generation {generation} is live at position {position}, {compared}, {parked} parked, \
             {seconds:.1} s. The live one stood still for {:.1} ms.",
            millis(*held)
        ),
        None => format!(
            "{name}: generation {generation} is made up to position {position}, {parked} parked, {seconds:.1} s."
        ),
    };
    if let Some(comparison) = comparison.as_ref().filter(|comparison| !comparison.is_equal()) {
        text.push('\n');
        text.push_str(&different::in_words(comparison));
    }
    text
}
