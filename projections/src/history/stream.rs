//! One ticket from the log itself: event by event, or whole as of a moment.

use std::collections::VecDeque;

use domain::codec::{CodecError, decode_ticket};
use domain::decider::Decider;
use domain::ticket::{
    Attachment, Audience, Change, Comment, Field, Step, Ticket, Tickets, addition, disclose, evolve,
};
use domain::{TicketEvent, TicketId, Timestamp};
use eventlog::{EventLog, Metadata, Position, ReadError, RecordedEvent, StreamId, Version};
use uuid::Uuid;

use crate::error::Source;

/// Events that are read at once: with the longest texts about 16 MiB.
const PAGE: usize = 250;

/// Why a ticket's history cannot be told.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The log cannot be read, or is damaged.
    #[error(transparent)]
    Log(#[from] ReadError),
    /// An event is not one of a ticket.
    #[error("the event at position {position} cannot be read")]
    Event {
        /// Which one.
        position: Position,
        /// Why.
        #[source]
        source: CodecError,
    },
    /// What stands beside an event about who and why cannot be read.
    #[error("the metadata at position {position} cannot be read")]
    Metadata {
        /// Which one.
        position: Position,
        /// Why.
        #[source]
        source: Source,
    },
}

/// An event of a ticket as the log has it, and what it did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recorded {
    /// Its place in the log.
    pub position: Position,
    /// Its place in the stream.
    pub version: Version,
    /// Its own id.
    pub event_id: Uuid,
    /// Its type's stable name.
    pub event_type: String,
    /// Who and what caused it.
    pub metadata: Metadata,
    /// What it did.
    pub step: Step,
}

/// A ticket's stream, read in pages and folded on the way.
pub struct Stream<'a> {
    log: &'a EventLog,
    ticket: TicketId,
    after: Version,
    until: Position,
    page: VecDeque<RecordedEvent>,
    read: Version,
    ended: bool,
    state: Option<Ticket>,
}

impl<'a> Stream<'a> {
    /// The stream of `ticket` in `log`, from its beginning up to the event at `until`.
    pub fn new(log: &'a EventLog, ticket: TicketId, until: Position) -> Self {
        Self {
            log,
            ticket,
            after: 0,
            until,
            page: VecDeque::new(),
            read: 0,
            ended: false,
            state: None,
        }
    }

    /// The same, without telling of the events up to a version.
    #[must_use]
    pub fn after(self, version: Version) -> Self {
        Self {
            after: version,
            ..self
        }
    }

    /// The next event; none after the last one.
    pub async fn next(&mut self) -> Result<Option<Recorded>, StreamError> {
        let event = loop {
            match self.event().await? {
                Some(event) if event.version <= self.after => {
                    self.state = evolve(self.state.take(), &decoded(&event)?, event.recorded_at);
                }
                Some(event) => break event,
                None => return Ok(None),
            }
        };
        let position = event.position;
        let metadata = event.parsed_metadata().map_err(|source| StreamError::Metadata {
            position,
            source: source.into(),
        })?;
        let step = Step::of(self.state.take(), decoded(&event)?, event.recorded_at);
        self.state.clone_from(&step.after);
        Ok(Some(Recorded {
            position,
            version: event.version,
            event_id: event.event_id,
            event_type: event.event_type,
            metadata,
            step,
        }))
    }

    async fn event(&mut self) -> Result<Option<RecordedEvent>, StreamError> {
        if self.page.is_empty() && !self.ended {
            let stream = StreamId::new(Tickets::CATEGORY, self.ticket.as_uuid());
            let page = self.log.read_stream(&stream, self.read, PAGE).await?;
            self.ended = page.len() < PAGE;
            self.read = page.last().map_or(self.read, |event| event.version);
            self.page = page.into();
        }
        let next = self.page.pop_front();
        Ok(next.filter(|event| {
            let due = event.position <= self.until;
            self.ended |= !due;
            due
        }))
    }
}

fn decoded(event: &RecordedEvent) -> Result<TicketEvent, StreamError> {
    let RecordedEvent {
        position,
        event_type,
        schema_version,
        payload,
        ..
    } = event;
    decode_ticket(event_type, *schema_version, payload).map_err(|source| StreamError::Event {
        position: *position,
        source,
    })
}

/// A whole ticket as it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TicketAsOf {
    /// The ticket. It may have been deleted by then.
    pub ticket: Ticket,
    /// The version of its last event until then.
    pub version: Version,
    /// The position of that event.
    pub position: Position,
    /// Oldest first, internal ones too.
    pub comments: Vec<Comment>,
    /// Newest first.
    pub attachments: Vec<Attachment>,
}

impl TicketAsOf {
    /// `ticket` just after the event at `position`; none if it had not begun.
    pub async fn read(
        log: &EventLog,
        ticket: TicketId,
        position: Position,
    ) -> Result<Option<Self>, StreamError> {
        let mut stream = Stream::new(log, ticket, position);
        let mut state = None;
        let (mut comments, mut attachments) = (Vec::new(), Vec::new());
        let mut last = (0, 0);
        while let Some(event) = stream.event().await? {
            let (happened, at) = (decoded(&event)?, event.recorded_at);
            state = evolve(state, &happened, at);
            comments.extend(Comment::of(ticket, &happened, at));
            attachments.extend(Attachment::of(ticket, &happened, at));
            last = (event.version, event.position);
        }
        attachments.reverse();
        let (version, position) = last;
        Ok(state.map(|ticket| Self {
            ticket,
            version,
            position,
            comments,
            attachments,
        }))
    }
}

/// Most comments and attachments of which a difference tells what they are; of further ones, only how many there are.
pub const ADDITIONS_MAX: usize = 200;

/// A ticket at two moments, and what came to it in between.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Between {
    /// At the earlier moment; none if it had not begun.
    pub before: Option<Ticket>,
    /// At the later moment; none if it had not begun. It may have been deleted by then.
    pub after: Option<Ticket>,
    /// How many events lie in between.
    pub events: u32,
    /// The first comments and attachments that were added, at most [`ADDITIONS_MAX`].
    pub additions: Vec<Change>,
    /// How many comments were added.
    pub comments: u32,
    /// How many attachments were added.
    pub attachments: u32,
}

impl Between {
    /// `ticket` after the events at the positions `from` and `to`, with those events in between that `audience` may know
    /// of.
    pub async fn read(
        log: &EventLog,
        ticket: TicketId,
        (from, to): (Position, Position),
        audience: Audience,
    ) -> Result<Self, StreamError> {
        let mut stream = Stream::new(log, ticket, to);
        let mut between = Self::default();
        let mut split = false;
        while let Some(event) = stream.event().await? {
            let (happened, at) = (decoded(&event)?, event.recorded_at);
            if event.position > from && !split {
                split = true;
                between.before.clone_from(&between.after);
            }
            between.after = evolve(between.after.take(), &happened, at);
            if split && disclose(&happened, audience).is_some() {
                between.take(&happened, at);
            }
        }
        if !split {
            between.before.clone_from(&between.after);
        }
        Ok(between)
    }

    fn take(&mut self, happened: &TicketEvent, at: Timestamp) {
        self.events = self.events.saturating_add(1);
        let Some(change) = self
            .after
            .as_ref()
            .and_then(|ticket| addition(ticket, happened, at))
        else {
            return;
        };
        match change.field {
            Field::Comment => self.comments = self.comments.saturating_add(1),
            _ => self.attachments = self.attachments.saturating_add(1),
        }
        if self.additions.len() < ADDITIONS_MAX {
            self.additions.push(change);
        }
    }
}
