//! `informejo audit export`: take evidence of a ticket.

use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use api::evidence::{self, Evidence, EvidenceError};
use api::heads::Heads;
use clap::Args;
use domain::access::What;
use domain::ids::TicketId;
use eventlog::EventLog;
use serde_json::json;
use tokio_postgres::Config;

use super::{head, opened};
use crate::cli::{self, VerbError};
use crate::clock::SystemClock;
use crate::config::DatabaseFlags;
use crate::signing;

/// Take evidence of a ticket: a file that proves itself
///
/// It has the ticket's events as they were recorded, with proofs that they are in the log, a signed head of the log, and a
/// page to look at. Nothing of other tickets is in it, no names of people, and of attachments their hashes only. Whoever
/// has the key (`informejo audit key`) checks it without this program's database: `informejo audit check`. Also of a
/// ticket that was deleted.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  \
                        informejo audit export 0192d3a0-0000-7000-8000-000000000001 --out ticket.evidence.zip")]
pub(super) struct Export {
    /// The ticket's id
    ticket: TicketId,
    /// Where to; there must be no such file yet
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Answer as JSON, such as `{"file": "…", "events": 12, "position": 345}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Export {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        let signer = signing::load_existing(&settings).map_err(VerbError::failed("loading the key"))?;
        let signer = signer.map(Arc::new).ok_or_else(|| {
            let why = "there is no signing key: start the help desk once, or set SIGNING_KEY_FILE";
            VerbError::CannotRun(why.to_owned())
        })?;
        let ticket = self.ticket;
        let evidence = opened::with_existing(&settings, async |config, log, _| {
            gather(config, log, &signer, ticket).await
        })
        .await?;
        keep(&self.out, &evidence.file).map_err(VerbError::failed("writing the evidence"))?;
        let file = self.out.display();
        let (events, until) = (evidence.events, evidence.until);
        if self.json {
            let answer = json!({ "file": file.to_string(), "events": events, "position": until });
            return cli::answer(&answer.to_string());
        }
        cli::answer(&format!(
            "{file}: {events} events of ticket {ticket} as of position {until}.\nIt is checked by: informejo audit check \
             {file} --key '{}'",
            signer.key()
        ))
    }
}

async fn gather(
    config: &Config,
    log: &EventLog,
    signer: &Arc<audit::Signer>,
    ticket: TicketId,
) -> Result<Evidence, VerbError> {
    let known = evidence::is_known(log, ticket).await;
    if !known.map_err(VerbError::failed("looking for the ticket"))? {
        return Err(VerbError::Refused(EvidenceError::NoTicket.to_string()));
    }
    opened::record(log, What::Evidence, Some(ticket), None).await?;
    let heads = Heads::new(
        log.clone(),
        config.clone(),
        Arc::clone(signer),
        Arc::new(SystemClock),
    );
    evidence::gather(&heads, ticket)
        .await
        .map_err(|error| match error {
            EvidenceError::NoTicket | EvidenceError::Pack(_) => VerbError::Refused(error.to_string()),
            EvidenceError::Head(error) => head::unsigned(error),
            EvidenceError::Read(error) => VerbError::failed("reading the log")(error),
        })
}

/// Writes a new file, for the account's eyes only: whole or not at all.
fn keep(path: &Path, content: &[u8]) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options.write(true).create_new(true).mode(0o600).open(path)?;
    let written = file.write_all(content).and_then(|()| file.sync_all());
    if written.is_err() {
        // Half a pack is worse than none; and if it cannot be removed, the error is said all the same.
        let _ = fs::remove_file(path);
    }
    written
}
