//! What a client must, may and must not have received, by the log and by what it has heard of its own connections. Pure.
//!
//! Rights count as of when something is told, which is at the event's position at the earliest and before the client
//! heard of it at the latest; what was missed is told by the rights at the connection's `welcome` or later ones. Where
//! rights were changing at just that time, either is right: such events are counted as open.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::time::Instant;

/// In which capacity somebody hears of tickets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    /// All of them.
    Agent,
    /// Their own.
    Requester,
    /// None: the account is deactivated.
    Nobody,
}

/// What somebody is from a position on.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub(super) position: i64,
    pub(super) standing: Standing,
    /// Nothing that was heard of before was judged by it; none if that was before the run.
    pub(super) begun: Option<Instant>,
}

impl Change {
    fn may_have_been(&self, at: Instant) -> bool {
        self.begun.is_none_or(|begun| begun <= at)
    }
}

/// Somebody, with all that they have been, in the log's order.
#[derive(Clone, Debug)]
pub(super) struct Person {
    pub(super) id: String,
    pub(super) changes: Vec<Change>,
}

/// An event, as far as it matters to whom it is told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Fact {
    /// Of an account.
    Account,
    /// Of a ticket, to all who may read it.
    Ticket(String),
    /// The ticket's end, likewise.
    Deleted(String),
    /// Of a ticket, to those in its room.
    Public(String),
    /// Likewise, but not to requesters.
    Internal(String),
}

impl Fact {
    fn ticket(&self) -> Option<&String> {
        match self {
            Self::Account => None,
            Self::Ticket(id) | Self::Deleted(id) | Self::Public(id) | Self::Internal(id) => Some(id),
        }
    }
}

/// The log.
#[derive(Debug, Default)]
pub(super) struct Log {
    pub(super) facts: BTreeMap<i64, Fact>,
    /// Whose each ticket is.
    pub(super) owners: HashMap<String, String>,
    /// Where tickets ended, and when that was begun.
    pub(super) deletions: HashMap<String, (i64, Instant)>,
}

/// What a client has heard.
#[derive(Clone, Debug)]
pub(super) enum Heard {
    /// A connection begins: from where on it is live, and the rooms that it is in.
    Welcome { position: i64, granted: HashSet<String> },
    /// It is in a room, and hears everything of it after this position.
    Joined { ticket: String, position: i64 },
    /// A broadcast.
    Told(i64),
    /// It has missed nothing up to here.
    UpTo(i64),
}

/// What became of all events, seen by one client.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Report {
    /// Told, each counted once.
    pub(super) received: usize,
    /// Must have been told and were not.
    pub(super) lost: Vec<i64>,
    /// Must not have been told and were.
    pub(super) unexpected: Vec<i64>,
    pub(super) duplicated: Vec<i64>,
    /// Told after a later one.
    pub(super) disordered: Vec<i64>,
    /// Might have been told or not.
    pub(super) open: usize,
}

impl Report {
    pub(super) fn is_clean(&self) -> bool {
        [&self.lost, &self.unexpected, &self.duplicated, &self.disordered]
            .iter()
            .all(|faults| faults.is_empty())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Must,
    May,
    MustNot,
}

/// The connection that a client has at some point of what it heard.
#[derive(Default)]
struct Connection {
    /// From where on it is live; 0 before the first welcome.
    live_from: i64,
    /// What the client had reached before it.
    reached_before: i64,
    granted: HashSet<String>,
    joined: HashMap<String, i64>,
}

/// A place in what a client heard.
struct Reader<'a> {
    rest: std::slice::Iter<'a, (Instant, Heard)>,
    connection: Connection,
    reached: i64,
    at: Option<Instant>,
}

impl Reader<'_> {
    /// On to what shows that the client has been told the event at `position`, or will never be: when it heard that.
    fn upto(&mut self, position: i64) -> Option<Instant> {
        while self.reached < position {
            let (at, heard) = self.rest.next()?;
            self.at = Some(*at);
            match heard {
                Heard::Welcome { position, granted } => {
                    self.connection = Connection {
                        live_from: *position,
                        reached_before: self.reached,
                        granted: granted.clone(),
                        joined: HashMap::new(),
                    };
                }
                Heard::Joined { ticket, position } => {
                    self.connection.joined.insert(ticket.clone(), *position);
                }
                Heard::Told(position) | Heard::UpTo(position) => self.reached = self.reached.max(*position),
            }
        }
        self.at
    }
}

/// Judges everything up to `end`, which the client has heard of.
pub(super) fn judge(log: &Log, person: &Person, heard: &[(Instant, Heard)], end: i64) -> Report {
    let mut report = Report::default();
    let told = count(heard, end, &mut report);
    report.received = told.len();
    // The first connection is live from its welcome on; of what was before, it is told nothing.
    let start = heard.iter().find_map(first_welcome).unwrap_or(i64::MAX);
    let mut reader = Reader {
        rest: heard.iter(),
        connection: Connection::default(),
        reached: start,
        at: None,
    };
    for (position, fact) in log.facts.range(..=end) {
        let verdict = match reader.upto(*position) {
            Some(at) if *position > start => log.verdict(person, &reader.connection, *position, fact, at),
            Some(_) | None => Verdict::MustNot,
        };
        match (verdict, told.contains(position)) {
            (Verdict::Must, false) => report.lost.push(*position),
            (Verdict::MustNot, true) => report.unexpected.push(*position),
            (Verdict::May, _) => report.open += 1,
            (Verdict::Must, true) | (Verdict::MustNot, false) => {}
        }
    }
    let unknown = told.iter().filter(|position| !log.facts.contains_key(position));
    report.unexpected.extend(unknown);
    report
}

fn first_welcome((_, heard): &(Instant, Heard)) -> Option<i64> {
    match heard {
        Heard::Welcome { position, .. } => Some(*position),
        Heard::Joined { .. } | Heard::Told(_) | Heard::UpTo(_) => None,
    }
}

/// The positions that were told; what came twice or too late is noted.
fn count(heard: &[(Instant, Heard)], end: i64, report: &mut Report) -> BTreeSet<i64> {
    let mut told = BTreeSet::new();
    for (_, heard) in heard {
        let Heard::Told(position) = heard else { continue };
        if *position > end {
            continue;
        }
        if told.last().is_some_and(|last| last > position) {
            report.disordered.push(*position);
        }
        if !told.insert(*position) {
            report.duplicated.push(*position);
        }
    }
    told
}

impl Log {
    /// `at`: when the client heard that it had been told of the event, or would not be.
    fn verdict(
        &self,
        person: &Person,
        connection: &Connection,
        position: i64,
        fact: &Fact,
        at: Instant,
    ) -> Verdict {
        let live_from = connection.live_from;
        let sees: Vec<bool> = standings(person, position.max(live_from), at)
            .map(|standing| self.may_see(person, standing, fact))
            .collect();
        if !sees.contains(&true) {
            return Verdict::MustNot;
        }
        let mut verdict = if sees.contains(&false) {
            Verdict::May
        } else {
            Verdict::Must
        };
        if let Fact::Public(ticket) | Fact::Internal(ticket) = fact
            && !self.is_in(person, connection, position, ticket, at)
        {
            verdict = Verdict::May;
        }
        let deletion = fact.ticket().and_then(|ticket| self.deletions.get(ticket));
        match deletion {
            Some((deleted, _)) if position < *deleted && *deleted <= live_from => Verdict::MustNot,
            Some((deleted, begun)) if position < *deleted && *begun <= at => Verdict::May,
            Some(_) | None => verdict,
        }
    }

    fn may_see(&self, person: &Person, standing: Standing, fact: &Fact) -> bool {
        match standing {
            Standing::Agent => true,
            Standing::Nobody => false,
            Standing::Requester => match fact {
                Fact::Account | Fact::Internal(_) => false,
                Fact::Ticket(id) | Fact::Deleted(id) | Fact::Public(id) => self.owners[id] == person.id,
            },
        }
    }

    /// Whether the client is certainly in the ticket's room. Whoever loses the right to it leaves it, and is in it again
    /// only by another join.
    fn is_in(
        &self,
        person: &Person,
        connection: &Connection,
        position: i64,
        ticket: &String,
        at: Instant,
    ) -> bool {
        let stays = |since: i64| {
            let loses = |change: &Change| {
                change.standing == Standing::Requester && change.position > since && change.may_have_been(at)
            };
            self.owners[ticket] == person.id || !person.changes.iter().any(loses)
        };
        let joined = connection.joined.get(ticket);
        let by_handshake = connection.granted.contains(ticket) && stays(connection.reached_before);
        by_handshake || joined.is_some_and(|joined| position > *joined && stays(*joined))
    }
}

/// What a person may have been when somebody looked, at `from` or later, and not after `at`.
fn standings(person: &Person, from: i64, at: Instant) -> impl Iterator<Item = Standing> {
    let before = person.changes.iter().rfind(|change| change.position <= from);
    let later = person
        .changes
        .iter()
        .filter(move |change| change.position > from && change.may_have_been(at));
    before.into_iter().chain(later).map(|change| change.standing)
}
