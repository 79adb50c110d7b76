//! What a ticket is, folded from its events.

use super::event::TicketEvent;
use super::fields::{Category, MediaType, Priority, Sha256, Status, Visibility};
use crate::ids::{AccountId, AttachmentId, CommentId, TicketId};
use crate::text::{CommentBody, Description, FileName, Title};
use crate::ticket::disclose::Audience;
use crate::time::Timestamp;

/// A ticket without the texts of its comments, which nothing decides on: so it stays small however long it lives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Which one.
    pub id: TicketId,
    /// In a line.
    pub title: Title,
    /// At length.
    pub description: Description,
    /// How far it has come.
    pub status: Status,
    /// How much it matters.
    pub priority: Priority,
    /// What it is about.
    pub category: Category,
    /// Whose it is.
    pub requester: AccountId,
    /// Who works on it.
    pub assignee: Option<AccountId>,
    /// When it began.
    pub created_at: Timestamp,
    /// When one of the fields above last changed. Comments and attachments leave it alone, as in the original; a
    /// requester could otherwise see from it that an internal note was written.
    pub updated_at: Timestamp,
    /// When it was last brought from an open status to RESOLVED or CLOSED; none while it is open.
    pub resolved_at: Option<Timestamp>,
    /// How many public comments it has.
    pub public_comments: u32,
    /// How many internal comments it has.
    pub internal_comments: u32,
    /// How many attachments it has.
    pub attachments: u32,
    /// The size of all attachments together, in bytes.
    pub attachment_bytes: u64,
    /// Whether it was deleted.
    pub deleted: bool,
}

impl Ticket {
    /// The ticket's version for `audience`, `version` being its stream's: how many events that audience may know of.
    ///
    /// Internal comments are the only ones that a requester may not; if they counted, a requester could see that one
    /// was written, and would fail an `If-Match` for a change that is not there.
    pub const fn version_for(&self, version: i64, audience: Audience) -> i64 {
        match audience {
            Audience::Agent | Audience::Auditor => version,
            Audience::Requester | Audience::Nobody => version - self.internal_comments as i64,
        }
    }

    /// How many comments `audience` may know of.
    pub const fn comments_for(&self, audience: Audience) -> u32 {
        match audience {
            Audience::Agent | Audience::Auditor => self.public_comments + self.internal_comments,
            Audience::Requester => self.public_comments,
            Audience::Nobody => 0,
        }
    }
}

/// The state after `event`, recorded at `at`. Total: an event that makes no sense here changes nothing.
pub fn evolve(state: Option<Ticket>, event: &TicketEvent, at: Timestamp) -> Option<Ticket> {
    let Some(mut ticket) = state else {
        return begin(event, at);
    };
    match event {
        TicketEvent::Created(_) => {}
        TicketEvent::TitleChanged(changed) => {
            ticket.title = changed.title.clone();
            ticket.updated_at = at;
        }
        TicketEvent::DescriptionChanged(changed) => {
            ticket.description = changed.description.clone();
            ticket.updated_at = at;
        }
        TicketEvent::StatusChanged(changed) => {
            ticket.resolved_at = match (ticket.status.is_open(), changed.status.is_open()) {
                (true, false) => Some(at),
                (false, false) => ticket.resolved_at,
                (_, true) => None,
            };
            ticket.status = changed.status;
            ticket.updated_at = at;
        }
        TicketEvent::PriorityChanged(changed) => {
            ticket.priority = changed.priority;
            ticket.updated_at = at;
        }
        TicketEvent::CategoryChanged(changed) => {
            ticket.category = changed.category;
            ticket.updated_at = at;
        }
        TicketEvent::Assigned(assigned) => {
            ticket.assignee = Some(assigned.assignee);
            ticket.updated_at = at;
        }
        TicketEvent::Unassigned(_) => {
            ticket.assignee = None;
            ticket.updated_at = at;
        }
        TicketEvent::CommentAdded(added) => match added.visibility {
            Visibility::Public => ticket.public_comments = ticket.public_comments.saturating_add(1),
            Visibility::Internal => ticket.internal_comments = ticket.internal_comments.saturating_add(1),
        },
        TicketEvent::AttachmentAdded(added) => {
            ticket.attachments = ticket.attachments.saturating_add(1);
            ticket.attachment_bytes = ticket.attachment_bytes.saturating_add(added.size);
        }
        TicketEvent::Deleted(_) => {
            ticket.deleted = true;
            ticket.updated_at = at;
        }
    }
    Some(ticket)
}

fn begin(event: &TicketEvent, at: Timestamp) -> Option<Ticket> {
    let TicketEvent::Created(created) = event else {
        return None;
    };
    Some(Ticket {
        id: created.ticket,
        title: created.title.clone(),
        description: created.description.clone(),
        status: Status::Open,
        priority: created.priority,
        category: created.category,
        requester: created.requester,
        assignee: None,
        created_at: at,
        updated_at: at,
        resolved_at: None,
        public_comments: 0,
        internal_comments: 0,
        attachments: 0,
        attachment_bytes: 0,
        deleted: false,
    })
}

/// Something that was said about a ticket. It never changes, so it is made of its event once and for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comment {
    /// Which one.
    pub id: CommentId,
    /// About which ticket.
    pub ticket: TicketId,
    /// Who said it.
    pub author: AccountId,
    /// What was said.
    pub body: CommentBody,
    /// Who may read it.
    pub visibility: Visibility,
    /// When.
    pub created_at: Timestamp,
}

impl Comment {
    /// The comment that `event` on `ticket`, recorded at `at`, added; none if it did something else.
    pub fn of(ticket: TicketId, event: &TicketEvent, at: Timestamp) -> Option<Self> {
        let TicketEvent::CommentAdded(added) = event else {
            return None;
        };
        Some(Self {
            id: added.comment,
            ticket,
            author: added.author,
            body: added.body.clone(),
            visibility: added.visibility,
            created_at: at,
        })
    }
}

/// A file on a ticket. It never changes, so it is made of its event once and for all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Which one.
    pub id: AttachmentId,
    /// On which ticket.
    pub ticket: TicketId,
    /// Who attached it.
    pub uploader: AccountId,
    /// Its name at the uploader's.
    pub file_name: FileName,
    /// Its size in bytes.
    pub size: u64,
    /// What its bytes look like.
    pub media_type: MediaType,
    /// Its bytes' name in the object store.
    pub sha256: Sha256,
    /// When.
    pub created_at: Timestamp,
}

impl Attachment {
    /// The attachment that `event` on `ticket`, recorded at `at`, added; none if it did something else.
    pub fn of(ticket: TicketId, event: &TicketEvent, at: Timestamp) -> Option<Self> {
        let TicketEvent::AttachmentAdded(added) = event else {
            return None;
        };
        Some(Self {
            id: added.attachment,
            ticket,
            uploader: added.uploader,
            file_name: added.file_name.clone(),
            size: added.size,
            media_type: added.media_type.clone(),
            sha256: added.sha256.clone(),
            created_at: at,
        })
    }
}
