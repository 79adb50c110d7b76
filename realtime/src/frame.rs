//! A broadcast's frames: the object and the meta as JSON, made once for each cut however many clients receive it.

use std::cell::OnceCell;
use std::sync::Arc;

use domain::Timestamp;
use domain::actor::Actor;
use domain::ticket::{Attachment, Comment, Ticket, TicketEvent};
use eventlog::{Position, Version};
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;
use wire::{Meta, People, TicketDeleted};

use crate::broadcast::{Cut, Object, Place, Scope, broadcast, cut};
use crate::options::AudienceMode;

/// What goes to a client: the event's name and its two arguments.
#[derive(Debug)]
pub(crate) struct Frame {
    pub(crate) name: &'static str,
    pub(crate) object: Box<RawValue>,
    pub(crate) meta: Box<RawValue>,
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

    fn wire_ticket(&self, cut: Cut, people: &impl People) -> wire::Ticket {
        wire::Ticket::of(self.ticket, self.version, cut.audience(), people)
    }
}

fn json(value: &impl Serialize) -> Result<Box<RawValue>, serde_json::Error> {
    serde_json::value::to_raw_value(value)
}

/// A happening on its way to the clients.
pub(crate) struct Parcel<'a, P: People> {
    pub(crate) happening: Happening<'a>,
    pub(crate) name: &'static str,
    pub(crate) scope: Scope,
    mode: AudienceMode,
    /// The ticket while it could still be read, by which rights are judged.
    readable: Ticket,
    people: &'a P,
    requester: OnceCell<Option<Arc<Frame>>>,
    agent: OnceCell<Option<Arc<Frame>>>,
}

impl<'a, P: People> Parcel<'a, P> {
    pub(crate) fn new(mode: AudienceMode, happening: Happening<'a>, people: &'a P) -> Self {
        let row = broadcast(happening.event);
        Self {
            name: row.name,
            scope: row.scope,
            mode,
            readable: Ticket {
                deleted: false,
                ..happening.ticket.clone()
            },
            people,
            happening,
            requester: OnceCell::new(),
            agent: OnceCell::new(),
        }
    }

    /// What `actor` receives, if anything.
    pub(crate) fn frame_for(&self, actor: &Actor, place: Place) -> Option<Arc<Frame>> {
        let cut = cut(self.mode, actor, place, self.happening.event, &self.readable)?;
        let cell = match cut {
            Cut::Requester => &self.requester,
            Cut::Agent => &self.agent,
        };
        cell.get_or_init(|| self.make(cut)).clone()
    }

    fn make(&self, cut: Cut) -> Option<Arc<Frame>> {
        let object = self.happening.object(cut, self.people);
        let (object, meta) = match object.and_then(|object| Ok((object, json(&self.happening.meta(cut))?))) {
            Ok((object, meta)) => (object?, meta),
            Err(error) => {
                // Strings, numbers and options with string keys always become JSON.
                tracing::error!(%error, "[Socket.IO] Cannot write the object of a broadcast");
                return None;
            }
        };
        Some(Arc::new(Frame {
            name: self.name,
            object,
            meta,
        }))
    }
}
