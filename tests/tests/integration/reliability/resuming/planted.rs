//! What judges the chaos run is itself tested with planted faults.

use std::collections::HashSet;
use std::time::{Duration, Instant};

use super::expected::{Change, Fact, Heard, Log, Person, Report, Standing, judge};

/// Ulla's ticket: created at 1, a title at 3, comments at 4 and 5 (internal), an account at 6, the end at 9. And Otto's,
/// created at 2, with a comment at 7 and a title at 8.
fn log() -> Log {
    let (hers, his) = (|| "hers".to_owned(), || "his".to_owned());
    let facts = [
        Fact::Ticket(hers()),
        Fact::Ticket(his()),
        Fact::Ticket(hers()),
        Fact::Public(hers()),
        Fact::Internal(hers()),
        Fact::Account,
        Fact::Public(his()),
        Fact::Ticket(his()),
        Fact::Ticket(hers()),
    ];
    Log {
        facts: (1..).zip(facts).collect(),
        owners: [(hers(), "ulla".to_owned()), (his(), "otto".to_owned())].into(),
        ..Log::default()
    }
}

fn person(id: &str, changes: &[(i64, Standing, Instant)]) -> Person {
    let change = |(position, standing, begun): &(i64, Standing, Instant)| Change {
        position: *position,
        standing: *standing,
        begun: Some(*begun),
    };
    Person {
        id: id.to_owned(),
        changes: changes.iter().map(change).collect(),
    }
}

fn welcome(position: i64, tickets: &[&str]) -> Heard {
    let granted: HashSet<String> = tickets.iter().map(|ticket| (*ticket).to_owned()).collect();
    Heard::Welcome { position, granted }
}

/// One thing a second.
fn heard(from: Instant, all: impl IntoIterator<Item = Heard>) -> Vec<(Instant, Heard)> {
    let times = (0..).map(|number| from + Duration::from_secs(number));
    times.zip(all).collect()
}

fn told(positions: &[i64]) -> impl Iterator<Item = Heard> {
    positions.iter().map(|position| Heard::Told(*position))
}

fn of_requester(positions: &[i64]) -> Report {
    let now = Instant::now();
    let ulla = person("ulla", &[(0, Standing::Requester, now)]);
    let all = std::iter::once(welcome(0, &["hers"])).chain(told(positions));
    judge(&log(), &ulla, &heard(now, all), 9)
}

#[test]
fn what_is_lost_unexpected_twice_or_out_of_order_is_found() {
    assert!(of_requester(&[1, 3, 4, 9]).is_clean());
    assert_eq!(of_requester(&[1, 4, 9]).lost, [3]);
    assert_eq!(of_requester(&[1, 3, 9]).lost, [4]);
    // An internal comment, an account, a foreign ticket, and what is not in the log.
    assert_eq!(of_requester(&[1, 3, 4, 5, 9]).unexpected, [5]);
    assert_eq!(of_requester(&[1, 3, 4, 6, 8, 9]).unexpected, [6, 8]);
    assert_eq!(of_requester(&[0, 1, 3, 4, 9]).unexpected, [0]);
    assert_eq!(of_requester(&[1, 3, 3, 4, 9]).duplicated, [3]);
    let disordered = of_requester(&[1, 4, 3, 9]);
    assert_eq!((disordered.disordered, disordered.lost), (vec![3], vec![]));
}

#[test]
fn an_agent_is_told_everything_of_the_rooms_that_it_is_in() {
    let now = Instant::now();
    let agent = person("ada", &[(0, Standing::Agent, now)]);
    let all = |tickets: &[&str], positions: &[i64]| {
        let all = std::iter::once(welcome(0, tickets)).chain(told(positions));
        judge(&log(), &agent, &heard(now, all), 9)
    };
    assert!(all(&["hers", "his"], &[1, 2, 3, 4, 5, 6, 7, 8, 9]).is_clean());
    assert_eq!(all(&["hers", "his"], &[1, 2, 3, 4, 5, 8, 9]).lost, [6, 7]);
    let elsewhere = all(&["hers"], &[1, 2, 3, 4, 5, 6, 8, 9]);
    assert!(elsewhere.is_clean());
    assert_eq!(elsewhere.open, 1);
}

#[test]
fn a_room_that_is_joined_counts_from_its_answer_on() {
    let now = Instant::now();
    let ulla = person("ulla", &[(0, Standing::Requester, now)]);
    let joined = |position| {
        let joined = Heard::Joined {
            ticket: "hers".to_owned(),
            position,
        };
        let all = [
            welcome(0, &[]),
            joined,
            Heard::Told(1),
            Heard::Told(3),
            Heard::Told(9),
        ];
        judge(&log(), &ulla, &heard(now, all), 9)
    };
    assert_eq!(joined(3).lost, [4]);
    assert_eq!((joined(4).lost, joined(4).open), (vec![], 1));
}

#[test]
fn what_was_missed_is_judged_by_the_rights_at_the_return() {
    let now = Instant::now();
    let later = now + Duration::from_mins(1);
    let back = |standing, positions: &[i64]| {
        let eve = person("eve", &[(0, Standing::Agent, now), (6, standing, now)]);
        let first = [welcome(0, &["hers"]), Heard::Told(1), Heard::Told(2)];
        let all = first.into_iter().chain([welcome(7, &["hers"])]);
        let all = all.chain(told(positions)).chain([Heard::UpTo(7), Heard::UpTo(9)]);
        judge(&log(), &eve, &heard(later, all), 9)
    };
    // She is nobody's agent any more: of all that, she is told nothing.
    assert!(back(Standing::Requester, &[]).is_clean());
    assert_eq!(back(Standing::Requester, &[3, 4]).unexpected, [3, 4]);
    assert_eq!(back(Standing::Agent, &[3, 4, 6]).lost, [5, 8, 9]);
}

#[test]
fn while_rights_change_either_is_right_but_not_before_that_was_begun() {
    let now = Instant::now();
    let demoted = |begun| {
        let eve = person(
            "eve",
            &[(0, Standing::Agent, now), (8, Standing::Requester, begun)],
        );
        let all = [
            welcome(0, &["hers"]),
            Heard::Told(1),
            Heard::Told(2),
            Heard::UpTo(9),
        ];
        judge(&log(), &eve, &heard(now, all), 9)
    };
    let during = demoted(now + Duration::from_secs(3));
    assert_eq!((during.lost, during.open), (vec![], 5));
    let afterwards = demoted(now + Duration::from_secs(4));
    assert_eq!(afterwards.lost, [3, 4, 5, 6]);
}

#[test]
fn of_a_ticket_that_has_ended_only_the_end_is_told_to_whoever_returns() {
    let now = Instant::now();
    let mut log = log();
    log.facts.insert(9, Fact::Deleted("hers".to_owned()));
    log.deletions.insert("hers".to_owned(), (9, now));
    let ulla = person("ulla", &[(0, Standing::Requester, now)]);
    let back = |positions: &[i64]| {
        let first = [welcome(0, &["hers"]), Heard::Told(1), welcome(9, &[])];
        let all = first.into_iter().chain(told(positions)).chain([Heard::UpTo(9)]);
        judge(&log, &ulla, &heard(now, all), 9)
    };
    assert!(back(&[9]).is_clean());
    assert_eq!(back(&[]).lost, [9]);
    assert_eq!(back(&[3, 9]).unexpected, [3]);
}
