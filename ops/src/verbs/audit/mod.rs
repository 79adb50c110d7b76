//! `informejo audit …`: what auditors do, and what anybody does who was handed a proof.

mod key;

use clap::{Args, Subcommand};

use crate::cli::VerbError;

/// Look into the record, prove what is in it, and check such proofs
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit key > desk.vkey")]
pub struct Audit {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    Key(key::Key),
}

impl Audit {
    /// Runs the verb.
    pub fn run(self) -> Result<(), VerbError> {
        match self.verb {
            AuditVerb::Key(verb) => verb.run(),
        }
    }
}
