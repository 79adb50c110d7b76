//! A log like that of a help desk that has been in use: five events a ticket, many tickets under way at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use domain::TicketEvent;
use domain::codec;
use domain::ids::{AccountId, CommentId};
use domain::text::CommentBody;
use domain::ticket::{Assigned, CommentAdded, Status, StatusChanged, Visibility};
use eventlog::{Append, EventLog, NewEvent, StreamId};
use ops::clock::{OsEntropy, SystemClock};
use tokio::task::JoinSet;

use crate::outcome::Outcome;
use crate::tickets::{Tickets, new_id};

const AT_ONCE: usize = 1024;
const REQUESTERS: usize = 500;
const AGENTS: usize = 20;

const QUESTION: &str = "Thank you for writing. Could you tell us since when this happens, whether it is the same on \
                        another desk, and what exactly the screen says? A photograph would do. We will have a look at \
                        it this afternoon in any case.";
const ANSWER: &str = "It began on Monday after the update, it is the same next door, and the screen says nothing at \
                      all: it stays as it is until I switch it off. I am here until five, and again tomorrow from \
                      eight.";
const NOTE: &str =
    "Third one from this batch; if there is a fourth, we send all of them back to where they came from.";

struct People {
    requesters: Vec<AccountId>,
    agents: Vec<AccountId>,
}

/// Appends the histories of so many new tickets.
pub(crate) async fn write(log: &EventLog, tickets: usize) -> Outcome<()> {
    let some = |number| {
        (0..number)
            .map(|_| AccountId::new(&SystemClock, &OsEntropy))
            .collect()
    };
    let people = Arc::new(People {
        requesters: some(REQUESTERS),
        agents: some(AGENTS),
    });
    let next = Arc::new(AtomicUsize::new(0));
    let mut tasks = JoinSet::new();
    for _ in 0..AT_ONCE {
        let (log, people, next) = (log.clone(), Arc::clone(&people), Arc::clone(&next));
        tasks.spawn(async move {
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= tickets {
                    return Outcome::Ok(());
                }
                history(&log, &people, number).await?;
            }
        });
    }
    while let Some(done) = tasks.join_next().await {
        done??;
    }
    Ok(())
}

/// Two commands, so that the events of different tickets stand between one ticket's.
async fn history(log: &EventLog, people: &People, number: usize) -> Outcome<()> {
    let requester = people.requesters[number % REQUESTERS];
    let agent = people.agents[number % AGENTS];
    let mut tickets = Tickets::of(requester, number);
    let mut begin = tickets.append()?;
    begin
        .events
        .push(event(&TicketEvent::Assigned(Assigned { assignee: agent })));
    let stream = begin.stream.clone();
    log.append(begin).await?;
    let end = if number.is_multiple_of(2) {
        TicketEvent::StatusChanged(StatusChanged {
            status: Status::Resolved,
        })
    } else {
        comment(agent, NOTE, Visibility::Internal)?
    };
    let rest = [
        comment(agent, QUESTION, Visibility::Public)?,
        comment(requester, ANSWER, Visibility::Public)?,
        end,
    ];
    log.append(later(&tickets, stream, &rest)).await?;
    Ok(())
}

/// A command on a ticket that has the two events of its beginning.
fn later(tickets: &Tickets, stream: StreamId, events: &[TicketEvent]) -> Append {
    Append {
        stream,
        expected: 2,
        events: events.iter().map(event).collect(),
        metadata: tickets.metadata(),
        category_unchanged_since: None,
    }
}

fn comment(author: AccountId, body: &str, visibility: Visibility) -> Outcome<TicketEvent> {
    Ok(TicketEvent::CommentAdded(CommentAdded {
        comment: CommentId::new(&SystemClock, &OsEntropy),
        author,
        body: CommentBody::parse(body)?,
        visibility,
    }))
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
