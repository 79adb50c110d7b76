//! `informejo audit log export`: the whole log as lines of JSON.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::heads::Heads;
use audit::line::EventLine;
use audit::merkle::Frontier;
use audit::{Signer, TreeHead};
use clap::Args;
use domain::access::What;
use eventlog::{EventLog, Hashes, Head, Position, Reader, WholeEvents, link};
use serde_json::json;
use tokio_postgres::Config;

use super::super::check::hex;
use super::super::{head, opened};
use super::progress::Progress;
use super::{NOT_IN_IT, file, head_file};
use crate::cli::{self, VerbError};
use crate::clock::SystemClock;
use crate::config::DatabaseFlags;
use crate::{database, signing};

/// Export the whole log as lines of JSON
///
/// Each event as it was hashed, so that anybody can check the chain again and `informejo audit log import` can make the
/// same log of it. A broken export is gone on with by --resume. Beside the file, FILE.head is a signed head that says
/// where it ends. What is not in the log is not in the export: passwords, sessions, signed heads, the contents of attachments.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit log export --out log.jsonl\n  \
                        informejo audit log export --out log.jsonl --resume\n  \
                        informejo audit log export --out - | zstd > log.jsonl.zst")]
pub(super) struct Export {
    /// Where to; there must be no such file yet. `-` is standard output
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The first position
    #[arg(long, value_name = "POSITION", default_value_t = 1, conflicts_with = "resume",
          value_parser = clap::value_parser!(i64).range(1..))]
    from: Position,
    /// Go on with a file that was begun, or bring it up to date
    #[arg(long)]
    resume: bool,
    /// Answer as JSON, such as `{"events": 12, "position": 345, "hash": "…"}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

/// What was done.
struct Exported {
    events: u64,
    head: Head,
    /// The tree over the whole log up to the head.
    tree: Frontier,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        // Whoever exports need not be whoever signs: then there is no signed head beside the file.
        let signer = signing::load_existing(&settings).map_err(VerbError::failed("loading the key"))?;
        database::must_exist(&settings)?;
        let to_file = self.out != Path::new("-");
        if self.resume && !to_file {
            return Err(VerbError::CannotRun(
                "standard output cannot be gone on with".to_owned(),
            ));
        }
        let signer = signer.filter(|_| to_file).map(Arc::new);
        let (out, from, resume) = (&self.out, self.from, self.resume);
        let (exported, sworn) = database::with(&settings, async |config| {
            let (sink, last) = open(out, resume)?;
            let after = last.map_or(from - 1, |last| last.position);
            let (until, sworn) = begin(config, after, signer).await?;
            Ok((copy(config, sink, after, last, until).await?, sworn))
        })
        .await?;
        if let Some(Sworn { tree, note }) = sworn {
            if tree.head != exported.head || tree.root != exported.tree.root() {
                return Err(VerbError::Refused(format!(
                    "the log up to position {} is not the one whose head was signed",
                    tree.head.position
                )));
            }
            keep(&self.out, &note).map_err(VerbError::failed("writing the signed head"))?;
        }
        let Exported { events, head, .. } = exported;
        let (position, hash) = (head.position, hex(&head.hash));
        let answer = if self.json {
            json!({ "events": events, "position": position, "hash": hash }).to_string()
        } else {
            format!("{events} events, up to position {position} with the hash {hash}.\n{NOT_IN_IT}")
        };
        if to_file {
            return cli::answer(&answer);
        }
        // Nobody is left to tell if standard error is closed.
        let _ = writeln!(io::stderr(), "{answer}");
        Ok(())
    }
}

type Sink = Box<dyn Write + Send>;

/// The file to write to, and the last event that it has already.
fn open(out: &Path, resume: bool) -> Result<(Sink, Option<Head>), VerbError> {
    if out == Path::new("-") {
        return Ok((Box::new(BufWriter::new(io::stdout())), None));
    }
    let mut options = OpenOptions::new();
    options.write(true).mode(0o600);
    if !resume {
        let file = options.create_new(true).open(out);
        let file = file.map_err(VerbError::failed("making the file"))?;
        return Ok((Box::new(Synced(BufWriter::new(file))), None));
    }
    let mut file = options
        .read(true)
        .open(out)
        .map_err(VerbError::failed("opening the file"))?;
    let last = file::cut_to_whole_lines(&mut file).map_err(VerbError::failed("reading the file's end"))?;
    let last = last.map(|event| Head {
        position: event.position,
        hash: event.hash,
    });
    Ok((Box::new(Synced(BufWriter::new(file))), last))
}

/// A file that is on disk when it is flushed.
struct Synced(BufWriter<File>);

impl Write for Synced {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()?;
        self.0.get_ref().sync_all()
    }
}

/// A signed head, read and as it was written.
struct Sworn {
    tree: TreeHead,
    note: String,
}

/// Records the export, and says where it ends: with its own record, and with the head that is signed then.
async fn begin(
    config: &Config,
    after: Position,
    signer: Option<Arc<Signer>>,
) -> Result<(Position, Option<Sworn>), VerbError> {
    opened::with(config, async |log, _| {
        let detail = format!("from position {}", after + 1);
        opened::record(log, What::Log, None, Some(&detail)).await?;
        if let Some(signer) = signer {
            let sworn = swear(config, log, signer).await?;
            return Ok((sworn.tree.head.position, Some(sworn)));
        }
        let head = log
            .head()
            .await
            .map_err(VerbError::failed("reading the log's end"))?;
        Ok((head.position, None))
    })
    .await
}

/// Signs the head of the log as it is now, as every other one: after the chain since the last one was walked.
async fn swear(config: &Config, log: &EventLog, signer: Arc<Signer>) -> Result<Sworn, VerbError> {
    let heads = Heads::new(log.clone(), config.clone(), signer, Arc::new(SystemClock));
    let note = heads.sign().await.map_err(head::unsigned)?.head.note;
    let tree = TreeHead::open(&note, heads.key()).map_err(VerbError::failed("reading the signed head"))?;
    Ok(Sworn { tree, note })
}

async fn copy(
    config: &Config,
    mut sink: Sink,
    after: Position,
    known: Option<Head>,
    until: Position,
) -> Result<Exported, VerbError> {
    let mut tree = Frontier::default();
    let before = passed_over(config, after.min(until), &mut tree).await?;
    if known.is_some_and(|known| known != before) {
        return Err(VerbError::Refused(format!(
            "the file is not of this log: its last event, at position {after}, is another one"
        )));
    }
    if after > until {
        return Err(VerbError::Refused(format!("the log has {until} events only")));
    }
    let reader = Reader::connect(config).await;
    let reader = reader.map_err(VerbError::failed("connecting to the database"))?;
    let mut events = WholeEvents::new(reader, after, until);
    let mut progress = Progress::new("events", counted(until), counted(after));
    let mut head = before;
    while let Some(event) = events
        .next()
        .await
        .map_err(VerbError::failed("reading the log"))?
    {
        if link(&head.hash, &event) != event.hash {
            return Err(VerbError::Refused(format!(
                "the log does not hold at position {}: informejo audit verify says more",
                event.position
            )));
        }
        let line = EventLine::of(&event).ok_or_else(|| {
            VerbError::Refused(format!(
                "position {} has a time that no line can say",
                event.position
            ))
        })?;
        let written = serde_json::to_writer(&mut sink, &line).map_err(io::Error::from);
        written
            .and_then(|()| sink.write_all(b"\n"))
            .map_err(VerbError::failed("writing the file"))?;
        tree.push(&event.hash);
        head = Head {
            position: event.position,
            hash: event.hash,
        };
        progress.add(1);
    }
    sink.flush().map_err(VerbError::failed("writing the file"))?;
    Ok(Exported {
        events: counted(until - after),
        head,
        tree,
    })
}

/// Takes the hashes of the events up to `last` into the tree; the last of them.
async fn passed_over(config: &Config, last: Position, tree: &mut Frontier) -> Result<Head, VerbError> {
    let mut head = Head::EMPTY;
    if last == 0 {
        return Ok(head);
    }
    let reader = Reader::connect(config).await;
    let reader = reader.map_err(VerbError::failed("connecting to the database"))?;
    let mut hashes = Hashes::new(reader, 0, last);
    while let Some(hash) = hashes
        .next()
        .await
        .map_err(VerbError::failed("reading the log"))?
    {
        tree.push(&hash);
        head = Head {
            position: head.position + 1,
            hash,
        };
    }
    Ok(head)
}

/// Writes the signed head beside the file, whole or not at all.
fn keep(out: &Path, note: &str) -> io::Result<()> {
    let file = head_file(out);
    let mut beside = file.as_os_str().to_owned();
    beside.push(".new");
    let mut written = File::create(&beside)?;
    written.write_all(note.as_bytes())?;
    written.sync_all()?;
    fs::rename(&beside, &file)
}

fn counted(position: Position) -> u64 {
    u64::try_from(position).unwrap_or(0)
}
