//! `informejo audit log …`: the whole log, out and in.

mod export;
mod file;
mod import;
mod progress;

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};

use crate::cli::VerbError;

/// What is not in a log, and so in no export of it.
const NOT_IN_IT: &str = "Not in it: passwords, sessions, signed heads, and the contents of attachments.";

/// Export the whole log, or import one
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit log export --out log.jsonl\n  \
                        informejo audit log import log.jsonl")]
pub(super) struct Log {
    #[command(subcommand)]
    verb: LogVerb,
}

#[derive(Debug, Subcommand)]
enum LogVerb {
    Export(export::Export),
    Import(import::Import),
}

impl Log {
    pub(super) async fn run(self) -> Result<(), VerbError> {
        match self.verb {
            LogVerb::Export(verb) => verb.run().await,
            LogVerb::Import(verb) => verb.run().await,
        }
    }
}

/// The file beside an export that says where it ends: a signed head.
fn head_file(file: &Path) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(".head");
    name.into()
}
