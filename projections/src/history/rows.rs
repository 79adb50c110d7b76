//! The rows that a batch writes, column by column: one statement for any number of rows.

use domain::ticket::Ticket;
use domain::time::Timestamp;
use eventlog::{EventFacts, Position};
use uuid::Uuid;

use super::life::{Fields, Since};
use crate::engine::{Parameter, Write};
use crate::tickets::signed;

/// Ranges of a table that end: those that the table has.
#[derive(Default)]
pub(super) struct Ends {
    ids: Vec<Uuid>,
    froms: Vec<i64>,
    untils: Vec<i64>,
}

impl Ends {
    pub(super) fn push(&mut self, id: Uuid, from: Position, until: Position) {
        self.ids.push(id);
        self.froms.push(from);
        self.untils.push(until);
    }

    pub(super) fn write(self, sql: &'static str, writes: &mut Vec<Write>) {
        if !self.ids.is_empty() {
            let columns: Vec<Parameter> =
                vec![Box::new(self.ids), Box::new(self.froms), Box::new(self.untils)];
            writes.push(Write::new(sql, columns));
        }
    }
}

pub(super) const END_FIELDS: &str = "
    UPDATE fields f SET until_position = u.until_position
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u (id, from_position, until_position)
    WHERE f.id = u.id AND f.from_position = u.from_position";
pub(super) const END_TITLES: &str = "
    UPDATE titles t SET until_position = u.until_position
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS u (id, from_position, until_position)
    WHERE t.id = u.id AND t.from_position = u.from_position";

/// Columns of the table `fields`.
#[derive(Default)]
pub(super) struct FieldsRows {
    ids: Vec<Uuid>,
    froms: Vec<i64>,
    untils: Vec<i64>,
    statuses: Vec<&'static str>,
    priorities: Vec<&'static str>,
    categories: Vec<&'static str>,
    requesters: Vec<Uuid>,
    assignees: Vec<Option<Uuid>>,
    created: Vec<i64>,
    updated: Vec<i64>,
    resolved: Vec<Option<i64>>,
}

impl FieldsRows {
    pub(super) fn push(&mut self, id: Uuid, since: &Since<Fields>, until: Position) {
        let fields = &since.value;
        self.ids.push(id);
        self.froms.push(since.from);
        self.untils.push(until);
        self.statuses.push(fields.status.as_str());
        self.priorities.push(fields.priority.as_str());
        self.categories.push(fields.category.as_str());
        self.requesters.push(fields.requester.as_uuid());
        self.assignees
            .push(fields.assignee.map(domain::AccountId::as_uuid));
        self.created.push(fields.created_at.as_millis());
        self.updated.push(fields.updated_at.as_millis());
        self.resolved.push(fields.resolved_at.map(Timestamp::as_millis));
    }

    pub(super) fn write(self, writes: &mut Vec<Write>) {
        if self.ids.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO fields (id, from_position, until_position, status, priority, category, requester, assignee,
                                 created_at, updated_at, resolved_at)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[],
                                  $7::uuid[], $8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[])",
            vec![
                Box::new(self.ids),
                Box::new(self.froms),
                Box::new(self.untils),
                Box::new(self.statuses),
                Box::new(self.priorities),
                Box::new(self.categories),
                Box::new(self.requesters),
                Box::new(self.assignees),
                Box::new(self.created),
                Box::new(self.updated),
                Box::new(self.resolved),
            ],
        ));
    }
}

/// Columns of the table `titles`.
#[derive(Default)]
pub(super) struct TitleRows {
    ids: Vec<Uuid>,
    froms: Vec<i64>,
    untils: Vec<i64>,
    titles: Vec<String>,
}

impl TitleRows {
    pub(super) fn push(&mut self, id: Uuid, since: Since<String>, until: Position) {
        self.ids.push(id);
        self.froms.push(since.from);
        self.untils.push(until);
        self.titles.push(since.value);
    }

    pub(super) fn write(self, writes: &mut Vec<Write>) {
        if self.ids.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO titles (id, from_position, until_position, title)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[])",
            vec![
                Box::new(self.ids),
                Box::new(self.froms),
                Box::new(self.untils),
                Box::new(self.titles),
            ],
        ));
    }
}

/// Columns of the table `descriptions`.
#[derive(Default)]
pub(super) struct DescriptionRows {
    ids: Vec<Uuid>,
    froms: Vec<i64>,
    descriptions: Vec<String>,
}

impl DescriptionRows {
    pub(super) fn push(&mut self, id: Uuid, from: Position, ticket: &Ticket) {
        self.ids.push(id);
        self.froms.push(from);
        self.descriptions.push(ticket.description.as_str().to_owned());
    }

    pub(super) fn write(self, writes: &mut Vec<Write>) {
        if self.ids.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO descriptions (id, from_position, description)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[])",
            vec![
                Box::new(self.ids),
                Box::new(self.froms),
                Box::new(self.descriptions),
            ],
        ));
    }
}

/// Columns of the table `counters`.
#[derive(Default)]
pub(super) struct CounterRows {
    ids: Vec<Uuid>,
    froms: Vec<i64>,
    previous: Vec<i64>,
    versions: Vec<i64>,
    public_comments: Vec<i64>,
    internal_comments: Vec<i64>,
    attachments: Vec<i64>,
    attachment_bytes: Vec<i64>,
}

impl CounterRows {
    pub(super) fn push(&mut self, event: &EventFacts<'_>, previous: Position, ticket: &Ticket) {
        self.ids.push(event.stream);
        self.froms.push(event.position);
        self.previous.push(previous);
        self.versions.push(event.version);
        self.public_comments.push(ticket.public_comments.into());
        self.internal_comments.push(ticket.internal_comments.into());
        self.attachments.push(ticket.attachments.into());
        self.attachment_bytes.push(signed(ticket.attachment_bytes));
    }

    pub(super) fn write(self, writes: &mut Vec<Write>) {
        if self.ids.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO counters (id, from_position, previous_position, version, public_comments,
                                   internal_comments, attachments, attachment_bytes)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                                  $7::bigint[], $8::bigint[])",
            vec![
                Box::new(self.ids),
                Box::new(self.froms),
                Box::new(self.previous),
                Box::new(self.versions),
                Box::new(self.public_comments),
                Box::new(self.internal_comments),
                Box::new(self.attachments),
                Box::new(self.attachment_bytes),
            ],
        ));
    }
}
