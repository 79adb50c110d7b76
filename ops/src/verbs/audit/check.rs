//! `informejo audit check`: check evidence, without a server and without a database.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use audit::VerifierKey;
use audit::pack::{self, Checked, PACK_BYTES_MAX};
use clap::Args;
use serde_json::json;

use crate::cli::{self, VerbError};

/// Longest file that can be a key.
const KEY_FILE_BYTES_MAX: u64 = 4096;

/// Check an evidence pack: needs no server and no database
///
/// Says what was recorded, or names the first thing that does not hold. The key is the log's, as `informejo audit key`
/// prints it; take it from somebody else than whoever gave you the pack.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit check ticket.evidence.zip --key desk.vkey\n  \
                        informejo audit check ticket.evidence.zip --key 'desk.example/log+0f1e2d3c+AX…'\n\n\
                        Exit codes: 0 it holds, 1 something does not hold, 2 it could not be checked.")]
pub(super) struct Check {
    /// The pack
    file: PathBuf,
    /// The log's key, or a file that it stands in
    #[arg(long, value_name = "KEY")]
    key: String,
    /// Answer as JSON, such as `{"holds": false, "fault": "position 12: the hash does not fit"}`
    #[arg(long)]
    json: bool,
}

impl Check {
    pub(super) fn run(self) -> Result<(), VerbError> {
        let key = key(&self.key)?;
        let file = read(&self.file, PACK_BYTES_MAX + 1).map_err(VerbError::failed("reading the pack"))?;
        match pack::check(&file, &key) {
            Ok(checked) if self.json => cli::answer(&described(&checked).to_string()),
            Ok(checked) => cli::answer(&told(&checked)),
            Err(fault) => {
                if self.json {
                    let answer = json!({ "holds": false, "fault": fault.to_string() });
                    cli::answer(&answer.to_string())?;
                }
                Err(VerbError::Refused(format!("{}: {fault}", self.file.display())))
            }
        }
    }
}

/// A key by its text, or by a file's.
pub(super) fn key(text: &str) -> Result<VerifierKey, VerbError> {
    let unfit = match text.trim().parse() {
        Ok(key) => return Ok(key),
        Err(error) => error,
    };
    match read(Path::new(text), KEY_FILE_BYTES_MAX) {
        Ok(content) => String::from_utf8_lossy(&content)
            .trim()
            .parse()
            .map_err(VerbError::failed("reading the key")),
        // With a plus sign it was meant to be a key.
        Err(_) if text.contains('+') => Err(VerbError::failed("reading the key")(unfit)),
        Err(error) => Err(VerbError::failed("reading the key")(error)),
    }
}

/// At most `limit` bytes of a file.
fn read(path: &Path, limit: u64) -> std::io::Result<Vec<u8>> {
    let mut content = Vec::new();
    File::open(path)?.take(limit).read_to_end(&mut content)?;
    Ok(content)
}

fn told(checked: &Checked) -> String {
    let Checked {
        origin,
        category,
        stream,
        events,
        first_at,
        last_at,
        head,
        signed_at,
    } = checked;
    format!(
        "It holds: {events} events of {category} {stream}, recorded from {first_at} to {last_at} in the log {origin}, as of \
         position {}, signed {signed_at}.",
        head.position
    )
}

fn described(checked: &Checked) -> serde_json::Value {
    json!({
        "holds": true,
        "origin": checked.origin,
        "category": checked.category,
        "stream": checked.stream,
        "events": checked.events,
        "firstAt": checked.first_at,
        "lastAt": checked.last_at,
        "position": checked.head.position,
        "hash": hex(&checked.head.hash),
        "signedAt": checked.signed_at,
    })
}

/// A hash as digits.
pub(super) fn hex(hash: &[u8]) -> String {
    use std::fmt::Write as _;
    hash.iter().fold(String::new(), |mut digits, byte| {
        // Writing into a string does not fail.
        let _ = write!(digits, "{byte:02x}");
        digits
    })
}
