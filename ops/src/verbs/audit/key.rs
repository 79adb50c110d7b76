//! `informejo audit key`: print the key that signed heads are checked with.

use clap::Args;
use serde_json::json;

use crate::cli::{self, VerbError};
use crate::clock::OsEntropy;
use crate::config::DatabaseFlags;
use crate::signing;

/// Print the public key that signed heads and evidence packs are checked with
///
/// Hand it on by a way that the desk's operator does not control: whoever checks a pack with the key that lies in it
/// checks only that the pack agrees with itself. The key is made if there is none yet.
#[derive(Debug, Args)]
#[command(
    after_help = "Examples:\n  informejo audit key > desk.vkey\n  informejo audit key --json | jq -r .key"
)]
pub(super) struct Key {
    /// Answer as JSON, such as `{"origin": "…", "key": "…"}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Key {
    pub(super) fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        let signer = signing::load(&settings, &OsEntropy).map_err(VerbError::failed("loading the key"))?;
        let key = signer.key();
        if self.json {
            let answer = json!({ "origin": key.name(), "key": key.to_string() });
            return cli::answer(&answer.to_string());
        }
        cli::answer(&key.to_string())
    }
}
