//! Official clients that are cut and frozen again and again while people write, tickets are deleted and rights changed:
//! each has in the end received everything that it may see, once and in order, and nothing else (R1, R2, R4). What it may
//! see is read from the log here, without asking the program.
//!
//! `CHAOS_CUTS` says how many cuts (`make chaos`: 1,000), `CHAOS_SEED` which.

mod desk;
mod expected;
mod incidents;
mod planted;
mod told;

use std::fmt;

use serde_json::{Value, json};
use tests::app::Client;
use tests::dice::any_seed;
use tests::socketio::SocketClient;
use tests::wait;

use desk::{Desk, Who, Writers, id};
use expected::{Log, Person, Report, judge};
use incidents::Incidents;

/// Cuts in the run that is part of all tests.
const CUTS: u64 = 120;

fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok()?.parse().ok()
}

/// The last event that each person hears of: a ticket of their own.
struct Ends(Vec<(String, i64)>);

impl Ends {
    async fn make(desk: &Desk) -> Self {
        let mut ends = Vec::new();
        for who in Who::ALL {
            let wish =
                json!({ "title": "The end", "description": "Probe description text", "category": "OTHER" });
            let made = desk.people.get(who).post("/api/tickets", &wish).await.is(201);
            ends.push((id(&made.json()), made.position()));
        }
        Self(ends)
    }

    fn position(&self, who: Who) -> i64 {
        self.0[who as usize].1
    }

    async fn have_arrived(&self, desk: &Desk, seed: u64) {
        for (number, (who, socket)) in desk.clients().enumerate() {
            let (ticket, _) = &self.0[who as usize];
            let is_end = |args: &Vec<Value>| args[0]["id"] == **ticket;
            let what = format!("the end, at client {number} ({who:?}), seed {seed}");
            wait::within(what, socket.receives("ticket:created", is_end)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[expect(clippy::print_stdout, reason = "the long run says what it did")]
async fn whatever_is_cut_every_client_receives_all_of_it_once_and_in_order() {
    let cuts = usize::try_from(number("CHAOS_CUTS").unwrap_or(CUTS)).unwrap();
    let seed = number("CHAOS_SEED").unwrap_or_else(any_seed);
    println!("CHAOS_CUTS={cuts} CHAOS_SEED={seed}");
    let mut desk = Desk::new().await;
    let mut incidents = Incidents::new(seed);
    let kept = desk.tickets.lock().unwrap().clone();
    let writers = Writers::start(&desk);
    while incidents.cuts < cuts || incidents.has_kinds_left() {
        incidents.next(&mut desk).await;
    }
    let written = writers.stop().await;
    incidents.end(&mut desk).await;
    let ends = Ends::make(&desk).await;
    ends.have_arrived(&desk, seed).await;

    let ids: Vec<&str> = Who::ALL.iter().map(|who| desk.people.get(*who).id()).collect();
    let (log, people) = told::read(&desk.ground.database, &ids, &incidents.begun).await;
    let outcome = Outcome::of(&desk, &log, &people, &ends);
    println!("{incidents}\n{written}\nevents {} {outcome}", log.facts.len());
    for (number, (who, report)) in outcome.reports.iter().enumerate() {
        assert!(
            report.is_clean(),
            "seed {seed}, client {number} ({who:?}): {report:?}"
        );
    }
    assert!(outcome.replayed > 0, "seed {seed}: nobody was told anything late");
    for (who, socket) in desk.clients() {
        assert!(socket.received("resync").is_empty(), "seed {seed}, {who:?}");
        // What she was told while she was no agent is not all that there is.
        if who != Who::Eve {
            same_state(desk.people.get(who), socket, &desk, &kept).await;
        }
    }
}

/// What became of all of it.
struct Outcome {
    reports: Vec<(Who, Report)>,
    /// How often a client was told something late, and how often one lost its connection.
    replayed: usize,
    losses: usize,
}

impl Outcome {
    fn of(desk: &Desk, log: &Log, people: &[Person], ends: &Ends) -> Self {
        let (mut reports, mut replayed, mut losses) = (Vec::new(), 0, 0);
        for (who, socket) in desk.clients() {
            let report = judge(
                log,
                &people[who as usize],
                &told::heard(socket),
                ends.position(who),
            );
            reports.push((who, report));
            for happening in socket.happenings() {
                losses += usize::from(happening.kind == "disconnect");
                replayed += usize::from(happening.rest["args"][1]["replayed"] == true);
            }
        }
        Self {
            reports,
            replayed,
            losses,
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let total =
            |of: fn(&Report) -> usize| self.reports.iter().map(|(_, report)| of(report)).sum::<usize>();
        write!(
            f,
            "losses {} received {} replayed {} open {} lost {} duplicated {} disordered {} unexpected {}",
            self.losses,
            total(|report| report.received),
            self.replayed,
            total(|report| report.open),
            total(|report| report.lost.len()),
            total(|report| report.duplicated.len()),
            total(|report| report.disordered.len()),
            total(|report| report.unexpected.len()),
        )
    }
}

/// What a client was told of each ticket that there is, is what the server says of it: the fields, and each comment that
/// it may read; of tickets that came during the run, those since it was let in.
async fn same_state(person: &Client, socket: &SocketClient, desk: &Desk, kept: &[String]) {
    let updates = socket.received("ticket:updated");
    let comments = socket.received("comment:added");
    let tickets = desk.tickets.lock().unwrap().clone();
    for ticket in &tickets {
        let answer = person.get(&format!("/api/tickets/{ticket}")).await;
        if answer.status == 404 {
            continue;
        }
        let now = answer.good();
        if let Some(last) = updates.iter().rfind(|args| args[0]["id"] == **ticket) {
            for field in ["title", "updatedAt", "assignedTo"] {
                assert_eq!(last[0][field], now[field], "{ticket}");
            }
        }
        let told: Vec<&Value> = comments
            .iter()
            .filter(|args| args[0]["ticketId"] == **ticket)
            .map(|args| &args[0]["id"])
            .collect();
        let there = now["comments"].as_array().unwrap().iter();
        let there: Vec<&Value> = there.map(|comment| &comment["id"]).collect();
        if kept.contains(ticket) {
            assert_eq!(told, there, "{ticket}");
        } else {
            assert!(there.ends_with(&told), "{ticket}: {told:?} of {there:?}");
        }
    }
}
