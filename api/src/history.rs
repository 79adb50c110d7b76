//! What was, as clients see it: the events of a ticket, and what differs between two moments. For the endpoints, and for
//! the verbs of auditors.

use domain::actor::Doer;
use domain::ticket::{Audience, Ticket, changes};
use projections::history::{Between, Difference, Recorded};
use projections::tickets::TicketRow;
use wire::{AdditionCounts, DifferenceKind, Envelope, HistoryCommand, HistoryStep, People, TicketDifference};

/// An event of a ticket, if `audience` may know of it.
pub fn step(recorded: &Recorded, audience: Audience, people: &impl People) -> Option<HistoryStep> {
    let Recorded {
        position,
        version,
        event_id,
        event_type,
        metadata,
        step,
    } = recorded;
    let envelope = Envelope {
        position: *position,
        version: *version,
        event_id: *event_id,
        event_type: event_type.clone(),
        doer: Doer::from(metadata.actor.as_str()),
        command: HistoryCommand {
            id: metadata.command_id,
            correlation_id: metadata.correlation_id,
            causation_id: metadata.causation_id,
            origin: metadata.origin.clone(),
        },
    };
    HistoryStep::of(&envelope, step, audience, people)
}

/// What became of one ticket between two moments; none if it was there at neither, nor in between.
pub fn of_ticket(between: &Between, audience: Audience, people: &impl People) -> Option<TicketDifference> {
    let there = |ticket: &'_ Option<Ticket>| ticket.clone().filter(|ticket| !ticket.deleted);
    let (before, after) = (there(&between.before), there(&between.after));
    let kind = kind(before.is_some(), after.is_some(), between.events > 0);
    let last = between.after.as_ref()?;
    if before.is_none() && after.is_none() && kind == DifferenceKind::Unchanged {
        return None;
    }
    let mut changes = changes(before.as_ref(), after.as_ref());
    changes.extend(between.additions.iter().cloned());
    let added = AdditionCounts {
        comments: between.comments,
        attachments: between.attachments,
    };
    let named = (last.id, last.title.as_str());
    Some(TicketDifference::of(
        named, kind, &changes, added, audience, people,
    ))
}

/// What became of a ticket of the desk, for auditors.
pub fn of_desk(difference: &Difference, people: &impl People) -> TicketDifference {
    let (before, after) = (difference.before.as_ref(), difference.after.as_ref());
    let ticket = |row: Option<&TicketRow>| row.map(|row| row.ticket.clone());
    let changes = changes(ticket(before).as_ref(), ticket(after).as_ref());
    let counted = |row: Option<&TicketRow>| {
        row.map_or((0, 0), |row| {
            (row.ticket.comments_for(Audience::Auditor), row.ticket.attachments)
        })
    };
    let (had, has) = (counted(before), counted(after));
    let added = AdditionCounts {
        comments: has.0.saturating_sub(had.0),
        attachments: has.1.saturating_sub(had.1),
    };
    let kind = kind(before.is_some(), after.is_some(), true);
    let named = (difference.ticket, difference.title.as_str());
    TicketDifference::of(named, kind, &changes, added, Audience::Auditor, people)
}

const fn kind(before: bool, after: bool, happened: bool) -> DifferenceKind {
    match (before, after, happened) {
        (false, true, _) => DifferenceKind::Added,
        (true, false, _) => DifferenceKind::Removed,
        (true, true, true) => DifferenceKind::Changed,
        (false, false, true) => DifferenceKind::AddedAndRemoved,
        (_, _, false) => DifferenceKind::Unchanged,
    }
}
