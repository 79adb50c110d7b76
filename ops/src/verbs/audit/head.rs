//! `informejo audit head`: sign the head of the log.

use std::sync::Arc;

use api::heads::{Heads, HeadsError};
use clap::Args;
use serde_json::json;

use super::opened;
use crate::cli::{self, VerbError};
use crate::clock::{OsEntropy, SystemClock};
use crate::config::DatabaseFlags;
use crate::signing;

/// Sign the head of the log as it is now, and print it
///
/// Before it signs, it walks the chain from the last signed head on, and signs nothing if that is damaged. Where nothing
/// is new, the last signed head is printed. Keep the head where the desk's operators cannot change it: against it, a tail
/// that was cut off or written anew shows (`informejo audit verify --head FILE`).
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit head > monday.head\n  \
                        informejo audit head --json | jq .position")]
pub(super) struct Head {
    /// Answer as JSON, such as `{"position": 42, "signedAt": "…", "new": true, "note": "…"}`
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: DatabaseFlags,
}

impl Head {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        let settings = cli::settings(self.flags)?;
        let key = signing::load(&settings, &OsEntropy).map_err(VerbError::failed("loading the key"))?;
        let signed = opened::with_existing(&settings, async |config, log, _| {
            let heads = Heads::new(log.clone(), config.clone(), Arc::new(key), Arc::new(SystemClock));
            heads.sign().await.map_err(unsigned)
        })
        .await?;
        if self.json {
            let answer = json!({
                "position": signed.head.position, "signedAt": signed.head.signed_at, "new": signed.new,
                "note": signed.head.note,
            });
            return cli::answer(&answer.to_string());
        }
        cli::answer(signed.head.note.trim_end_matches('\n'))
    }
}

/// That no head was signed: refused where that is the log's fault.
pub(super) fn unsigned(error: HeadsError) -> VerbError {
    match error {
        HeadsError::Damaged { .. } | HeadsError::Empty => VerbError::Refused(error.to_string()),
        error => VerbError::failed("signing the head")(error),
    }
}
