//! `/api/tickets`, endpoint by endpoint.

mod attachments;
mod change;
mod comments;
mod create;
mod delete;
mod list;
mod paging;
mod prose;
mod repetition;
mod search;
mod show;

use serde_json::Value;

/// The members of a ticket in a list, and of `ticket:created` and `ticket:updated`.
const ITEM: &[&str] = &[
    "id",
    "title",
    "description",
    "status",
    "priority",
    "category",
    "createdById",
    "assignedToId",
    "createdAt",
    "updatedAt",
    "resolvedAt",
    "createdBy",
    "assignedTo",
    "_count",
    "version",
];

/// The members of a comment.
const COMMENT: &[&str] = &[
    "id",
    "content",
    "contentHtml",
    "isInternal",
    "ticketId",
    "userId",
    "createdAt",
    "user",
];

/// The members of an attachment.
const ATTACHMENT: &[&str] = &[
    "id",
    "fileName",
    "filePath",
    "fileSize",
    "mimeType",
    "ticketId",
    "uploadedById",
    "createdAt",
    "uploadedBy",
];

/// The members of an agent or a comment's author.
const AGENT: &[&str] = &["id", "name", "email", "role"];

/// An id that nothing has.
const NOBODYS: &str = "00000000-0000-4000-8000-000000000000";

/// The members of a whole ticket.
fn whole() -> Vec<&'static str> {
    let mut members = ITEM.to_vec();
    members.extend(["descriptionHtml", "comments", "attachments"]);
    members
}

/// A ticket's path.
fn path_of(ticket: &Value) -> String {
    format!("/api/tickets/{}", ticket["id"].as_str().unwrap())
}
