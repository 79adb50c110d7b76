//! A ticket's life as ranges of positions: folded by the domain's own `evolve`, one event at a time.

use domain::ticket::{Category, Priority, Status, Ticket, TicketEvent};
use domain::{AccountId, Timestamp};
use eventlog::{EventFacts, Position};

use crate::engine::ApplyError;
use crate::tickets::{Folded, step};

/// A ticket, and since when it has been as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Life {
    pub(super) folded: Folded,
    pub(super) fields_from: Position,
    pub(super) title_from: Position,
}

/// What stands in a row of `fields`, beside its range and its ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Fields {
    pub(super) status: Status,
    pub(super) priority: Priority,
    pub(super) category: Category,
    pub(super) requester: AccountId,
    pub(super) assignee: Option<AccountId>,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    pub(super) resolved_at: Option<Timestamp>,
}

impl From<&Ticket> for Fields {
    fn from(ticket: &Ticket) -> Self {
        Self {
            status: ticket.status,
            priority: ticket.priority,
            category: ticket.category,
            requester: ticket.requester,
            assignee: ticket.assignee,
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            resolved_at: ticket.resolved_at,
        }
    }
}

/// A value, and the position since which it has been so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Since<T> {
    pub(super) value: T,
    pub(super) from: Position,
}

/// What one event ends and begins. What it ends ends at its position.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) ended_fields: Option<Since<Fields>>,
    pub(super) ended_title: Option<Since<String>>,
    /// Whether a description begins.
    pub(super) describes: bool,
    pub(super) begins: bool,
    pub(super) deletes: bool,
    /// Of the ticket's event before; 0 if there is none.
    pub(super) previous: Position,
}

impl Life {
    pub(super) fn ticket(&self) -> &Ticket {
        &self.folded.ticket
    }

    /// The fields that are so now; none of a deleted ticket.
    pub(super) fn open_fields(&self) -> Option<Since<Fields>> {
        let ticket = self.ticket();
        (!ticket.deleted).then(|| Since {
            value: Fields::from(ticket),
            from: self.fields_from,
        })
    }

    /// The title that is so now; none of a deleted ticket.
    pub(super) fn open_title(&self) -> Option<Since<String>> {
        let ticket = self.ticket();
        (!ticket.deleted).then(|| Since {
            value: ticket.title.as_str().to_owned(),
            from: self.title_from,
        })
    }
}

/// Takes one event into a life. An error leaves it as it was.
pub(super) fn turn(life: &mut Option<Life>, event: &EventFacts<'_>) -> Result<Turn, ApplyError> {
    let position = event.position;
    let fields = life.as_ref().and_then(Life::open_fields);
    let title = life.as_ref().and_then(Life::open_title);
    let begins = life.is_none();
    let was_deleted = life.as_ref().is_some_and(|life| life.ticket().deleted);
    let (mut folded, fields_from, title_from) = match life.take() {
        Some(life) => (Some(life.folded), life.fields_from, life.title_from),
        None => (None, position, position),
    };
    let previous = folded.as_ref().map_or(0, |folded| folded.position);
    let happened = step(&mut folded, event);
    let mut now = folded.map(|folded| Life {
        folded,
        fields_from,
        title_from,
    });
    let (Ok(happened), Some(next)) = (&happened, &mut now) else {
        *life = now;
        return Err(happened.err().unwrap_or_else(nothing));
    };
    let ticket = &next.folded.ticket;
    let deleted = ticket.deleted;
    let is_fields = Fields::from(ticket);
    let ended_fields = fields.filter(|since| deleted || since.value != is_fields);
    let ended_title = title.filter(|since| deleted || since.value != ticket.title.as_str());
    if ended_fields.is_some() {
        next.fields_from = position;
    }
    if ended_title.is_some() {
        next.title_from = position;
    }
    let describes = begins || (!was_deleted && matches!(happened, TicketEvent::DescriptionChanged(_)));
    *life = now;
    Ok(Turn {
        ended_fields,
        ended_title,
        describes,
        begins,
        deletes: deleted && !was_deleted,
        previous,
    })
}

/// Takes in one event that has no effect; where the one before it stands. None if there is no ticket.
pub(super) fn pass_over(life: &mut Option<Life>, event: &EventFacts<'_>) -> Option<Position> {
    let folded = &mut life.as_mut()?.folded;
    let previous = folded.position;
    folded.version = event.version;
    folded.position = event.position;
    Some(previous)
}

fn nothing() -> ApplyError {
    ApplyError::Data("the ticket came to nothing".to_owned())
}
