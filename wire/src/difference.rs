//! What differs between two moments.

use domain::ticket::{Audience, Change, quoted};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::change::FieldChange;
use crate::person::People;

/// What became of a ticket between two moments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum DifferenceKind {
    /// It is there, and was not.
    Added,
    /// It was there and is, and something happened to it.
    Changed,
    /// It was there, and is not.
    Removed,
    /// It came and went in between.
    AddedAndRemoved,
    /// Nothing happened to it, or it was not there at either.
    Unchanged,
}

/// How much came to a ticket between two moments that the reader may know of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AdditionCounts {
    /// Comments.
    pub comments: u32,
    /// Files.
    pub attachments: u32,
}

/// What became of one ticket between two moments.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct TicketDifference {
    /// Which ticket.
    pub ticket_id: Uuid,
    /// Its last title until the later moment.
    pub title: String,
    /// What became of it.
    pub kind: DifferenceKind,
    /// The same in words.
    #[schema(examples("\"Printer on fire\" changed: the status changed from OPEN to WAITING."))]
    pub text: String,
    /// Its fields that differ; of one ticket alone also the comments and files that were added, as far as they fit.
    pub changes: Vec<FieldChange>,
    /// How many comments and files were added.
    pub added: AdditionCounts,
}

/// What became of one ticket between two moments, and which those are.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub struct Difference {
    /// The position of the earlier moment.
    pub from_position: i64,
    /// The position of the later moment.
    pub to_position: i64,
    /// What differs.
    #[serde(flatten)]
    pub difference: TicketDifference,
}

impl TicketDifference {
    /// The ticket `id` of that title, of which `changes` differ and to which so much was added, for `audience`.
    pub fn of(
        (id, title): (domain::TicketId, &str),
        kind: DifferenceKind,
        changes: &[Change],
        added: AdditionCounts,
        audience: Audience,
        people: &impl People,
    ) -> Self {
        let changes: Vec<_> = changes
            .iter()
            .filter_map(|change| FieldChange::of(change, audience, people))
            .collect();
        let became = match kind {
            DifferenceKind::Added => "was added",
            DifferenceKind::Changed => "changed",
            DifferenceKind::Removed => "was removed",
            DifferenceKind::AddedAndRemoved => "was added and removed again",
            DifferenceKind::Unchanged => "did not change",
        };
        let mut clauses: Vec<String> = changes.iter().map(|change| change.text.clone()).collect();
        let told = |field: &str| changes.iter().any(|change| change.field == field);
        if added.comments > 0 && !told("comment") {
            clauses.push(counted(added.comments, "comment"));
        }
        if added.attachments > 0 && !told("attachment") {
            clauses.push(counted(added.attachments, "file"));
        }
        let colon = if clauses.is_empty() { "" } else { ": " };
        let text = format!("{} {became}{colon}{}.", quoted(title), clauses.join("; "));
        Self {
            ticket_id: id.as_uuid(),
            title: title.to_owned(),
            kind,
            text,
            changes,
            added,
        }
    }
}

fn counted(number: u32, what: &str) -> String {
    match number {
        1 => format!("1 {what} was added"),
        _ => format!("{number} {what}s were added"),
    }
}
