//! Proving that the record is what it was: the chain, the read models, the signed heads and the attachments, beside
//! live traffic. What the command line and the HTTP API share.
//!
//! Everything is read on one connection of its own that can write nothing; nobody waits for it.

mod attachments;
mod chain;
mod heads;
mod models;
mod once;
mod report;

use std::time::{Duration, Instant};

use audit::VerifierKey;
use commands::AttachmentStore;
use eventlog::{Head, Position, ReadError, Reader};
use projections::Engine;
use projections::engine::Snapshot;
use tokio_postgres::{Client, Config};

pub use once::{Busy, Progress, Running, Seen, Verifications};
pub use report::{Finding, Grade, Name, Outcome, Report, Section};

/// Progress is told after so many things.
const TELL_EVERY: u64 = 10_000;

/// What to verify.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// Events up to here are taken as given; 0: none are.
    pub since: Position,
    /// Signed heads that somebody kept.
    pub heads: Vec<KeptHead>,
    /// Kinds of checks that are left out; the report says so.
    pub skip: Vec<Name>,
}

impl Plan {
    fn skips(&self, name: Name) -> bool {
        self.skip.contains(&name)
    }
}

/// A signed head that somebody kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeptHead {
    /// Where, for people.
    pub place: String,
    /// The note.
    pub note: String,
}

/// Verifies one help desk. Cheap to clone.
#[derive(Clone)]
pub struct Verifier {
    /// How to connect to its database.
    pub config: Config,
    /// Its read models, and its log.
    pub engine: Engine,
    /// The bytes of its attachments.
    pub attachments: AttachmentStore,
    /// What its heads may be signed with.
    pub keys: Vec<VerifierKey>,
}

impl Verifier {
    /// Verifies all that `plan` asks for. An error means that it could not even begin; what could not be checked later
    /// is in the report.
    pub async fn verify(
        &self,
        plan: &Plan,
        told: &mut (dyn FnMut(Progress) + Send),
    ) -> Result<Report, ReadError> {
        let reader = Reader::connect(&self.config).await?;
        Ok(self.verify_on(&reader, Snapshot::Own, plan, told).await)
    }

    /// As [`Verifier::verify`], on a connection of the caller's; `snapshot` says whether the caller has begun a
    /// transaction on it that shows what is to be verified.
    pub async fn verify_on(
        &self,
        client: &Client,
        snapshot: Snapshot,
        plan: &Plan,
        told: &mut (dyn FnMut(Progress) + Send),
    ) -> Report {
        let began = Instant::now();
        let mut head = Head::EMPTY;
        let mut sections = Vec::new();
        if [Name::Chain, Name::Versions, Name::SignedHeads]
            .iter()
            .any(|name| !plan.skips(*name))
        {
            let heads = heads::Heads::collect(client, &self.keys, plan).await;
            sections.extend(timed(chain::verify(client, plan, heads, &mut head, told)).await);
        }
        if !plan.skips(Name::Checkpoints) {
            sections.extend(timed(models::checkpoints(client)).await);
        }
        if !plan.skips(Name::ReadModels) {
            sections.extend(timed(models::verify(client, &self.engine, snapshot, told)).await);
        }
        if !plan.skips(Name::Attachments) {
            sections.extend(timed(attachments::verify(client, &self.attachments, plan, told)).await);
        }
        let sections = in_order(&sections, plan);
        Report {
            outcome: Report::outcome_of(&sections),
            since: plan.since.max(0),
            head: head.position,
            head_hash: hex::encode(head.hash),
            seconds: began.elapsed().as_secs_f64(),
            sections,
        }
    }
}

/// The sections in the order of the report, with those that were left out.
fn in_order(sections: &[Section], plan: &Plan) -> Vec<Section> {
    let skipped = |name| {
        let why = "not asked for: this was not checked".to_owned();
        Section::without(name, Outcome::Skipped, why)
    };
    let section = |name: Name| {
        let found = sections.iter().find(|section| section.name == name).cloned();
        found
            .filter(|_| !plan.skips(name))
            .unwrap_or_else(|| skipped(name))
    };
    Name::ALL.into_iter().map(section).collect()
}

/// Sections with the time that they took.
async fn timed(checks: impl Future<Output = Vec<Section>>) -> Vec<Section> {
    let began = Instant::now();
    let mut sections = checks.await;
    let seconds = rounded(began.elapsed());
    for section in &mut sections {
        section.seconds = seconds;
    }
    sections
}

fn rounded(time: Duration) -> f64 {
    (time.as_secs_f64() * 1_000.0).round() / 1_000.0
}
