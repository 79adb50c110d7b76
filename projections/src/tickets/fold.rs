//! Folding a ticket's events with the domain's own `evolve`, one at a time; and all of them in memory for a rebuild.

use std::collections::HashMap;

use domain::ticket::{AttachmentAdded, CommentAdded, Ticket, TicketEvent, Tickets, evolve};
use domain::time::Timestamp;
use eventlog::{EventFacts, Position, Version};
use uuid::Uuid;

use super::counts::Tally;
use super::tables::{ATTACHMENTS, COMMENTS, COUNTS, TICKETS};
use crate::engine::{ApplyError, Copies, Fold, More, decode};

/// How many tickets go out at once at the end of a rebuild.
const TICKETS_AT_ONCE: usize = 5_000;

/// A ticket, and where its last event stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Folded {
    pub(crate) ticket: Ticket,
    pub(crate) version: Version,
    pub(crate) position: Position,
}

/// Takes one event into the state. An error leaves the state as it was.
pub(crate) fn step(state: &mut Option<Folded>, event: &EventFacts<'_>) -> Result<TicketEvent, ApplyError> {
    let version = state.as_ref().map_or(0, |folded| folded.version);
    if event.version != version + 1 {
        return Err(ApplyError::Data(format!(
            "version {} follows version {version}",
            event.version
        )));
    }
    let decoded = decode::<Tickets>(event)?;
    if state.is_none() && !matches!(decoded, TicketEvent::Created(_)) {
        return Err(ApplyError::Data(
            "the stream does not begin with its ticket".to_owned(),
        ));
    }
    if let TicketEvent::AttachmentAdded(added) = &decoded {
        let before = state.as_ref().map_or(0, |folded| folded.ticket.attachment_bytes);
        let bytes = before
            .checked_add(added.size)
            .and_then(|bytes| i64::try_from(bytes).ok());
        bytes.ok_or_else(|| ApplyError::Data("more bytes than can be counted".to_owned()))?;
    }
    let ticket = evolve(
        state.take().map(|folded| folded.ticket),
        &decoded,
        event.recorded_at,
    );
    *state = ticket.map(|mut ticket| {
        // The stream names the ticket; its first event only repeats the name.
        ticket.id = domain::TicketId::from_uuid(event.stream);
        Folded {
            ticket,
            version: event.version,
            position: event.position,
        }
    });
    Ok(decoded)
}

/// Takes in one event that has no effect.
pub(super) fn pass_over(state: &mut Option<Folded>, event: &EventFacts<'_>) {
    if let Some(folded) = state {
        folded.version = event.version;
        folded.position = event.position;
    }
}

/// `value` as Postgres counts. [`step`] has seen to it that no size is too large.
pub(crate) fn signed(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// All tickets, in memory: about 1 KiB each. Comments and attachments never change, and go out at once.
#[derive(Default)]
pub(super) struct Bulk {
    places: HashMap<Uuid, usize>,
    tickets: Vec<Option<Folded>>,
    out: usize,
}

impl Fold for Bulk {
    fn push(&mut self, event: &EventFacts<'_>, out: &mut Copies) -> Result<(), ApplyError> {
        let place = *self.places.entry(event.stream).or_insert_with(|| {
            self.tickets.push(None);
            self.tickets.len() - 1
        });
        match step(&mut self.tickets[place], event)? {
            TicketEvent::CommentAdded(added) => put_comment(out, event, &added),
            TicketEvent::AttachmentAdded(added) => put_attachment(out, event, &added),
            _ => {}
        }
        Ok(())
    }

    fn pass_over(&mut self, event: &EventFacts<'_>, _out: &mut Copies) {
        if let Some(place) = self.places.get(&event.stream) {
            pass_over(&mut self.tickets[*place], event);
        }
    }

    fn finish(&mut self, out: &mut Copies) -> More {
        let until = (self.out + TICKETS_AT_ONCE).min(self.tickets.len());
        for folded in self.tickets[self.out..until].iter().flatten() {
            put_ticket(out, folded);
        }
        self.out = until;
        if until < self.tickets.len() {
            return More::Yes;
        }
        let mut tally = Tally::default();
        for folded in self.tickets.iter().flatten() {
            tally.enters(&folded.ticket);
        }
        tally.put(out.table(COUNTS));
        More::No
    }
}

fn put_ticket(out: &mut Copies, folded: &Folded) {
    let Folded {
        ticket,
        version,
        position,
    } = folded;
    let millis = |time: Timestamp| time.as_millis();
    out.table(TICKETS)
        .row(18)
        .uuid(ticket.id.as_uuid())
        .bigint(*version)
        .bigint(*position)
        .text(ticket.title.as_str())
        .text(ticket.description.as_str())
        .text(ticket.status.as_str())
        .text(ticket.priority.as_str())
        .text(ticket.category.as_str())
        .uuid(ticket.requester.as_uuid())
        .optional(ticket.assignee, |rows, assignee| rows.uuid(assignee.as_uuid()))
        .bigint(millis(ticket.created_at))
        .bigint(millis(ticket.updated_at))
        .optional(ticket.resolved_at, |rows, time| rows.bigint(millis(time)))
        .bigint(ticket.public_comments.into())
        .bigint(ticket.internal_comments.into())
        .bigint(ticket.attachments.into())
        .bigint(signed(ticket.attachment_bytes))
        .boolean(ticket.deleted);
}

fn put_comment(out: &mut Copies, event: &EventFacts<'_>, added: &CommentAdded) {
    out.table(COMMENTS)
        .row(7)
        .uuid(event.stream)
        .bigint(event.version)
        .uuid(added.comment.as_uuid())
        .uuid(added.author.as_uuid())
        .text(added.body.as_str())
        .text(added.visibility.as_str())
        .bigint(event.recorded_at.as_millis());
}

fn put_attachment(out: &mut Copies, event: &EventFacts<'_>, added: &AttachmentAdded) {
    out.table(ATTACHMENTS)
        .row(9)
        .uuid(event.stream)
        .bigint(event.version)
        .uuid(added.attachment.as_uuid())
        .uuid(added.uploader.as_uuid())
        .text(added.file_name.as_str())
        .bigint(signed(added.size))
        .text(added.media_type.as_str())
        .text(added.sha256.as_str())
        .bigint(event.recorded_at.as_millis());
}
