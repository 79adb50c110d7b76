//! What can have happened to a ticket. These shapes are the storage format: a field is never renamed, removed or
//! given another meaning; a new shape is a new schema version with an upcast (see `codec` and `upcast`).

use serde::{Deserialize, Serialize};

use super::fields::{Category, MediaType, Priority, Sha256, Status, Visibility};
use crate::ids::{AccountId, AttachmentId, CommentId, TicketId};
use crate::text::{CommentBody, Description, FileName, Title};

/// A fact about a ticket. Who did it and when stands in the event's envelope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketEvent {
    /// It began.
    Created(Created),
    /// It has another title.
    TitleChanged(TitleChanged),
    /// It has another description.
    DescriptionChanged(DescriptionChanged),
    /// It has another status.
    StatusChanged(StatusChanged),
    /// It has another priority.
    PriorityChanged(PriorityChanged),
    /// It is about something else.
    CategoryChanged(CategoryChanged),
    /// Somebody is to work on it.
    Assigned(Assigned),
    /// Nobody in particular is to work on it any more.
    Unassigned(Unassigned),
    /// Somebody said something.
    CommentAdded(CommentAdded),
    /// Somebody attached a file.
    AttachmentAdded(AttachmentAdded),
    /// It is gone from everybody's sight, its history stays.
    Deleted(Deleted),
}

/// See [`TicketEvent::Created`]. Its status is OPEN, and nobody is assigned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Created {
    /// The ticket; also its stream's id.
    pub ticket: TicketId,
    /// Whose ticket it is.
    pub requester: AccountId,
    /// In a line.
    pub title: Title,
    /// At length.
    pub description: Description,
    /// How much it matters.
    pub priority: Priority,
    /// What it is about.
    pub category: Category,
}

/// See [`TicketEvent::TitleChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TitleChanged {
    /// The new one.
    pub title: Title,
}

/// See [`TicketEvent::DescriptionChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DescriptionChanged {
    /// The new one.
    pub description: Description,
}

/// See [`TicketEvent::StatusChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct StatusChanged {
    /// The new one.
    pub status: Status,
}

/// See [`TicketEvent::PriorityChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct PriorityChanged {
    /// The new one.
    pub priority: Priority,
}

/// See [`TicketEvent::CategoryChanged`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CategoryChanged {
    /// The new one.
    pub category: Category,
}

/// See [`TicketEvent::Assigned`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Assigned {
    /// The agent, an account that could take tickets at that moment.
    pub assignee: AccountId,
}

/// See [`TicketEvent::Unassigned`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unassigned {}

/// See [`TicketEvent::CommentAdded`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommentAdded {
    /// The comment.
    pub comment: CommentId,
    /// Who says it.
    pub author: AccountId,
    /// What is said.
    pub body: CommentBody,
    /// Who may read it.
    pub visibility: Visibility,
}

/// See [`TicketEvent::AttachmentAdded`]. The bytes were in the object store before the event was recorded.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AttachmentAdded {
    /// The attachment.
    pub attachment: AttachmentId,
    /// Who attached it.
    pub uploader: AccountId,
    /// Its name at the uploader's.
    pub file_name: FileName,
    /// Its size in bytes.
    pub size: u64,
    /// What its bytes look like.
    pub media_type: MediaType,
    /// Its bytes' hash, and their name in the object store.
    pub sha256: Sha256,
}

/// See [`TicketEvent::Deleted`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Deleted {}
