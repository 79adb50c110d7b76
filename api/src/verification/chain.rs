//! The chain, the versions of streams and the signed heads: one walk.

use eventlog::{Damage, Fault, Findings, Head};
use tokio_postgres::Client;

use super::heads::{self, Heads};
use super::report::{Finding, Name, Outcome, Section};
use super::{Plan, Progress, TELL_EVERY};
use crate::problem::chain;

/// Walks the log; `head` becomes where the walk ended. Sections: chain, versions, signed heads.
pub(super) async fn verify(
    client: &Client,
    plan: &Plan,
    mut heads: Heads,
    head: &mut Head,
    told: &mut (dyn FnMut(Progress) + Send),
) -> Vec<Section> {
    let mut events = 0_u64;
    let seen = |seen: &Head, end| {
        events += 1;
        heads.see(seen);
        if events.is_multiple_of(TELL_EVERY) {
            told(Progress::new(Name::Chain, seen.position, end));
        }
    };
    let verified = match eventlog::verify(client, plan.since, &[], seen).await {
        Ok(verified) => verified,
        Err(error) => {
            let failed = |name| Section::without(name, Outcome::Failed, chain(&error));
            return vec![
                failed(Name::Chain),
                failed(Name::Versions),
                heads::failed(chain(&error)),
            ];
        }
    };
    *head = verified.head;
    let (mut chain, mut versions) = (Findings::default(), Findings::default());
    for damage in verified.findings.kept() {
        let sort = match damage.fault {
            Fault::Version { .. } => &mut versions,
            _ => &mut chain,
        };
        sort.add(finding(damage));
    }
    let mut sections = vec![
        Section::of(Name::Chain, verified.checked, "events", chain),
        Section::of(Name::Versions, verified.checked, "events", versions),
    ];
    // What is beyond those that are kept is of either kind; it is told where there is a finding to be beyond of.
    let place = usize::from(sections[0].findings.is_empty());
    sections[place].more += verified.findings.more();
    sections.push(heads.section(head.position));
    sections
}

fn finding(damage: &Damage) -> Finding {
    let finding = Finding::critical(damage.fault.to_string())
        .at(damage.position)
        .in_stream(damage.stream);
    match damage.fault {
        Fault::Hash { expected, found } | Fault::Anchor { expected, found } => {
            finding.instead(hex::encode(expected), hex::encode(found))
        }
        Fault::Version { expected, found } => finding.instead(expected.to_string(), found.to_string()),
        Fault::Missing { .. } | Fault::Repeated | Fault::Malformed | Fault::Outside { .. } => finding,
    }
}
