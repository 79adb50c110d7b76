//! The read models and their checkpoints.

use eventlog::Findings;
use projections::Engine;
use projections::EngineError;
use projections::engine::{
    Compared, Divergence, ReadModel, Skips, Snapshot, compare_with_log, verify_checkpoints, were_made,
};
use tokio_postgres::Client;

use super::Progress;
use super::report::{Finding, Name, Outcome, Section};
use crate::problem::chain;

/// No checkpoint is beyond the head.
pub(super) async fn checkpoints(client: &Client) -> Vec<Section> {
    let checked = async {
        if were_made(client).await? {
            verify_checkpoints(client).await
        } else {
            Ok((0, Findings::default()))
        }
    };
    let section = match checked.await {
        Ok((checked, faults)) => {
            let findings = faults.map(|fault| Finding::critical(fault.to_string()).at(fault.position));
            Section::of(Name::Checkpoints, checked, "checkpoints", findings)
        }
        Err(error) => Section::without(Name::Checkpoints, Outcome::Failed, chain(&error)),
    };
    vec![section]
}

/// Every read model equals a fresh fold.
pub(super) async fn verify(
    client: &Client,
    engine: &Engine,
    snapshot: Snapshot,
    told: &mut (dyn FnMut(Progress) + Send),
) -> Vec<Section> {
    let mut findings = Findings::default();
    let (mut rows, mut notes, mut failures) = (0, Vec::new(), Vec::new());
    let models = match were_made(client).await {
        Ok(true) => engine.models(),
        Ok(false) => {
            notes.push("none has been made yet: `informejo serve` makes them".to_owned());
            &[]
        }
        Err(error) => {
            return vec![Section::without(Name::ReadModels, Outcome::Failed, chain(&error))];
        }
    };
    for model in models {
        match compare(client, engine, &**model, snapshot, told).await {
            Ok(compared) => {
                rows += compared.rows;
                notes.push(format!(
                    "{}: generation {} at {}, {} rows, {} events",
                    compared.name, compared.generation, compared.position, compared.rows, compared.events
                ));
                let name = compared.name;
                findings.extend(compared.findings.map(|divergence| finding(name, &divergence)));
            }
            Err(error) => failures.push((model.name(), error)),
        }
    }
    let mut section = Section::of(Name::ReadModels, rows, "rows", findings);
    section.notes = notes;
    for (name, error) in failures {
        section.failed(format!("{name}: {}", chain(&error)));
    }
    vec![section]
}

async fn compare(
    client: &Client,
    engine: &Engine,
    model: &dyn ReadModel,
    snapshot: Snapshot,
    told: &mut (dyn FnMut(Progress) + Send),
) -> Result<Compared, EngineError> {
    let skips = Skips::load(engine.log(), model.name()).await?;
    let told = |done, total| told(Progress::new(Name::ReadModels, done, total));
    compare_with_log(client, model, &skips, snapshot, told).await
}

fn finding(model: &str, divergence: &Divergence) -> Finding {
    let what = format!("read model {model}: {divergence}");
    let finding = if divergence.is_damage() {
        Finding::critical(what)
    } else {
        Finding::warning(what)
    };
    match divergence {
        Divergence::Refused { position, stream } => finding.at(*position).in_stream(Some(*stream)),
        Divergence::Parked { stream } => finding.in_stream(Some(*stream)),
        _ => finding,
    }
}
