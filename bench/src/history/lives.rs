//! A log of tickets that live long: ten events each, the later ones when many others have begun since.

use std::collections::VecDeque;

use domain::TicketEvent;
use domain::codec;
use domain::ids::{AccountId, CommentId, TicketId};
use domain::text::CommentBody;
use domain::ticket::{Assigned, CommentAdded, Priority, PriorityChanged, Status, StatusChanged, Visibility};
use eventlog::{Append, EventLog, NewEvent, StreamId};
use futures::future::try_join_all;
use ops::clock::{OsEntropy, SystemClock};

use crate::outcome::Outcome;
use crate::tickets::{Tickets, new_id};

const AT_ONCE: usize = 500;
/// How many times as many have begun before somebody works on a ticket, and before it is done.
const WORKED_AFTER: usize = 4;
const DONE_AFTER: usize = 20;
const REQUESTERS: usize = 500;
const AGENTS: usize = 20;

const SAID: &str = "It began on Monday after the update, it is the same next door, and the screen says nothing at \
                    all: it stays as it is until I switch it off. I am here until five, and again tomorrow.";

/// Who is on the desk, and one ticket that lives longer than all others.
pub(super) struct People {
    pub(super) requesters: Vec<AccountId>,
    pub(super) agents: Vec<AccountId>,
}

struct Begun {
    number: usize,
    tickets: Tickets,
    stream: StreamId,
}

/// Appends the lives of so many tickets.
pub(super) async fn write(log: &EventLog, tickets: usize) -> Outcome<People> {
    let some = |number| -> Vec<AccountId> {
        (0..number)
            .map(|_| AccountId::new(&SystemClock, &OsEntropy))
            .collect()
    };
    let people = People {
        requesters: some(REQUESTERS),
        agents: some(AGENTS),
    };
    let (mut begun, mut worked): (VecDeque<Vec<Begun>>, VecDeque<Vec<Begun>>) = Default::default();
    for first in (0..tickets).step_by(AT_ONCE) {
        let numbers = first..(first + AT_ONCE).min(tickets);
        begun.push_back(try_join_all(numbers.map(|number| begin(log, &people, number))).await?);
        if begun.len() > WORKED_AFTER {
            worked.extend(next(log, &people, &mut begun, 2, work).await?);
        }
        if worked.len() > DONE_AFTER - WORKED_AFTER {
            next(log, &people, &mut worked, 6, done).await?;
        }
    }
    while !begun.is_empty() {
        worked.extend(next(log, &people, &mut begun, 2, work).await?);
    }
    while !worked.is_empty() {
        next(log, &people, &mut worked, 6, done).await?;
    }
    Ok(people)
}

/// A ticket with so many events, for half of which something changes.
pub(super) async fn long_life(log: &EventLog, events: usize) -> Outcome<TicketId> {
    let mut tickets = Tickets::new();
    let begin = tickets.append()?;
    let stream = begin.stream.clone();
    log.append(begin).await?;
    for number in 1..events {
        let happened = if number.is_multiple_of(2) {
            status(Status::ALL[number / 2 % Status::ALL.len()])
        } else {
            comment(AccountId::new(&SystemClock, &OsEntropy))?
        };
        let expected = i64::try_from(number)?;
        log.append(later(&tickets, stream.clone(), expected, &[happened]))
            .await?;
    }
    Ok(TicketId::from_uuid(stream.id))
}

async fn begin(log: &EventLog, people: &People, number: usize) -> Outcome<Begun> {
    let mut tickets = Tickets::of(people.requesters[number % REQUESTERS], number);
    let mut append = tickets.append()?;
    let assignee = people.agents[number % AGENTS];
    append
        .events
        .push(event(&TicketEvent::Assigned(Assigned { assignee })));
    let stream = append.stream.clone();
    log.append(append).await?;
    Ok(Begun {
        number,
        tickets,
        stream,
    })
}

/// The next command on each of the first lot of `waiting`.
async fn next(
    log: &EventLog,
    people: &People,
    waiting: &mut VecDeque<Vec<Begun>>,
    expected: i64,
    events: fn(&People, usize) -> Outcome<[TicketEvent; 4]>,
) -> Outcome<Option<Vec<Begun>>> {
    let Some(lot) = waiting.pop_front() else {
        return Ok(None);
    };
    let appends = lot.iter().map(|ticket| async {
        let events = events(people, ticket.number)?;
        log.append(later(&ticket.tickets, ticket.stream.clone(), expected, &events))
            .await?;
        Outcome::Ok(())
    });
    try_join_all(appends).await?;
    Ok(Some(lot))
}

fn work(people: &People, number: usize) -> Outcome<[TicketEvent; 4]> {
    Ok([
        status(Status::InProgress),
        comment(people.agents[number % AGENTS])?,
        comment(people.requesters[number % REQUESTERS])?,
        TicketEvent::PriorityChanged(PriorityChanged {
            priority: Priority::ALL[(number + 1) % Priority::ALL.len()],
        }),
    ])
}

/// Nine of ten are done in the end.
fn done(people: &People, number: usize) -> Outcome<[TicketEvent; 4]> {
    let end = match number % 10 {
        0 => Status::InProgress,
        1..=4 => Status::Resolved,
        _ => Status::Closed,
    };
    Ok([
        status(Status::Waiting),
        comment(people.requesters[number % REQUESTERS])?,
        comment(people.agents[number % AGENTS])?,
        status(end),
    ])
}

fn status(status: Status) -> TicketEvent {
    TicketEvent::StatusChanged(StatusChanged { status })
}

fn comment(author: AccountId) -> Outcome<TicketEvent> {
    Ok(TicketEvent::CommentAdded(CommentAdded {
        comment: CommentId::new(&SystemClock, &OsEntropy),
        author,
        body: CommentBody::parse(SAID)?,
        visibility: Visibility::Public,
    }))
}

fn later(tickets: &Tickets, stream: StreamId, expected: i64, events: &[TicketEvent]) -> Append {
    Append {
        stream,
        expected,
        events: events.iter().map(event).collect(),
        metadata: tickets.metadata(),
        category_unchanged_since: None,
    }
}

fn event(event: &TicketEvent) -> NewEvent {
    let encoded = codec::encode_ticket(event);
    NewEvent {
        event_id: new_id(),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        payload: encoded.payload,
    }
}
