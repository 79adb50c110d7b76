//! The rows that a batch writes, column by column: one statement for any number of rows.

use domain::ticket::{AttachmentAdded, CommentAdded};
use domain::time::Timestamp;
use eventlog::EventFacts;
use uuid::Uuid;

use super::fold::{Folded, signed};
use crate::engine::{Parameter, Write};

/// Columns of the table `tickets`.
#[derive(Default)]
pub(super) struct Headers {
    ids: Vec<Uuid>,
    versions: Vec<i64>,
    positions: Vec<i64>,
    titles: Vec<String>,
    statuses: Vec<&'static str>,
    priorities: Vec<&'static str>,
    categories: Vec<&'static str>,
    assignees: Vec<Option<Uuid>>,
    updated: Vec<i64>,
    resolved: Vec<Option<i64>>,
    public_comments: Vec<i64>,
    internal_comments: Vec<i64>,
    attachments: Vec<i64>,
    attachment_bytes: Vec<i64>,
    deleted: Vec<bool>,
    // What never changes, or seldom and may be large; of new tickets only.
    descriptions: Vec<String>,
    requesters: Vec<Uuid>,
    created: Vec<i64>,
}

impl Headers {
    /// A new ticket.
    pub(super) fn begin(&mut self, folded: Folded) {
        self.descriptions
            .push(folded.ticket.description.as_str().to_owned());
        self.requesters.push(folded.ticket.requester.as_uuid());
        self.created.push(folded.ticket.created_at.as_millis());
        self.push(folded);
    }

    /// A ticket that is there already.
    pub(super) fn push(&mut self, folded: Folded) {
        let Folded {
            ticket,
            version,
            position,
        } = folded;
        self.ids.push(ticket.id.as_uuid());
        self.versions.push(version);
        self.positions.push(position);
        self.titles.push(ticket.title.as_str().to_owned());
        self.statuses.push(ticket.status.as_str());
        self.priorities.push(ticket.priority.as_str());
        self.categories.push(ticket.category.as_str());
        self.assignees
            .push(ticket.assignee.map(domain::AccountId::as_uuid));
        self.updated.push(ticket.updated_at.as_millis());
        self.resolved.push(ticket.resolved_at.map(Timestamp::as_millis));
        self.public_comments.push(ticket.public_comments.into());
        self.internal_comments.push(ticket.internal_comments.into());
        self.attachments.push(ticket.attachments.into());
        self.attachment_bytes.push(signed(ticket.attachment_bytes));
        self.deleted.push(ticket.deleted);
    }

    /// Writes tickets of [`Headers::begin`].
    pub(super) fn insert(mut self) -> Write {
        let rest: [Parameter; 3] = [
            Box::new(std::mem::take(&mut self.descriptions)),
            Box::new(std::mem::take(&mut self.requesters)),
            Box::new(std::mem::take(&mut self.created)),
        ];
        let mut parameters = self.parameters();
        parameters.extend(rest);
        Write::new(INSERT, parameters)
    }

    /// Writes tickets of [`Headers::push`].
    pub(super) fn update(self) -> Write {
        Write::new(UPDATE, self.parameters())
    }

    pub(super) fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    fn parameters(self) -> Vec<Parameter> {
        vec![
            Box::new(self.ids),
            Box::new(self.versions),
            Box::new(self.positions),
            Box::new(self.titles),
            Box::new(self.statuses),
            Box::new(self.priorities),
            Box::new(self.categories),
            Box::new(self.assignees),
            Box::new(self.updated),
            Box::new(self.resolved),
            Box::new(self.public_comments),
            Box::new(self.internal_comments),
            Box::new(self.attachments),
            Box::new(self.attachment_bytes),
            Box::new(self.deleted),
        ]
    }
}

const INSERT: &str = "
    INSERT INTO tickets (id, version, position, title, status, priority, category, assignee, updated_at, resolved_at,
                         public_comments, internal_comments, attachments, attachment_bytes, deleted, description,
                         requester, created_at)
    SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                         $8::uuid[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[],
                         $14::bigint[], $15::boolean[], $16::text[], $17::uuid[], $18::bigint[])";
const UPDATE: &str = "
    UPDATE tickets t
    SET version = u.version, position = u.position, title = u.title, status = u.status, priority = u.priority,
        category = u.category, assignee = u.assignee, updated_at = u.updated_at, resolved_at = u.resolved_at,
        public_comments = u.public_comments, internal_comments = u.internal_comments, attachments = u.attachments,
        attachment_bytes = u.attachment_bytes, deleted = u.deleted
    FROM unnest($1::uuid[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[], $8::uuid[],
                $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[], $13::bigint[], $14::bigint[],
                $15::boolean[])
         AS u (id, version, position, title, status, priority, category, assignee, updated_at, resolved_at,
               public_comments, internal_comments, attachments, attachment_bytes, deleted)
    WHERE t.id = u.id";

/// Columns of the table `comments`.
#[derive(Default)]
pub(super) struct Comments {
    tickets: Vec<Uuid>,
    versions: Vec<i64>,
    ids: Vec<Uuid>,
    authors: Vec<Uuid>,
    bodies: Vec<String>,
    visibilities: Vec<&'static str>,
    created: Vec<i64>,
}

impl Comments {
    pub(super) fn push(&mut self, event: &EventFacts<'_>, added: &CommentAdded) {
        self.tickets.push(event.stream);
        self.versions.push(event.version);
        self.ids.push(added.comment.as_uuid());
        self.authors.push(added.author.as_uuid());
        self.bodies.push(added.body.as_str().to_owned());
        self.visibilities.push(added.visibility.as_str());
        self.created.push(event.recorded_at.as_millis());
    }

    pub(super) fn writes(self, writes: &mut Vec<Write>) {
        if self.tickets.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO comments (ticket, version, id, author, body, visibility, created_at)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::text[],
                                  $7::bigint[])",
            vec![
                Box::new(self.tickets),
                Box::new(self.versions),
                Box::new(self.ids),
                Box::new(self.authors),
                Box::new(self.bodies),
                Box::new(self.visibilities),
                Box::new(self.created),
            ],
        ));
    }
}

/// Columns of the table `attachments`.
#[derive(Default)]
pub(super) struct Attachments {
    tickets: Vec<Uuid>,
    versions: Vec<i64>,
    ids: Vec<Uuid>,
    uploaders: Vec<Uuid>,
    file_names: Vec<String>,
    sizes: Vec<i64>,
    media_types: Vec<String>,
    hashes: Vec<String>,
    created: Vec<i64>,
}

impl Attachments {
    pub(super) fn push(&mut self, event: &EventFacts<'_>, added: &AttachmentAdded) {
        self.tickets.push(event.stream);
        self.versions.push(event.version);
        self.ids.push(added.attachment.as_uuid());
        self.uploaders.push(added.uploader.as_uuid());
        self.file_names.push(added.file_name.as_str().to_owned());
        self.sizes.push(signed(added.size));
        self.media_types.push(added.media_type.as_str().to_owned());
        self.hashes.push(added.sha256.as_str().to_owned());
        self.created.push(event.recorded_at.as_millis());
    }

    pub(super) fn writes(self, writes: &mut Vec<Write>) {
        if self.tickets.is_empty() {
            return;
        }
        writes.push(Write::new(
            "INSERT INTO attachments (ticket, version, id, uploader, file_name, size, media_type, sha256, created_at)
             SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::uuid[], $4::uuid[], $5::text[], $6::bigint[],
                                  $7::text[], $8::text[], $9::bigint[])",
            vec![
                Box::new(self.tickets),
                Box::new(self.versions),
                Box::new(self.ids),
                Box::new(self.uploaders),
                Box::new(self.file_names),
                Box::new(self.sizes),
                Box::new(self.media_types),
                Box::new(self.hashes),
                Box::new(self.created),
            ],
        ));
    }
}
