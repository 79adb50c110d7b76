//! Which events grant a command. Authorisation is not asked here but in `policy`, before.

use super::command::{Changes, NewAttachment, TicketCommand};
use super::event::{
    Assigned, AttachmentAdded, CategoryChanged, CommentAdded, Created, Deleted, DescriptionChanged,
    PriorityChanged, StatusChanged, TicketEvent, TitleChanged, Unassigned,
};
use super::state::Ticket;
use crate::limits;

/// Why a ticket cannot do what was wished.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// There is no such ticket, or no longer.
    #[error("there is no such ticket")]
    NotFound,
    /// There is one with this id already.
    #[error("there is a ticket with this id already")]
    AlreadyExists,
    /// It has as many comments as a ticket may have.
    #[error("a ticket may have at most {} comments", limits::COMMENTS_PER_TICKET_MAX)]
    TooManyComments,
    /// It has as many attachments as a ticket may have.
    #[error(
        "a ticket may have at most {} attachments",
        limits::ATTACHMENTS_PER_TICKET_MAX
    )]
    TooManyAttachments,
    /// Its attachments would be larger together than a ticket's may be.
    #[error(
        "a ticket's attachments may have at most {} bytes together",
        limits::ATTACHMENT_BYTES_PER_TICKET_MAX
    )]
    AttachmentsTooLarge,
}

/// The events that grant `command` on `state`; none if it would change nothing.
pub fn decide(state: Option<&Ticket>, command: &TicketCommand) -> Result<Vec<TicketEvent>, Refusal> {
    if let TicketCommand::Create {
        ticket,
        requester,
        title,
        description,
        priority,
        category,
        attachments,
    } = command
    {
        if state.is_some() {
            return Err(Refusal::AlreadyExists);
        }
        let created = TicketEvent::Created(Created {
            ticket: *ticket,
            requester: *requester,
            title: title.clone(),
            description: description.clone(),
            priority: *priority,
            category: *category,
        });
        let attached = attach((0, 0), attachments)?;
        return Ok(std::iter::once(created).chain(attached).collect());
    }
    let ticket = state.filter(|ticket| !ticket.deleted).ok_or(Refusal::NotFound)?;
    match command {
        TicketCommand::Create { .. } => Err(Refusal::AlreadyExists),
        TicketCommand::Change(changes) => Ok(change(ticket, changes)),
        TicketCommand::AddComment {
            comment,
            author,
            body,
            visibility,
        } => {
            if ticket.public_comments.saturating_add(ticket.internal_comments)
                >= limits::COMMENTS_PER_TICKET_MAX
            {
                return Err(Refusal::TooManyComments);
            }
            Ok(vec![TicketEvent::CommentAdded(CommentAdded {
                comment: *comment,
                author: *author,
                body: body.clone(),
                visibility: *visibility,
            })])
        }
        TicketCommand::AddAttachment(attachment) => attach(
            (ticket.attachments, ticket.attachment_bytes),
            std::slice::from_ref(attachment),
        ),
        TicketCommand::Delete => Ok(vec![TicketEvent::Deleted(Deleted {})]),
    }
}

/// One event for each file, on a ticket that has so many attachments of so many bytes together.
fn attach(has: (u32, u64), attachments: &[NewAttachment]) -> Result<Vec<TicketEvent>, Refusal> {
    let (mut count, mut bytes) = has;
    let attach = |new: &NewAttachment| {
        if count >= limits::ATTACHMENTS_PER_TICKET_MAX {
            return Err(Refusal::TooManyAttachments);
        }
        count += 1;
        bytes = bytes.saturating_add(new.size);
        if bytes > limits::ATTACHMENT_BYTES_PER_TICKET_MAX {
            return Err(Refusal::AttachmentsTooLarge);
        }
        Ok(TicketEvent::AttachmentAdded(AttachmentAdded {
            attachment: new.attachment,
            uploader: new.uploader,
            file_name: new.file_name.clone(),
            size: new.size,
            media_type: new.media_type.clone(),
            sha256: new.sha256.clone(),
        }))
    };
    attachments.iter().map(attach).collect()
}

/// One event for each field that would really change.
fn change(ticket: &Ticket, changes: &Changes) -> Vec<TicketEvent> {
    let Changes {
        title,
        description,
        status,
        priority,
        category,
        assignee,
    } = changes;
    let mut events = Vec::new();
    if let Some(title) = title.as_ref().filter(|new| **new != ticket.title) {
        events.push(TicketEvent::TitleChanged(TitleChanged { title: title.clone() }));
    }
    if let Some(description) = description.as_ref().filter(|new| **new != ticket.description) {
        events.push(TicketEvent::DescriptionChanged(DescriptionChanged {
            description: description.clone(),
        }));
    }
    if let Some(category) = category.filter(|new| *new != ticket.category) {
        events.push(TicketEvent::CategoryChanged(CategoryChanged { category }));
    }
    if let Some(priority) = priority.filter(|new| *new != ticket.priority) {
        events.push(TicketEvent::PriorityChanged(PriorityChanged { priority }));
    }
    match assignee.map(|new| new.map(super::command::Assignee::account)) {
        Some(Some(assignee)) if ticket.assignee != Some(assignee) => {
            events.push(TicketEvent::Assigned(Assigned { assignee }));
        }
        Some(None) if ticket.assignee.is_some() => events.push(TicketEvent::Unassigned(Unassigned {})),
        Some(Some(_) | None) | None => {}
    }
    if let Some(status) = status.filter(|new| *new != ticket.status) {
        events.push(TicketEvent::StatusChanged(StatusChanged { status }));
    }
    events
}
