//! `informejo audit …`: what auditors do, and what anybody does who was handed a proof.

mod check;
mod diff;
mod export;
mod head;
mod key;
mod log;
mod opened;
mod record;
mod replay;
mod shown;
mod verify;

use clap::{Args, Subcommand};

use crate::cli::VerbError;

/// Look into the record, prove what is in it, and check such proofs
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo audit replay 0192d3a0-0000-7000-8000-000000000001\n  \
                        informejo audit diff --from 2026-11-24T08:00:00Z\n  \
                        informejo audit verify\n  \
                        informejo audit head > monday.head\n  \
                        informejo audit key > desk.vkey\n  \
                        informejo audit export 0192d3a0-0000-7000-8000-000000000001 --out ticket.evidence.zip\n  \
                        informejo audit check ticket.evidence.zip --key desk.vkey\n  \
                        informejo audit log export --out log.jsonl")]
pub struct Audit {
    #[command(subcommand)]
    verb: AuditVerb,
}

#[derive(Debug, Subcommand)]
enum AuditVerb {
    Replay(replay::Replay),
    Diff(diff::Diff),
    Head(head::Head),
    Key(key::Key),
    Verify(verify::Verify),
    Export(export::Export),
    Check(check::Check),
    Log(log::Log),
}

impl Audit {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        match self.verb {
            AuditVerb::Replay(verb) => verb.run().await,
            AuditVerb::Diff(verb) => verb.run().await,
            AuditVerb::Head(verb) => verb.run().await,
            AuditVerb::Key(verb) => verb.run(),
            AuditVerb::Verify(verb) => verb.run().await,
            AuditVerb::Export(verb) => verb.run().await,
            AuditVerb::Check(verb) => verb.run(),
            AuditVerb::Log(verb) => verb.run().await,
        }
    }
}
