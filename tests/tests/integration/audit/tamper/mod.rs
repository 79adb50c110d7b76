//! D8: a thousand random ways to tamper with a desk of 10,000 events, by somebody who is superuser of its database and
//! can write to its folders. All are found, and nothing is found on what nobody has touched.
//!
//! Each case is done in a transaction with the triggers off, verified within it, and rolled back. It is verified by the
//! kinds of checks that it is for; every [`FULL_EVERY`]th case by all of them. `TAMPER_SEED` and `TAMPER_CASES` repeat
//! a run or make it longer.

mod column;
mod desk;
mod dice;
mod files;
mod log_rows;
mod others;

use std::collections::BTreeMap;

use api::verification::{KeptHead, Name, Outcome, Plan, Report};
use projections::engine::Snapshot;
use tokio_postgres::Client;

use desk::Desk;
use dice::Dice;

const CASES: usize = 1_000;
const FULL_EVERY: usize = 100;

/// A kind of tampering: what it does, and which checks are to find it.
struct Kind {
    name: &'static str,
    /// How often it comes, beside the others.
    weight: usize,
    found_by: &'static [Name],
}

const KINDS: &[Kind] = &[
    kind("flip a bit of a field of an event", 40, CHAIN),
    kind("delete an event", 8, CHAIN),
    kind("swap two events", 8, CHAIN),
    kind("duplicate an event", 4, CHAIN),
    kind("insert an event", 6, CHAIN),
    kind("cut the tail and the heads kept beside it", 6, CHAIN),
    kind("write the end anew with good hashes", 3, CHAIN),
    kind("flip a bit of a signed head", 4, CHAIN),
    kind("change a row of a read model", 6, MODELS),
    kind("delete a row of a read model", 3, MODELS),
    kind("repeat a row of a read model", 2, MODELS),
    kind("move a checkpoint beyond the head", 3, &[Name::Checkpoints]),
    kind("move a checkpoint back", 2, MODELS),
    kind("change an attachment", 5, FILES),
];
const CHAIN: &[Name] = &[Name::Chain, Name::Versions, Name::SignedHeads];
const MODELS: &[Name] = &[Name::ReadModels];
const FILES: &[Name] = &[Name::Attachments];

const fn kind(name: &'static str, weight: usize, found_by: &'static [Name]) -> Kind {
    Kind {
        name,
        weight,
        found_by,
    }
}

fn setting(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_tampering_is_found_and_nothing_else() {
    let seed = setting("TAMPER_SEED").unwrap_or_else(dice::any_seed);
    let cases = setting("TAMPER_CASES").map_or(CASES, |cases| usize::try_from(cases).unwrap());
    say(&format!("TAMPER_SEED={seed}"));
    let desk = Desk::new().await;
    let mut dice = Dice::new(seed);
    let client = desk.database.admin().await;
    assert_clean(&desk, &client, seed, "before").await;
    let mut missed = Vec::new();
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for case in 0..cases {
        let kind = chosen(&mut dice);
        *counts.entry(kind.name).or_default() += 1;
        client
            .batch_execute("BEGIN; SET LOCAL session_replication_role = replica")
            .await
            .unwrap();
        let (what, undo) = tamper(&desk, &client, kind, &mut dice).await;
        let report = verified(&desk, &client, &plan(&desk, kind, case)).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        if let Some(undo) = undo {
            undo.now();
        }
        let full = case.is_multiple_of(FULL_EVERY);
        if !is_found(&report, kind) || full && report.outcome != Outcome::Findings {
            missed.push(format!("case {case}: {}: {what}\n{report:#?}", kind.name));
        }
        if full {
            assert_clean(&desk, &client, seed, &format!("after case {case}")).await;
        }
    }
    assert_clean(&desk, &client, seed, "after all").await;
    say(&format!("{counts:#?}"));
    assert!(
        missed.is_empty(),
        "TAMPER_SEED={seed}: {} of {cases} were not found:\n{}",
        missed.len(),
        missed.join("\n")
    );
}

fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr(), "{text}");
}

fn chosen(dice: &mut Dice) -> &'static Kind {
    let all = KINDS.iter().map(|kind| kind.weight).sum();
    let mut rolled = dice.below(all);
    for kind in KINDS {
        if rolled < kind.weight {
            return kind;
        }
        rolled -= kind.weight;
    }
    unreachable!("the weights are those that were added up")
}

/// What puts back what no rollback does.
struct Undo(Box<dyn FnOnce() + Send>);

impl Undo {
    fn now(self) {
        (self.0)();
    }
}

/// Tampers; what exactly was done, for the report.
async fn tamper(desk: &Desk, client: &Client, kind: &Kind, dice: &mut Dice) -> (String, Option<Undo>) {
    let what = match kind.name {
        "flip a bit of a field of an event" => log_rows::flip(client, dice).await,
        "delete an event" => log_rows::delete(client, dice).await,
        "swap two events" => log_rows::swap(client, dice).await,
        "duplicate an event" => log_rows::duplicate(client, dice).await,
        "insert an event" => log_rows::insert(client, dice).await,
        "cut the tail and the heads kept beside it" => log_rows::cut(client, dice).await,
        "write the end anew with good hashes" => log_rows::write_anew(client, dice).await,
        "flip a bit of a signed head" => others::flip_head(client, dice).await,
        "change a row of a read model" => others::change_row(client, dice).await,
        "delete a row of a read model" => others::delete_row(client, dice).await,
        "repeat a row of a read model" => others::repeat_row(client, dice).await,
        "move a checkpoint beyond the head" => others::checkpoint_beyond(client, dice).await,
        "move a checkpoint back" => others::checkpoint_back(client, dice).await,
        "change an attachment" => {
            let (what, undo) = files::change(&desk.uploads, dice);
            return (what, Some(undo));
        }
        other => unreachable!("{other}"),
    };
    (what, None)
}

fn plan(desk: &Desk, kind: &Kind, case: usize) -> Plan {
    let skip = Name::ALL.into_iter();
    let skip = skip.filter(|name| !kind.found_by.contains(name) && !case.is_multiple_of(FULL_EVERY));
    Plan {
        skip: skip.collect(),
        ..everything(desk)
    }
}

/// With the heads that somebody else has kept.
fn everything(desk: &Desk) -> Plan {
    let heads = desk.kept.iter();
    Plan {
        since: 0,
        heads: heads
            .map(|note| KeptHead {
                place: "a witness".to_owned(),
                note: note.clone(),
            })
            .collect(),
        skip: Vec::new(),
    }
}

async fn verified(desk: &Desk, client: &Client, plan: &Plan) -> Report {
    desk.verifier
        .verify_on(client, Snapshot::Callers, plan, &mut |_| {})
        .await
}

/// Whether one of the checks that the tampering is for has found something.
fn is_found(report: &Report, kind: &Kind) -> bool {
    report
        .sections
        .iter()
        .any(|section| kind.found_by.contains(&section.name) && section.outcome == Outcome::Findings)
}

async fn assert_clean(desk: &Desk, client: &Client, seed: u64, when: &str) {
    client.batch_execute("BEGIN").await.unwrap();
    let report = verified(desk, client, &everything(desk)).await;
    client.batch_execute("ROLLBACK").await.unwrap();
    assert!(
        report.outcome == Outcome::Clean && report.head == desk::EVENTS,
        "TAMPER_SEED={seed}, {when}: nobody has touched it:\n{report:#?}"
    );
}
