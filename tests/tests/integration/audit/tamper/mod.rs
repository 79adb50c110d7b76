//! D8: a thousand random ways to tamper with a desk of 10,000 events, by somebody who is superuser of its database and
//! can write to its folders. All are found, and nothing is found on what nobody has touched.
//!
//! Cases are done in a transaction with the triggers off, verified within it, and rolled back. They are verified by the
//! kinds of checks that they are for; now and then by all of them. Where one event is touched, several are in one
//! transaction, each in a part of the log of its own, and each must be found at its position. `TAMPER_SEED` and
//! `TAMPER_CASES` repeat a run or make it longer.

mod column;
mod desk;
mod files;
mod log_rows;
mod others;

use std::collections::BTreeMap;

use api::verification::{KeptHead, Name, Outcome, Plan, Report};
use projections::engine::Snapshot;
use tests::dice::{self, Dice};
use tokio_postgres::Client;

use desk::Desk;

const CASES: usize = 1_000;
/// Every so many transactions are verified by all kinds of checks.
const FULL_EVERY: usize = 60;
/// Parts of the log of which each is touched by one of the cases in a transaction.
const PARTS: i64 = 4;

/// A kind of tampering: what it does, and which checks are to find it.
struct Kind {
    name: &'static str,
    /// How often it comes, beside the others.
    weight: usize,
    found_by: &'static [Name],
    touches: Touches,
}

/// What a kind of tampering touches.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Touches {
    /// One event, at whose position it is found.
    OneEvent,
    /// Something else.
    Other,
}

const KINDS: &[Kind] = &[
    one_event("flip a bit of a field of an event", 40),
    one_event("delete an event", 8),
    one_event("swap two events", 8),
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
        touches: Touches::Other,
    }
}

const fn one_event(name: &'static str, weight: usize) -> Kind {
    Kind {
        touches: Touches::OneEvent,
        ..kind(name, weight, CHAIN)
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
    let mut transactions = 0_usize;
    let mut done = 0;
    while done < cases {
        let kind = chosen(&mut dice);
        let parts = if kind.touches == Touches::OneEvent {
            PARTS
        } else {
            1
        };
        client
            .batch_execute("BEGIN; SET LOCAL session_replication_role = replica")
            .await
            .unwrap();
        let mut tried = Vec::new();
        for part in 0..parts {
            let width = desk::EVENTS / parts;
            let range = Range(part * width + 1, (part + 1) * width);
            tried.push(tamper(&desk, &client, kind, range, &mut dice).await);
        }
        let full = transactions.is_multiple_of(FULL_EVERY);
        let report = verified(&desk, &client, &plan(&desk, kind, full)).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        for case in tried {
            if !is_found(&report, kind, case.position) || full && report.outcome != Outcome::Findings {
                missed.push(format!("{}: {}\n{report:#?}", kind.name, case.what));
            }
            if let Some(undo) = case.undo {
                undo();
            }
            done += 1;
            *counts.entry(kind.name).or_default() += 1;
        }
        if full {
            assert_clean(&desk, &client, seed, &format!("after {done} cases")).await;
        }
        transactions += 1;
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

/// Positions from the first to the second.
#[derive(Clone, Copy)]
struct Range(i64, i64);

/// What was done in a case.
struct Case {
    what: String,
    /// Where it must be found, if it touches one event.
    position: Option<i64>,
    /// Puts back what no rollback does.
    undo: Option<Box<dyn FnOnce() + Send>>,
}

impl Case {
    fn of(what: String) -> Self {
        Self {
            what,
            position: None,
            undo: None,
        }
    }

    fn at(position: i64, what: String) -> Self {
        Self {
            position: Some(position),
            ..Self::of(what)
        }
    }
}

async fn tamper(desk: &Desk, client: &Client, kind: &Kind, range: Range, dice: &mut Dice) -> Case {
    match kind.name {
        "flip a bit of a field of an event" => log_rows::flip(client, range, dice).await,
        "delete an event" => log_rows::delete(client, range, dice).await,
        "swap two events" => log_rows::swap(client, range, dice).await,
        "duplicate an event" => Case::of(log_rows::duplicate(client, dice).await),
        "insert an event" => Case::of(log_rows::insert(client, dice).await),
        "cut the tail and the heads kept beside it" => Case::of(log_rows::cut(client, dice).await),
        "write the end anew with good hashes" => Case::of(log_rows::write_anew(client, dice).await),
        "flip a bit of a signed head" => Case::of(others::flip_head(client, dice).await),
        "change a row of a read model" => Case::of(others::change_row(client, dice).await),
        "delete a row of a read model" => Case::of(others::delete_row(client, dice).await),
        "repeat a row of a read model" => Case::of(others::repeat_row(client, dice).await),
        "move a checkpoint beyond the head" => Case::of(others::checkpoint_beyond(client, dice).await),
        "move a checkpoint back" => Case::of(others::checkpoint_back(client, dice).await),
        "change an attachment" => files::change(&desk.uploads, dice),
        other => unreachable!("{other}"),
    }
}

fn plan(desk: &Desk, kind: &Kind, full: bool) -> Plan {
    let skip = Name::ALL
        .into_iter()
        .filter(|name| !full && !kind.found_by.contains(name));
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

/// Whether one of the checks that the tampering is for has found something, and at its position.
fn is_found(report: &Report, kind: &Kind, position: Option<i64>) -> bool {
    let sections = report
        .sections
        .iter()
        .filter(|section| kind.found_by.contains(&section.name) && section.outcome == Outcome::Findings);
    let mut findings = sections.flat_map(|section| &section.findings);
    findings.any(|finding| position.is_none() || finding.position == position)
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
