//! What goes to clients: a name and one or two arguments, as JSON.

use std::sync::Arc;

use domain::Timestamp;
use domain::ticket::{Attachment, Comment, Ticket, TicketEvent};
use eventlog::{Position, Version};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;
use wire::{Meta, People, TicketDeleted};

use crate::broadcast::{Cut, Object, broadcast};

/// What goes to a client: the event's name and its arguments.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) name: &'static str,
    pub(crate) object: Arc<RawValue>,
    /// Of broadcasts only.
    pub(crate) meta: Option<Box<RawValue>>,
}

impl Frame {
    /// A broadcast of a stored event.
    pub(crate) fn broadcast(name: &'static str, object: Arc<RawValue>, meta: &Meta) -> Option<Arc<Self>> {
        let meta = Some(written(name, meta)?);
        Some(Arc::new(Self { name, object, meta }))
    }

    /// A control frame or a signal.
    pub(crate) fn plain(name: &'static str, object: &impl Serialize) -> Option<Arc<Self>> {
        let object = written(name, object)?.into();
        Some(Arc::new(Self {
            name,
            object,
            meta: None,
        }))
    }
}

/// As JSON. Strings, numbers and options with string keys always become JSON; if not, the log says so.
fn written(name: &str, value: &impl Serialize) -> Option<Box<RawValue>> {
    json(value)
        .inspect_err(|error| tracing::error!(%error, "[Socket.IO] Cannot write '{name}'"))
        .ok()
}

/// A ticket's event together with everything that its frames are made of.
#[derive(Debug)]
pub struct Happening<'a> {
    /// Its place in the log.
    pub position: Position,
    /// The ticket's version after it.
    pub version: Version,
    /// Its id.
    pub event_id: Uuid,
    /// When it was recorded.
    pub at: Timestamp,
    /// Whose doing it was, if an account's.
    pub actor: Option<Uuid>,
    /// What happened.
    pub event: &'a TicketEvent,
    /// The ticket after it. Of a deletion, this is the deleted ticket.
    pub ticket: &'a Ticket,
}

impl Happening<'_> {
    /// The broadcast's second argument, for one cut.
    pub fn meta(&self, cut: Cut) -> Meta {
        Meta {
            position: self.position,
            version: self.ticket.version_for(self.version, cut.audience()),
            event_id: self.event_id,
            occurred_at: self.at,
            actor: self.actor,
            replayed: false,
        }
    }

    /// The broadcast's first argument as JSON text, for one cut; none if there is nothing in it for that cut.
    pub fn object(&self, cut: Cut, people: &impl People) -> Result<Option<Box<RawValue>>, serde_json::Error> {
        let audience = cut.audience();
        match broadcast(self.event).object {
            Object::Ticket => json(&self.wire_ticket(cut, people)).map(Some),
            Object::Comment => Comment::of(self.ticket.id, self.event, self.at)
                .and_then(|comment| wire::Comment::of(&comment, audience, people))
                .map(|comment| json(&comment))
                .transpose(),
            Object::Attachment => Attachment::of(self.ticket.id, self.event, self.at)
                .map(|attachment| json(&wire::Attachment::of(&attachment, people)))
                .transpose(),
            Object::Deleted => {
                let deleted = TicketDeleted {
                    id: self.ticket.id.as_uuid(),
                    ticket: self.wire_ticket(cut, people),
                };
                json(&deleted).map(Some)
            }
        }
    }

    /// The ticket after the event as JSON text, for one cut.
    pub(crate) fn ticket_json(
        &self,
        cut: Cut,
        people: &impl People,
    ) -> Result<Box<RawValue>, serde_json::Error> {
        json(&self.wire_ticket(cut, people))
    }

    fn wire_ticket(&self, cut: Cut, people: &impl People) -> wire::Ticket {
        wire::Ticket::of(self.ticket, self.version, cut.audience(), people)
    }
}

fn json(value: &impl Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(value)
}
