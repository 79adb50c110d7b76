//! What an event changes in lists, as frames that are made once however many clients watch.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use domain::actor::Actor;
use parking_lot::Mutex;
use projections::tickets::SmallTitle;
use serde::Serialize;
use serde_json::value::RawValue;
use uuid::Uuid;
use wire::live::{ListChange, event};

use super::tally::{Kind, kind};
use super::watch::{List, Watched};
use crate::broadcast::{Cut, Place};
use crate::frame::Frame;
use crate::told::{Telling, Told};

/// Frames of one event that are kept, at most. Most clients call their lists by the same few names.
const FRAMES_MAX: usize = 64;

/// What is kept of an event's changes in lists.
#[derive(Default)]
pub(crate) struct ListFrames {
    title_before: SmallTitle,
    title_after: SmallTitle,
    for_requester: OnceLock<Option<Box<RawValue>>>,
    for_agent: OnceLock<Option<Box<RawValue>>>,
    frames: Mutex<HashMap<Name, Arc<Frame>>>,
}

/// What tells the frames of one event from each other.
#[derive(PartialEq, Eq, Hash)]
struct Name {
    list: Arc<str>,
    change: ListChange,
    cut: Cut,
    telling: Telling,
}

/// [`wire::live::ListChanged`] with a ticket that has been written already.
#[derive(Serialize)]
struct Written<'a> {
    list: &'a str,
    change: ListChange,
    id: Uuid,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket: Option<&'a RawValue>,
}

impl Told {
    /// What the ticket was before the event, if it was in the list.
    pub(super) fn was_in(&self, list: &List) -> Option<Kind> {
        let before = &self.before.as_ref()?.ticket;
        list.matcher
            .fits(before, &self.lists.title_before)
            .then(|| kind(before))
    }

    /// What the ticket is after the event, if it is in the list.
    pub(super) fn is_in(&self, list: &List) -> Option<Kind> {
        let after = &self.after.ticket;
        list.matcher
            .fits(after, &self.lists.title_after)
            .then(|| kind(after))
    }

    /// In which cut `actor` may know now what the event changes in lists; none if not at all.
    pub(crate) fn list_cut(&self, actor: &Actor) -> Option<Cut> {
        // A list shows what can be read, in the ticket's room or not.
        self.cut_for(actor, Place::InRoom)
    }

    /// What the event changes in this list, for this cut.
    pub(crate) fn list_frame(&self, watched: &Watched, cut: Cut, telling: Telling) -> Option<Arc<Frame>> {
        let list = watched.list.as_ref().filter(|list| list.cut == cut)?;
        let change = match (self.was_in(list), self.is_in(list)) {
            (None, Some(_)) => ListChange::Entered,
            (Some(_), None) => ListChange::Left,
            (Some(_), Some(_)) => ListChange::Changed,
            (None, None) => return None,
        };
        self.kept_frame(&watched.watch.name, change, cut, telling)
    }

    fn kept_frame(
        &self,
        list: &Arc<str>,
        change: ListChange,
        cut: Cut,
        telling: Telling,
    ) -> Option<Arc<Frame>> {
        let name = Name {
            list: Arc::clone(list),
            change,
            cut,
            telling,
        };
        if let Some(frame) = self.lists.frames.lock().get(&name) {
            return Some(Arc::clone(frame));
        }
        let written = Written {
            list,
            change,
            id: self.ticket().as_uuid(),
            ticket: match change {
                ListChange::Left => None,
                ListChange::Entered | ListChange::Changed => Some(self.written_ticket(cut)?),
            },
        };
        let object = serde_json::value::to_raw_value(&written).ok()?;
        let mut meta = self.happening().meta(cut);
        meta.replayed = telling == Telling::Replayed;
        let frame = Frame::broadcast(event::LIST_CHANGED, object.into(), &meta)?;
        let mut frames = self.lists.frames.lock();
        if frames.len() < FRAMES_MAX {
            frames.insert(name, Arc::clone(&frame));
        }
        Some(frame)
    }

    fn written_ticket(&self, cut: Cut) -> Option<&RawValue> {
        let kept = match cut {
            Cut::Requester => &self.lists.for_requester,
            Cut::Agent => &self.lists.for_agent,
        };
        kept.get_or_init(|| self.ticket_json(cut)).as_deref()
    }
}
