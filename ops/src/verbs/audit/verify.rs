//! `informejo audit verify`: prove that the record is what it was.

use std::fs;
use std::io::{self, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use api::verification::{KeptHead, Name, Outcome, Plan, Progress, Report, Verifier};
use audit::VerifierKey;
use audit::note::NOTE_BYTES_MAX;
use clap::Args;
use commands::AttachmentStore;
use eventlog::EventLog;
use projections::Engine;
use tokio_postgres::Config;

use super::{opened, shown};
use crate::cli::{self, VerbError};
use crate::clock::OsEntropy;
use crate::config::{Settings, StoreFlags};
use crate::{signing, store};

/// How often it tells how far it is, on a terminal.
const TELL_EVERY: Duration = Duration::from_millis(250);

/// Prove that the record is what it was: chain, versions, checkpoints, read models, signed heads, attachments
///
/// Works beside a running help desk and blocks nobody: it reads on a connection of its own that can write nothing. The
/// exit code is 0 if all is clean, 1 if anything was found, 2 if something could not be checked.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit verify\n  \
                        informejo audit verify --head monday.head --key desk.vkey\n  \
                        informejo audit verify --since 1200000 --skip-attachments --json | jq .outcome")]
pub(super) struct Verify {
    /// Take events up to this position as given: for the nightly run, with the head of the night before
    #[arg(long, value_name = "POSITION", default_value_t = 0, value_parser = clap::value_parser!(i64).range(0..))]
    since: i64,
    /// A signed head that somebody kept; may be repeated
    #[arg(long, value_name = "FILE")]
    head: Vec<PathBuf>,
    /// A public key that heads may be signed with, instead of the desk's own; may be repeated
    #[arg(long, value_name = "FILE")]
    key: Vec<PathBuf>,
    /// Do not read the bytes of attachments; the report says so
    #[arg(long)]
    skip_attachments: bool,
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: StoreFlags,
}

impl Verify {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        let plan = Plan {
            since: self.since,
            heads: self
                .head
                .iter()
                .map(|file| kept(file))
                .collect::<Result<_, _>>()?,
            skip: self
                .skip_attachments
                .then_some(Name::Attachments)
                .into_iter()
                .collect(),
        };
        let keys = keys(&settings, &self.key)?;
        let as_json = self.json;
        let report = opened::with_existing(&settings, async |config, log, _| {
            verify(&settings, config, log, keys, &plan, as_json).await
        })
        .await?;
        if as_json {
            let text =
                serde_json::to_string_pretty(&report).map_err(VerbError::failed("writing the report"))?;
            cli::answer(&text)?;
        } else {
            cli::answer(&shown::report(&report))?;
        }
        match report.outcome {
            Outcome::Clean | Outcome::Skipped => Ok(()),
            Outcome::Findings => Err(VerbError::Refused(shown::count(&report))),
            Outcome::Failed => Err(VerbError::CannotRun(
                "not everything could be checked; the report says why".to_owned(),
            )),
        }
    }
}

async fn verify(
    settings: &Settings,
    config: &Config,
    log: &EventLog,
    keys: Vec<VerifierKey>,
    plan: &Plan,
    silent: bool,
) -> Result<Report, VerbError> {
    let objects =
        store::open(&settings.uploads).map_err(VerbError::failed("opening the attachments' store"))?;
    let verifier = Verifier {
        config: config.clone(),
        engine: Engine::new(log.clone(), config),
        attachments: AttachmentStore::new(objects, settings.max_file_size, Arc::new(OsEntropy)),
        keys,
    };
    let mut teller = Teller::new(silent);
    let report = verifier
        .verify(plan, &mut |progress| teller.tell(&progress))
        .await;
    teller.end();
    report.map_err(VerbError::failed("reading the log"))
}

/// The keys that were named; without any, the desk's own, if there is one.
fn keys(settings: &Settings, files: &[PathBuf]) -> Result<Vec<VerifierKey>, VerbError> {
    if files.is_empty() {
        let own = signing::existing_key(settings).map_err(VerbError::failed("loading the key"))?;
        return Ok(own.into_iter().collect());
    }
    let key = |file: &PathBuf| {
        text(file)?.trim().parse().map_err(|error| {
            let file = file.display();
            VerbError::CannotRun(format!("{file} is not a public key: {error}"))
        })
    };
    files.iter().map(key).collect()
}

fn kept(file: &Path) -> Result<KeptHead, VerbError> {
    Ok(KeptHead {
        place: file.display().to_string(),
        note: text(file)?,
    })
}

/// A short file.
fn text(file: &Path) -> Result<String, VerbError> {
    let failed = |why: String| VerbError::CannotRun(format!("{} cannot be read: {why}", file.display()));
    let size = fs::metadata(file)
        .map_err(|error| failed(error.to_string()))?
        .len();
    if size > NOTE_BYTES_MAX as u64 {
        return Err(failed("it is too long".to_owned()));
    }
    fs::read_to_string(file).map_err(|error| failed(error.to_string()))
}

/// Tells on a terminal how far it is: one line that changes.
struct Teller {
    tells: bool,
    told: Option<Instant>,
}

impl Teller {
    fn new(silent: bool) -> Self {
        Self {
            tells: !silent && io::stderr().is_terminal(),
            told: None,
        }
    }

    fn tell(&mut self, progress: &Progress) {
        if !self.tells || self.told.is_some_and(|told| told.elapsed() < TELL_EVERY) {
            return;
        }
        self.told = Some(Instant::now());
        // Nobody is left to tell if standard error is closed.
        let _ = write!(io::stderr(), "\r\x1b[K{}", shown::progress(progress));
    }

    fn end(&self) {
        if self.told.is_some() {
            let _ = write!(io::stderr(), "\r\x1b[K");
        }
    }
}
