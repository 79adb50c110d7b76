//! A ticket, its comments and its attachments, for one audience.

use std::sync::Arc;

use domain::Timestamp;
use domain::ticket::{self, Audience, Category, Priority, Status, Visibility};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::person::{Agent, Author, People, Requester, Uploader};
use crate::prose;

/// How much a ticket has of what a list does not show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Count {
    /// Comments that the reader may read.
    pub comments: u32,
    /// Attachments.
    pub attachments: u32,
}

/// A ticket: an item of a list, the object of `ticket:created` and `ticket:updated`, or (with `comments` and
/// `attachments`) the whole one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Ticket {
    /// Which one.
    pub id: Uuid,
    /// In a line.
    pub title: String,
    /// At length.
    pub description: String,
    /// The description as HTML: Markdown, rendered and sanitised. Only in the whole ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, nullable = false)]
    pub description_html: Option<Arc<str>>,
    /// How far it has come: OPEN, IN_PROGRESS, WAITING, RESOLVED or CLOSED.
    #[schema(value_type = String, examples("OPEN"))]
    pub status: Status,
    /// How much it matters: LOW, MEDIUM, HIGH or CRITICAL.
    #[schema(value_type = String, examples("MEDIUM"))]
    pub priority: Priority,
    /// What it is about: HARDWARE, SOFTWARE, NETWORK, ACCESS, TRAVEL or OTHER.
    #[schema(value_type = String, examples("HARDWARE"))]
    pub category: Category,
    /// Whose it is.
    pub created_by_id: Uuid,
    /// Who works on it.
    pub assigned_to_id: Option<Uuid>,
    /// When it began.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// When one of its fields last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Timestamp,
    /// When it was last resolved or closed; null while it is open.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub resolved_at: Option<Timestamp>,
    /// Whose it is, as a person.
    pub created_by: Requester,
    /// Who works on it, as a person.
    pub assigned_to: Option<Agent>,
    /// What a list does not show.
    #[serde(rename = "_count")]
    pub count: Count,
    /// How many events it has had that the reader may know of; the value of its `ETag`, and of `If-Match`.
    pub version: i64,
    /// Oldest first, those that the reader may read. Only in the whole ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comments: Option<Vec<Comment>>,
    /// Newest first. Only in the whole ticket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attachments: Option<Vec<Attachment>>,
}

impl Ticket {
    /// `ticket`, whose stream is at `version`, as an item of a list, for `audience`.
    pub fn of(ticket: &domain::Ticket, version: i64, audience: Audience, people: &impl People) -> Self {
        Self {
            id: ticket.id.as_uuid(),
            title: ticket.title.to_string(),
            description: ticket.description.to_string(),
            description_html: None,
            status: ticket.status,
            priority: ticket.priority,
            category: ticket.category,
            created_by_id: ticket.requester.as_uuid(),
            assigned_to_id: ticket.assignee.map(domain::AccountId::as_uuid),
            created_at: ticket.created_at,
            updated_at: ticket.updated_at,
            resolved_at: ticket.resolved_at,
            created_by: Requester::of(ticket.requester, people),
            assigned_to: ticket.assignee.map(|id| Agent::of(id, people)),
            count: Count {
                comments: ticket.comments_for(audience),
                attachments: ticket.attachments,
            },
            version: ticket.version_for(version, audience),
            comments: None,
            attachments: None,
        }
    }

    /// The whole ticket: with those of `comments` (oldest first) that `audience` may read, and with `attachments`
    /// (newest first).
    #[must_use]
    pub fn whole(
        self,
        comments: &[ticket::Comment],
        attachments: &[ticket::Attachment],
        audience: Audience,
        people: &impl People,
    ) -> Self {
        let comments = comments
            .iter()
            .filter_map(|comment| Comment::of(comment, audience, people))
            .collect();
        let attachments = attachments
            .iter()
            .map(|attachment| Attachment::of(attachment, people))
            .collect();
        Self {
            description_html: Some(prose::render(&self.description)),
            comments: Some(comments),
            attachments: Some(attachments),
            ..self
        }
    }
}

/// Something that was said about a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comment {
    /// Which one.
    pub id: Uuid,
    /// What was said.
    pub content: String,
    /// The same as HTML: Markdown, rendered and sanitised.
    #[schema(value_type = String)]
    pub content_html: Arc<str>,
    /// Whether it is hidden from the requester.
    pub is_internal: bool,
    /// About which ticket.
    pub ticket_id: Uuid,
    /// Who said it.
    pub user_id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who said it, as a person.
    pub user: Author,
}

impl Comment {
    /// `comment`, if `audience` may read it.
    pub fn of(comment: &ticket::Comment, audience: Audience, people: &impl People) -> Option<Self> {
        let is_internal = comment.visibility == Visibility::Internal;
        let readable = match audience {
            Audience::Agent | Audience::Auditor => true,
            Audience::Requester => !is_internal,
            Audience::Nobody => false,
        };
        readable.then(|| Self {
            id: comment.id.as_uuid(),
            content: comment.body.to_string(),
            content_html: prose::render(comment.body.as_str()),
            is_internal,
            ticket_id: comment.ticket.as_uuid(),
            user_id: comment.author.as_uuid(),
            created_at: comment.created_at,
            user: Author::of(comment.author, people),
        })
    }
}

/// A file on a ticket.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Attachment {
    /// Which one.
    pub id: Uuid,
    /// Its name at the uploader's. Text from a person: never a path.
    pub file_name: String,
    /// Where it is downloaded, relative to the server.
    pub file_path: String,
    /// Its size in bytes.
    pub file_size: u64,
    /// What its bytes look like.
    pub mime_type: String,
    /// On which ticket.
    pub ticket_id: Uuid,
    /// Who attached it.
    pub uploaded_by_id: Uuid,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub created_at: Timestamp,
    /// Who attached it, as a person.
    pub uploaded_by: Uploader,
}

impl Attachment {
    /// `attachment`. Whoever may read a ticket may read all of its attachments.
    pub fn of(attachment: &ticket::Attachment, people: &impl People) -> Self {
        Self {
            id: attachment.id.as_uuid(),
            file_name: attachment.file_name.to_string(),
            file_path: format!("/api/tickets/{}/attachments/{}", attachment.ticket, attachment.id),
            file_size: attachment.size,
            mime_type: attachment.media_type.as_str().to_owned(),
            ticket_id: attachment.ticket.as_uuid(),
            uploaded_by_id: attachment.uploader.as_uuid(),
            created_at: attachment.created_at,
            uploaded_by: Uploader::of(attachment.uploader, people),
        }
    }
}
