//! All lives in memory, for a rebuild. Ranges that have ended never change, and go out at once.

use std::collections::HashMap;

use domain::ticket::Ticket;
use domain::time::Timestamp;
use eventlog::{EventFacts, Position};
use uuid::Uuid;

use super::life::{Fields, Life, Since, pass_over, turn};
use super::tables::{COUNTERS, DELETIONS, DESCRIPTIONS, FIELDS, HIGHS, OPEN, TITLES};
use crate::engine::{ApplyError, Copies, Fold, More};
use crate::tickets::signed;

/// How many tickets go out at once at the end of a rebuild.
const TICKETS_AT_ONCE: usize = 5_000;

/// All tickets, in memory: about 1 KiB each.
#[derive(Default)]
pub(super) struct Bulk {
    places: HashMap<Uuid, usize>,
    lives: Vec<Option<Life>>,
    high: Option<Timestamp>,
    out: usize,
}

impl Fold for Bulk {
    fn push(&mut self, event: &EventFacts<'_>, out: &mut Copies) -> Result<(), ApplyError> {
        let place = *self.places.entry(event.stream).or_insert_with(|| {
            self.lives.push(None);
            self.lives.len() - 1
        });
        let life = &mut self.lives[place];
        let turn = turn(life, event)?;
        let Some(life) = life else { return Ok(()) };
        let (id, position) = (event.stream, event.position);
        if let Some(ended) = turn.ended_fields {
            put_fields(out, id, &ended, position);
        }
        if let Some(ended) = turn.ended_title {
            put_title(out, id, &ended, position);
        }
        let ticket = life.ticket();
        if turn.describes {
            let description = ticket.description.as_str();
            out.table(DESCRIPTIONS)
                .row(3)
                .uuid(id)
                .bigint(position)
                .text(description);
        }
        if turn.deletes {
            out.table(DELETIONS).row(2).uuid(id).bigint(position);
        }
        if turn.begins && self.high.is_none_or(|high| high < ticket.created_at) {
            self.high = Some(ticket.created_at);
            out.table(HIGHS)
                .row(2)
                .bigint(position)
                .bigint(ticket.created_at.as_millis());
        }
        put_counters(out, event, turn.previous, ticket);
        Ok(())
    }

    fn pass_over(&mut self, event: &EventFacts<'_>, out: &mut Copies) {
        let Some(life) = self
            .places
            .get(&event.stream)
            .map(|place| &mut self.lives[*place])
        else {
            return;
        };
        if let (Some(previous), Some(life)) = (pass_over(life, event), life) {
            put_counters(out, event, previous, life.ticket());
        }
    }

    fn finish(&mut self, out: &mut Copies) -> More {
        let until = (self.out + TICKETS_AT_ONCE).min(self.lives.len());
        for life in self.lives[self.out..until].iter().flatten() {
            let id = life.ticket().id.as_uuid();
            if let Some(open) = life.open_fields() {
                put_fields(out, id, &open, OPEN);
            }
            if let Some(open) = life.open_title() {
                put_title(out, id, &open, OPEN);
            }
        }
        self.out = until;
        if until < self.lives.len() {
            More::Yes
        } else {
            More::No
        }
    }
}

fn put_fields(out: &mut Copies, id: Uuid, since: &Since<Fields>, until: Position) {
    let Since { value: fields, from } = since;
    let millis = |time: Timestamp| time.as_millis();
    out.table(FIELDS)
        .row(11)
        .uuid(id)
        .bigint(*from)
        .bigint(until)
        .text(fields.status.as_str())
        .text(fields.priority.as_str())
        .text(fields.category.as_str())
        .uuid(fields.requester.as_uuid())
        .optional(fields.assignee, |rows, assignee| rows.uuid(assignee.as_uuid()))
        .bigint(millis(fields.created_at))
        .bigint(millis(fields.updated_at))
        .optional(fields.resolved_at, |rows, time| rows.bigint(millis(time)));
}

fn put_title(out: &mut Copies, id: Uuid, since: &Since<String>, until: Position) {
    out.table(TITLES)
        .row(4)
        .uuid(id)
        .bigint(since.from)
        .bigint(until)
        .text(&since.value);
}

fn put_counters(out: &mut Copies, event: &EventFacts<'_>, previous: Position, ticket: &Ticket) {
    out.table(COUNTERS)
        .row(8)
        .uuid(event.stream)
        .bigint(event.position)
        .bigint(previous)
        .bigint(event.version)
        .bigint(ticket.public_comments.into())
        .bigint(ticket.internal_comments.into())
        .bigint(ticket.attachments.into())
        .bigint(signed(ticket.attachment_bytes));
}
