//! What differs between two states of a ticket, field by field: of one event, or between two moments.

use super::event::TicketEvent;
use super::state::{Attachment, Comment, Ticket, evolve};
use crate::ids::AccountId;
use crate::time::Timestamp;

/// Something about a ticket that can differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Field {
    /// In a line.
    Title,
    /// At length.
    Description,
    /// How far it has come.
    Status,
    /// How much it matters.
    Priority,
    /// What it is about.
    Category,
    /// Whose it is.
    Requester,
    /// Who works on it.
    Assignee,
    /// When it was last resolved or closed. Follows from the status.
    ResolvedAt,
    /// Something that was said.
    Comment,
    /// A file.
    Attachment,
    /// Whether it is gone.
    Deleted,
}

impl Field {
    /// Its name, as in the JSON of a ticket.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Description => "description",
            Self::Status => "status",
            Self::Priority => "priority",
            Self::Category => "category",
            Self::Requester => "requester",
            Self::Assignee => "assignee",
            Self::ResolvedAt => "resolvedAt",
            Self::Comment => "comment",
            Self::Attachment => "attachment",
            Self::Deleted => "deleted",
        }
    }
}

/// What a field is, or was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// What somebody wrote.
    Text(String),
    /// One of a few spellings.
    Spelling(&'static str),
    /// Somebody.
    Person(AccountId),
    /// A point in time.
    Time(Timestamp),
    /// Something that was said.
    Comment(Comment),
    /// A file.
    Attachment(Attachment),
    /// Yes.
    Yes,
}

/// One field that differs. Nothing stands for a field of a ticket that was not there, for nobody, and for no.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Which field.
    pub field: Field,
    /// What it was.
    pub from: Option<Value>,
    /// What it is.
    pub to: Option<Value>,
}

/// What differs between two states of one ticket, its fields in their order; comments and attachments are not in its
/// state. `updated_at` is left out: that something changed is what all of this says.
pub fn changes(before: Option<&Ticket>, after: Option<&Ticket>) -> Vec<Change> {
    FIELDS
        .iter()
        .filter_map(|(field, value)| {
            let (from, to) = (before.and_then(value), after.and_then(value));
            let field = *field;
            (from != to).then_some(Change { field, from, to })
        })
        .collect()
}

type Read = fn(&Ticket) -> Option<Value>;

const FIELDS: &[(Field, Read)] = &[
    (Field::Title, |ticket| Some(Value::Text(ticket.title.to_string()))),
    (Field::Description, |ticket| {
        Some(Value::Text(ticket.description.to_string()))
    }),
    (Field::Status, |ticket| {
        Some(Value::Spelling(ticket.status.as_str()))
    }),
    (Field::Priority, |ticket| {
        Some(Value::Spelling(ticket.priority.as_str()))
    }),
    (Field::Category, |ticket| {
        Some(Value::Spelling(ticket.category.as_str()))
    }),
    (Field::Requester, |ticket| Some(Value::Person(ticket.requester))),
    (Field::Assignee, |ticket| ticket.assignee.map(Value::Person)),
    (Field::ResolvedAt, |ticket| ticket.resolved_at.map(Value::Time)),
    (Field::Deleted, |ticket| ticket.deleted.then_some(Value::Yes)),
];

/// What `event` on `ticket`, recorded at `at`, added beside the ticket's fields: a comment or an attachment.
pub fn addition(ticket: &Ticket, event: &TicketEvent, at: Timestamp) -> Option<Change> {
    let comment =
        || Comment::of(ticket.id, event, at).map(|comment| (Field::Comment, Value::Comment(comment)));
    let attachment = || {
        Attachment::of(ticket.id, event, at)
            .map(|attachment| (Field::Attachment, Value::Attachment(attachment)))
    };
    let (field, added) = comment().or_else(attachment)?;
    Some(Change {
        field,
        from: None,
        to: Some(added),
    })
}

/// One event of a ticket, and what it did to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub event: TicketEvent,
    /// When it was recorded.
    pub at: Timestamp,
    /// The ticket before it; none before the first one.
    pub before: Option<Ticket>,
    /// The ticket after it.
    pub after: Option<Ticket>,
    /// What it changed.
    pub changes: Vec<Change>,
}

impl Step {
    /// The step from `before` by `event`, which was recorded at `at`.
    pub fn of(before: Option<Ticket>, event: TicketEvent, at: Timestamp) -> Self {
        let after = evolve(before.clone(), &event, at);
        let mut changes = changes(before.as_ref(), after.as_ref());
        changes.extend(after.as_ref().and_then(|ticket| addition(ticket, &event, at)));
        Self {
            event,
            at,
            before,
            after,
            changes,
        }
    }
}

/// A ticket's whole stream, event by event.
pub fn replay(events: impl IntoIterator<Item = (TicketEvent, Timestamp)>) -> impl Iterator<Item = Step> {
    events.into_iter().scan(None::<Ticket>, |state, (event, at)| {
        let step = Step::of(state.take(), event, at);
        state.clone_from(&step.after);
        Some(step)
    })
}
