//! A ticket's event on its way to the clients, made once however many receive it, now or later.

use std::sync::{Arc, OnceLock};

use domain::actor::Actor;
use domain::ids::AccountId;
use domain::ticket::{Ticket, TicketEvent};
use domain::{TicketId, Timestamp};
use eventlog::{Metadata, Position, RecordedEvent};
use serde_json::value::RawValue;
use uuid::Uuid;

use crate::authenticate::{Accounts, Known};
use crate::broadcast::{Cut, Place, Scope, broadcast, cut};
use crate::frame::{Frame, Happening};
use crate::lists::ListFrames;
use crate::options::AudienceMode;
use crate::tickets::Folded;

/// See above. Its frames are made when somebody is to receive them, once for each cut.
pub(crate) struct Told {
    /// The event's place in the log.
    pub(crate) position: Position,
    /// Its id.
    pub(crate) event_id: Uuid,
    /// When it was recorded.
    pub(crate) at: Timestamp,
    /// Whose doing it was, if an account's.
    pub(crate) actor: Option<Uuid>,
    /// What happened.
    pub(crate) event: TicketEvent,
    /// The ticket before it; none if it is the ticket's first.
    pub(crate) before: Option<Arc<Folded>>,
    /// The ticket after it. Of a deletion, this is the deleted ticket.
    pub(crate) after: Arc<Folded>,
    /// The broadcast's name.
    pub(crate) name: &'static str,
    /// To whom it goes, before each one's rights are asked.
    pub(crate) scope: Scope,
    mode: AudienceMode,
    /// The ticket while it could still be read, by which rights are judged.
    readable: Ticket,
    accounts: Arc<dyn Accounts>,
    requester: Frames,
    agent: Frames,
    pub(crate) lists: ListFrames,
}

/// Whether a client hears of an event when it happens, or later because it was away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Telling {
    /// When it happens.
    Live,
    /// Later.
    Replayed,
}

/// The frames of one cut: as told live, and as replayed.
#[derive(Default)]
struct Frames {
    live: OnceLock<Option<Arc<Frame>>>,
    replayed: OnceLock<Option<Arc<Frame>>>,
}

impl Told {
    /// `before` and `after` are the ticket before and after `event`, which is what `recorded` says.
    pub(crate) fn new(
        mode: AudienceMode,
        accounts: Arc<dyn Accounts>,
        recorded: &RecordedEvent,
        event: TicketEvent,
        before: Option<Arc<Folded>>,
        after: Arc<Folded>,
    ) -> Self {
        let row = broadcast(&event);
        let metadata = recorded.parsed_metadata().ok();
        Self {
            position: recorded.position,
            event_id: recorded.event_id,
            at: recorded.recorded_at,
            actor: metadata.as_ref().and_then(account),
            name: row.name,
            scope: row.scope,
            mode,
            readable: Ticket {
                deleted: false,
                ..after.ticket.clone()
            },
            accounts,
            event,
            before,
            after,
            requester: Frames::default(),
            agent: Frames::default(),
            lists: ListFrames::default(),
        }
    }

    /// Which ticket it is about.
    pub(crate) fn ticket(&self) -> TicketId {
        self.after.ticket.id
    }

    /// Whose the ticket is.
    pub(crate) fn owner(&self) -> AccountId {
        self.after.ticket.requester
    }

    /// What it takes in memory, roughly, in bytes: texts before and after, and the frames of both cuts.
    pub(crate) fn cost(&self) -> usize {
        const FIXED: usize = 2_048;
        const COPIES: usize = 5;
        let ticket = &self.after.ticket;
        let comment = match &self.event {
            TicketEvent::CommentAdded(added) => added.body.as_str().len(),
            TicketEvent::Created(_)
            | TicketEvent::TitleChanged(_)
            | TicketEvent::DescriptionChanged(_)
            | TicketEvent::StatusChanged(_)
            | TicketEvent::PriorityChanged(_)
            | TicketEvent::CategoryChanged(_)
            | TicketEvent::Assigned(_)
            | TicketEvent::Unassigned(_)
            | TicketEvent::AttachmentAdded(_)
            | TicketEvent::Deleted(_) => 0,
        };
        FIXED + COPIES * (ticket.title.as_str().len() + ticket.description.as_str().len() + comment)
    }

    /// In which cut `actor` may know of it; none if not at all.
    pub(crate) fn cut_for(&self, actor: &Actor, place: Place) -> Option<Cut> {
        cut(self.mode, actor, place, &self.event, &self.readable)
    }

    /// What `actor` receives, if anything.
    pub(crate) fn frame_for(&self, actor: &Actor, place: Place, telling: Telling) -> Option<Arc<Frame>> {
        let cut = self.cut_for(actor, place)?;
        let frames = match cut {
            Cut::Requester => &self.requester,
            Cut::Agent => &self.agent,
        };
        let live = || frames.live.get_or_init(|| self.make(cut)).as_ref();
        match telling {
            Telling::Live => live().cloned(),
            Telling::Replayed => {
                let make = || live().and_then(|live| self.replay(cut, live));
                frames.replayed.get_or_init(make).clone()
            }
        }
    }

    fn make(&self, cut: Cut) -> Option<Arc<Frame>> {
        let happening = self.happening();
        let object = match happening.object(cut, &Known(&*self.accounts)) {
            Ok(object) => object?,
            Err(error) => {
                // Strings, numbers and options with string keys always become JSON.
                tracing::error!(%error, "[Socket.IO] Cannot write the object of a broadcast");
                return None;
            }
        };
        Frame::broadcast(self.name, Arc::from(object), &happening.meta(cut))
    }

    /// The frame once more, for somebody who was away.
    fn replay(&self, cut: Cut, live: &Frame) -> Option<Arc<Frame>> {
        let mut meta = self.happening().meta(cut);
        meta.replayed = true;
        Frame::broadcast(self.name, Arc::clone(&live.object), &meta)
    }

    /// The ticket after the event as JSON, as a list shows it to this cut.
    pub(crate) fn ticket_json(&self, cut: Cut) -> Option<Box<RawValue>> {
        self.happening()
            .ticket_json(cut, &Known(&*self.accounts))
            .inspect_err(|error| tracing::error!(%error, "[Socket.IO] Cannot write a ticket"))
            .ok()
    }

    pub(crate) fn happening(&self) -> Happening<'_> {
        Happening {
            position: self.position,
            version: self.after.version,
            event_id: self.event_id,
            at: self.at,
            actor: self.actor,
            event: &self.event,
            ticket: &self.after.ticket,
        }
    }
}

/// The account behind an event, if there is one.
pub(crate) fn account(metadata: &Metadata) -> Option<Uuid> {
    Uuid::try_parse(metadata.actor.strip_prefix("account:")?).ok()
}
