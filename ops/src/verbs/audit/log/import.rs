//! `informejo audit log import`: a log from lines of JSON.

use std::fs::File;
use std::path::{Path, PathBuf};

use audit::{Note, TreeHead};
use clap::Args;
use eventlog::{Head, ImportError, RecordedEvent, follow};
use serde_json::json;
use tokio::sync::mpsc;
use tokio_postgres::Config;

use super::super::check::{self, hex};
use super::file::{LineError, Lines};
use super::progress::Progress;
use super::{NOT_IN_IT, head_file};
use crate::cli::{self, VerbError};
use crate::config::DatabaseFlags;
use crate::{database, server};

/// Most events that are written in one transaction.
const BATCH_EVENTS_MAX: usize = 10_000;
/// Most bytes of lines in one transaction, or one line more.
const BATCH_BYTES_MAX: usize = 16 * 1024 * 1024;
/// Batches that are read ahead.
const BATCHES_AHEAD: usize = 1;

/// Import a log into an empty database, so that it ends with the same hash
///
/// Checks the whole chain on the way, and refuses what does not fit. A database that has the beginning of the same log is
/// gone on with, so that a broken import can be repeated. Needs the database's role that migrates; nobody else can write
/// meanwhile. If there is FILE.head, the file must end where it says.
///
/// What is not in a log must come another way: attachments with the folder or bucket that they lie in; everybody signs in
/// with a password that is set anew (`informejo accounts restore-login`).
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit log import log.jsonl\n  \
                        informejo audit log import log.jsonl --key desk.vkey\n\n\
                        Exit codes: 0 the log is that of the file, 1 something does not fit, 2 it could not be tried.")]
pub(super) struct Import {
    /// What was exported
    file: PathBuf,
    /// Believe FILE.head only if it is signed with this key (or the key in this file)
    #[arg(long, value_name = "KEY")]
    key: Option<String>,
    /// Answer as JSON, such as `{"imported": 12, "position": 345, "hash": "…"}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// Events as they stand in the file, and how many bytes they took there.
type Batch = (Vec<RecordedEvent>, u64);

impl Import {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        let said = said_end(&self.file, self.key.as_deref())?;
        let file = File::open(&self.file).map_err(VerbError::failed("opening the file"))?;
        let bytes = file.metadata().map_or(0, |metadata| metadata.len());
        let progress = Progress::new("bytes", bytes, 0);
        let (imported, head) =
            database::with(&settings, async |config| import(config, file, progress).await).await?;
        if let Some(said) = said.filter(|said| *said != head) {
            return Err(VerbError::Refused(format!(
                "the file ends at position {}, but its signed head is of position {}: it is not whole, or of another log",
                head.position, said.position
            )));
        }
        let (position, hash) = (head.position, hex(&head.hash));
        if self.json {
            let answer = json!({ "imported": imported, "position": position, "hash": hash });
            return cli::answer(&answer.to_string());
        }
        cli::answer(&format!(
            "{imported} events imported; the log ends at position {position} with the hash {hash}.\n{NOT_IN_IT} \
             Bring the attachments' folder; set passwords by: informejo accounts restore-login --help"
        ))
    }
}

/// Where the file must end, if somebody has said so.
fn said_end(file: &Path, key: Option<&str>) -> Result<Option<Head>, VerbError> {
    let key = key.map(check::key).transpose()?;
    let head_file = head_file(file);
    if key.is_none() && !head_file.exists() {
        return Ok(None);
    }
    let note = std::fs::read_to_string(&head_file).map_err(VerbError::failed("reading the signed head"))?;
    let head = match &key {
        Some(key) => TreeHead::open(&note, key).map_err(|error| error.to_string()),
        None => Note::parse(&note)
            .map_err(|error| error.to_string())
            .and_then(|note| TreeHead::unverified(&note).map_err(|error| error.to_string())),
    };
    head.map(|head| Some(head.head))
        .map_err(|error| VerbError::Refused(format!("{}: {error}", head_file.display())))
}

/// Imports the file; how many events were new, and the end of the log.
async fn import(config: &Config, file: File, mut progress: Progress) -> Result<(u64, Head), VerbError> {
    server::migrate(config)
        .await
        .map_err(VerbError::failed("preparing the database"))?;
    database::with_client(config, async |client| {
        let mut import = eventlog::Import::begin(client).await.map_err(refused)?;
        let there = import.head();
        let (sender, mut batches) = mpsc::channel(BATCHES_AHEAD);
        let reading = tokio::task::spawn_blocking(move || read(file, &sender));
        let mut imported = 0;
        // How far the file has been checked, from its beginning, or from where the log ends.
        let mut checked = None;
        while let Some((events, bytes)) = batches.recv().await {
            let begins_here = events
                .first()
                .is_some_and(|event| event.position == there.position + 1);
            let before = checked.unwrap_or(if begins_here { there } else { Head::EMPTY });
            let known = events.partition_point(|event| event.position <= there.position);
            let (old, new) = events.split_at(known);
            let after_old = follow(before, old).map_err(refused)?;
            if old.last().is_some_and(|last| last.position == there.position) && after_old != there {
                return Err(VerbError::Refused(
                    "the database has another log: its events are not the beginning of the file's".to_owned(),
                ));
            }
            checked = Some(after_old);
            if !new.is_empty() {
                checked = Some(import.append(new).await.map_err(refused)?);
                imported += new.len() as u64;
            }
            progress.add(bytes);
        }
        let read = reading.await.map_err(VerbError::failed("reading the file"))?;
        read.map_err(|error| match error {
            LineError::Read(error) => VerbError::failed("reading the file")(error),
            error @ LineError::NoEvent { .. } => VerbError::Refused(error.to_string()),
        })?;
        let head = import.head();
        match checked {
            Some(checked) if checked == head => Ok((imported, head)),
            None if head == Head::EMPTY => Ok((0, head)),
            _ => Err(VerbError::Refused(format!(
                "the database's log goes on to position {}, beyond the file's end",
                head.position
            ))),
        }
    })
    .await
}

/// Reads the file in batches, until its end or until nobody takes them.
fn read(file: File, batches: &mpsc::Sender<Batch>) -> Result<(), LineError> {
    let mut lines = Lines::of(file);
    loop {
        let mut events = Vec::new();
        let mut bytes = 0;
        let mut ended = Ok(false);
        while events.len() < BATCH_EVENTS_MAX && bytes < BATCH_BYTES_MAX {
            match lines.next() {
                Ok(Some((event, length))) => {
                    events.push(event);
                    bytes += length;
                }
                other => {
                    ended = other.map(|_| true);
                    break;
                }
            }
        }
        // What comes before a broken line is taken over: a beginning to go on from.
        if !events.is_empty() && batches.blocking_send((events, bytes as u64)).is_err() {
            return Ok(());
        }
        if ended? {
            return Ok(());
        }
    }
}

fn refused(error: ImportError) -> VerbError {
    match error {
        ImportError::Database(_) | ImportError::Read(_) => VerbError::failed("importing")(error),
        ImportError::Busy | ImportError::Moved(_) | ImportError::Unfit { .. } => {
            VerbError::Refused(error.to_string())
        }
    }
}
