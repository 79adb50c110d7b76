//! What happened to a ticket, and what differs, in words (English). Whoever asks says what people are called.

use super::change::{Change, Field, Step, Value};
use super::event::TicketEvent;
use super::fields::Visibility;
use crate::ids::AccountId;
use crate::text::disguises;

/// Characters of a longer text that are quoted.
const QUOTED_CHARS_MAX: usize = 80;

impl Step {
    /// What was done, as it follows the name of whoever did it: `changed the status from OPEN to WAITING`.
    pub fn deed(&self, name: &impl Fn(AccountId) -> String) -> String {
        let before = self.before.as_ref();
        match &self.event {
            TicketEvent::Created(created) => format!(
                "opened the ticket {} for {}, priority {}, category {}",
                quoted(created.title.as_str()),
                name(created.requester),
                created.priority,
                created.category
            ),
            TicketEvent::TitleChanged(_)
            | TicketEvent::DescriptionChanged(_)
            | TicketEvent::StatusChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_) => self.changed(name),
            TicketEvent::Assigned(assigned) => match before.and_then(|ticket| ticket.assignee) {
                Some(other) => format!(
                    "assigned the ticket to {} instead of {}",
                    name(assigned.assignee),
                    name(other)
                ),
                None => format!("assigned the ticket to {}", name(assigned.assignee)),
            },
            TicketEvent::Unassigned(_) => match before.and_then(|ticket| ticket.assignee) {
                Some(other) => format!("took the ticket from {}", name(other)),
                None => "left the ticket unassigned".to_owned(),
            },
            TicketEvent::CommentAdded(added) => match added.visibility {
                Visibility::Public => format!("said {}", quoted(added.body.as_str())),
                Visibility::Internal => format!("noted internally {}", quoted(added.body.as_str())),
            },
            TicketEvent::AttachmentAdded(added) => format!(
                "attached {} ({}, {} bytes)",
                quoted(added.file_name.as_str()),
                added.media_type.as_str(),
                added.size
            ),
            TicketEvent::Deleted(_) => "deleted the ticket".to_owned(),
        }
    }

    /// An event that changes one field; what follows from that field need not be said.
    fn changed(&self, name: &impl Fn(AccountId) -> String) -> String {
        match self.changes.first() {
            Some(Change { field, from, to }) => format!(
                "changed the {} from {} to {}",
                noun(*field),
                said(from.as_ref(), name),
                said(to.as_ref(), name)
            ),
            None => "changed nothing".to_owned(),
        }
    }
}

impl Change {
    /// What differs, as a clause: `the status changed from OPEN to WAITING`.
    pub fn clause(&self, name: &impl Fn(AccountId) -> String) -> String {
        let (from, to) = (self.from.as_ref(), self.to.as_ref());
        match (self.field, to) {
            (_, Some(Value::Comment(comment))) => {
                let kind = match comment.visibility {
                    Visibility::Public => "a comment",
                    Visibility::Internal => "an internal note",
                };
                let (author, body) = (name(comment.author), quoted(comment.body.as_str()));
                format!("{kind} by {author} was added: {body}")
            }
            (_, Some(Value::Attachment(attachment))) => format!(
                "the file {} ({}, {} bytes) was attached by {}",
                quoted(attachment.file_name.as_str()),
                attachment.media_type.as_str(),
                attachment.size,
                name(attachment.uploader)
            ),
            (Field::Deleted, Some(_)) => "the ticket was deleted".to_owned(),
            (field, Some(now)) if from.is_none() && is_always_there(field) => {
                format!("the {} is {}", noun(field), said(Some(now), name))
            }
            (field, None) if is_always_there(field) => {
                format!("the {} was {}", noun(field), said(from, name))
            }
            (field, _) => format!(
                "the {} changed from {} to {}",
                noun(field),
                said(from, name),
                said(to, name)
            ),
        }
    }
}

/// Whether nothing can stand for this field only where there is no ticket.
const fn is_always_there(field: Field) -> bool {
    match field {
        Field::Title
        | Field::Description
        | Field::Status
        | Field::Priority
        | Field::Category
        | Field::Requester => true,
        Field::Assignee | Field::ResolvedAt | Field::Comment | Field::Attachment | Field::Deleted => false,
    }
}

const fn noun(field: Field) -> &'static str {
    match field {
        Field::ResolvedAt => "time of resolution",
        other => other.as_str(),
    }
}

fn said(value: Option<&Value>, name: &impl Fn(AccountId) -> String) -> String {
    match value {
        None => "none".to_owned(),
        Some(Value::Text(text)) => quoted(text),
        Some(Value::Spelling(spelling)) => (*spelling).to_owned(),
        Some(Value::Person(id)) => name(*id),
        Some(Value::Time(time)) => time.to_string(),
        Some(Value::Comment(comment)) => quoted(comment.body.as_str()),
        Some(Value::Attachment(attachment)) => quoted(attachment.file_name.as_str()),
        Some(Value::Yes) => "yes".to_owned(),
    }
}

/// The beginning of a text on one line and between quotation marks. What steers a terminal or turns the direction of what
/// is written after it is left out: people wrote it.
pub fn quoted(text: &str) -> String {
    let mut words = String::new();
    let mut gap = false;
    let mut chars = 0;
    for character in text.trim().chars() {
        if character.is_whitespace() || character.is_control() || disguises(character) {
            gap = true;
            continue;
        }
        if chars >= QUOTED_CHARS_MAX {
            words.push('…');
            break;
        }
        if gap {
            words.push(' ');
            chars += 1;
        }
        gap = false;
        chars += 1;
        words.push(character);
    }
    format!("\"{words}\"")
}
