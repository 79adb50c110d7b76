//! `informejo projections …`: what operators do with read models.

use std::io::{self, IsTerminal, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

use clap::builder::PossibleValuesParser;
use clap::{Args, Subcommand};
use eventlog::EventLog;
use projections::Engine;
use projections::engine::{Check, Comparison, Phase, Progress, StoredStatus};
use projections::registry;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::cli::{self, VerbError};
use crate::clock::SystemClock;
use crate::config::{Database, DatabaseFlags};
use crate::database;

/// Connections that these verbs need.
const POOL_SIZE: usize = 2;
/// How often a rebuild tells how far it is.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Look at the read models, rebuild them, let parked streams go on
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections status\n  \
                        informejo projections rebuild tickets")]
pub struct Projections {
    #[command(subcommand)]
    verb: ProjectionsVerb,
}

#[derive(Debug, Subcommand)]
enum ProjectionsVerb {
    Status(Status),
    Rebuild(Rebuild),
    Retry(Retry),
}

/// Show how far each read model has come, who applies events to it, and what is parked
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections status\n  \
                        informejo projections status --json | jq '.projections[].lag'")]
struct Status {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Make the next generation of a read model beside the live one, compare the two, and swap them
///
/// People go on reading and writing meanwhile. Until the swap nothing of the live generation is touched; a rebuild that
/// is broken off leaves it as it is.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo projections rebuild tickets\n  \
                        informejo projections rebuild people --json")]
struct Rebuild {
    /// The read model
    #[arg(value_parser = read_models())]
    name: String,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Apply what a parked stream has missed, and let it go on
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  informejo projections retry tickets 0192d3a0-0000-7000-8000-000000000001"
)]
struct Retry {
    /// The read model
    #[arg(value_parser = read_models())]
    name: String,
    /// The stream, as `status` shows it
    stream: Uuid,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Takes the name of a read model, and nothing else.
fn read_models() -> PossibleValuesParser {
    PossibleValuesParser::new(registry::read_models().iter().map(|model| model.name()))
}

impl Projections {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        match self.verb {
            ProjectionsVerb::Status(verb) => verb.run().await,
            ProjectionsVerb::Rebuild(verb) => verb.run().await,
            ProjectionsVerb::Retry(verb) => verb.run().await,
        }
    }
}

impl Status {
    async fn run(self) -> Result<(), VerbError> {
        let read = async |engine: Engine| {
            engine
                .status()
                .await
                .map_err(VerbError::failed("reading the status"))
        };
        let statuses = with_engine(self.flags, read).await?;
        if self.json {
            let projections: Vec<Value> = statuses.iter().map(as_json).collect();
            return cli::answer(&json!({ "projections": projections }).to_string());
        }
        cli::answer(&as_table(&statuses))
    }
}

impl Rebuild {
    async fn run(self) -> Result<(), VerbError> {
        let Self {
            name,
            json: as_json,
            flags,
        } = self;
        let began = Instant::now();
        let rebuilt = with_engine(flags, async |engine: Engine| {
            let mut teller = Teller::new(as_json);
            let rebuilt = engine
                .rebuild(&name, Check::Compare, |progress| teller.tell(&progress))
                .await;
            teller.end();
            rebuilt.map_err(VerbError::failed("rebuilding the read model"))
        })
        .await?;
        let seconds = began.elapsed().as_secs_f64();
        let same = rebuilt.comparison.as_ref().map(Comparison::is_equal);
        if as_json {
            let answer = json!({
                "name": name, "generation": rebuilt.generation, "position": rebuilt.position,
                "parked": rebuilt.parked, "sameAsBefore": same, "seconds": seconds,
            });
            return cli::answer(&answer.to_string());
        }
        let compared = match same {
            Some(true) => "the same as the one before",
            Some(false) => "DIFFERENT from the one before",
            None => "not compared with the one before",
        };
        cli::answer(&format!(
            "{name}: generation {} is live at position {}, {compared}, {} parked, {seconds:.1} s.",
            rebuilt.generation, rebuilt.position, rebuilt.parked
        ))
    }
}

impl Retry {
    async fn run(self) -> Result<(), VerbError> {
        let Self { name, stream, flags } = self;
        let retried = with_engine(flags, async |engine: Engine| {
            engine
                .retry(&name, stream)
                .await
                .map_err(VerbError::failed("applying the parked stream"))
        })
        .await?;
        cli::answer(&format!(
            "{name}: applied {} events of stream {stream}; it goes on.",
            retried.applied
        ))
    }
}

/// Does something with the read models of the database.
async fn with_engine<T>(
    flags: DatabaseFlags,
    work: impl AsyncFnOnce(Engine) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    let settings = cli::settings(flags)?;
    if let Database::Embedded { dir, .. } = &settings.database
        && dir.join("data").try_exists().is_ok_and(|exists| !exists)
    {
        let dir = dir.display();
        return Err(VerbError::CannotRun(format!(
            "there is no database in {dir}; `informejo serve` makes one"
        )));
    }
    database::with(&settings, async |config| {
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
        let outcome = work(Engine::new(log.clone(), config)).await;
        log.close().await;
        outcome
    })
    .await
}

fn as_json(status: &StoredStatus) -> Value {
    let parked: Vec<Value> = status
        .parked
        .iter()
        .map(|parked| {
            json!({
                "stream": parked.stream, "category": parked.category, "version": parked.version,
                "position": parked.position, "type": parked.event_type, "error": parked.error,
                "since": parked.since,
            })
        })
        .collect();
    json!({
        "name": status.name, "generation": status.generation, "position": status.position, "head": status.head,
        "lag": status.lag, "owner": status.owner, "parked": parked,
    })
}

fn as_table(statuses: &[StoredStatus]) -> String {
    let mut lines = vec![format!(
        "{:<10} {:>10} {:>12} {:>12} {:>8} {:>6}  {}",
        "name", "generation", "position", "head", "lag", "parked", "run by"
    )];
    for status in statuses {
        lines.push(format!(
            "{:<10} {:>10} {:>12} {:>12} {:>8} {:>6}  {}",
            status.name,
            status.generation,
            status.position,
            status.head,
            status.lag,
            status.parked.len(),
            status.owner.as_deref().unwrap_or("nobody")
        ));
        for parked in &status.parked {
            lines.push(format!(
                "  parked since {}: stream {} at its event {} ({}, position {}): {}",
                parked.since, parked.stream, parked.version, parked.event_type, parked.position, parked.error
            ));
        }
    }
    lines.join("\n")
}

/// Tells how far a rebuild is: one line that changes on a terminal, a line a phase elsewhere, nothing beside JSON.
struct Teller {
    silent: bool,
    terminal: bool,
    last: Option<(Phase, Instant)>,
}

impl Teller {
    fn new(silent: bool) -> Self {
        Self {
            silent,
            terminal: io::stderr().is_terminal(),
            last: None,
        }
    }

    fn tell(&mut self, progress: &Progress) {
        let same_phase = self.last.filter(|(phase, _)| *phase == progress.phase);
        let due = match same_phase {
            None => true,
            Some((_, told)) => self.terminal && told.elapsed() >= TELL_EVERY,
        };
        if self.silent || !due {
            return;
        }
        self.last = Some((progress.phase, Instant::now()));
        let phase = match progress.phase {
            Phase::Fold => "folding the log",
            Phase::Index => "making indexes",
            Phase::CatchUp => "catching up",
            Phase::Compare => "comparing",
            Phase::Swap => "swapping",
        };
        let line = format!(
            "{phase}: {} of {} events, {:.0}/s",
            progress.position, progress.target, progress.events_per_second
        );
        let end = if self.terminal { "" } else { "\n" };
        let start = if self.terminal { "\r\x1b[K" } else { "" };
        // Nobody is left to tell if standard error is closed.
        let _ = write!(io::stderr(), "{start}{line}{end}");
    }

    fn end(&self) {
        if !self.silent && self.terminal && self.last.is_some() {
            let _ = writeln!(io::stderr());
        }
    }
}
