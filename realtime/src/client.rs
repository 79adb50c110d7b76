//! One connected client: who it is, which rooms it is in, and what it has received.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::Arc;

use domain::actor::Actor;
use domain::policy::{Action, Facts, permit};
use domain::{AccountId, TicketId};
use eventlog::Position;
use parking_lot::Mutex;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use socketioxide::{SendError, SocketError, TransportType};
use tokio::time::Instant;

use crate::allowance::{Allowance, Verdict};
use crate::authenticate::Grant;
use crate::broadcast::Place;
use crate::frame::Frame;
use crate::link::Link;
use crate::lists::{CountFrames, NotWatched, Watched};
use crate::told::{Telling, Told};

/// A client of the namespace.
pub(crate) struct Client {
    pub(crate) id: Sid,
    pub(crate) link: Arc<Link>,
    /// The session that it came in by; none for an anonymous one.
    pub(crate) grant: Option<Grant>,
    /// When it began to connect.
    pub(crate) since: Instant,
    socket: SocketRef,
    buffer_frames_max: usize,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    actor: Actor,
    rooms: HashMap<TicketId, Membership>,
    lists: Vec<Watched>,
    joins: u64,
    allowance: Allowance,
    /// The position of the last broadcast that it was sent: none is sent again when the relay starts over.
    delivered: Position,
}

enum Phase {
    /// It has not been told yet that it is connected; what it must receive waits here.
    Connecting(Vec<Arc<Frame>>),
    Connected,
    Gone,
}

/// A ticket's room, as far as one client is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Membership {
    /// It asked to be let in, by its join of this number.
    Asked(u64),
    /// It is in. The ticket's requester never changes, so rights can be judged again without the ticket.
    In { requester: AccountId },
}

/// What became of a broadcast at one client.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    Sent,
    /// Not for this client.
    NotForIt,
    /// Its buffer is full: it does not read, and would have a gap from now on.
    Full,
    /// Its connection has ended.
    Closed,
}

/// How a join begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// It is in the room already.
    AlreadyIn,
    /// Its rights must be looked up; the join has this number.
    Number(u64),
    /// It is in too many rooms.
    TooMany,
}

impl Client {
    pub(crate) fn new(
        socket: SocketRef,
        link: Arc<Link>,
        grant: Option<Grant>,
        actor: Actor,
        allowance: Allowance,
        buffer_frames_max: usize,
    ) -> Self {
        Self {
            id: socket.id,
            link,
            grant,
            since: Instant::now(),
            socket,
            buffer_frames_max,
            state: Mutex::new(State {
                phase: Phase::Connecting(Vec::new()),
                actor,
                rooms: HashMap::new(),
                lists: Vec::new(),
                joins: 0,
                allowance,
                delivered: 0,
            }),
        }
    }

    /// The client has been told that it is connected: sends what has waited for that, and calls `present` under the same
    /// lock. `None` if it is gone already.
    pub(crate) fn connected(&self, present: impl FnOnce()) -> Option<Delivery> {
        let mut state = self.state.lock();
        let Phase::Connecting(waiting) = &mut state.phase else {
            return None;
        };
        let waiting = std::mem::take(waiting);
        state.phase = Phase::Connected;
        present();
        let mut delivery = Delivery::Sent;
        for frame in waiting {
            delivery = self.emit(&frame);
            if delivery != Delivery::Sent {
                break;
            }
        }
        Some(delivery)
    }

    /// Tells the event, if it is for this client and it has not had it yet.
    pub(crate) fn deliver(&self, told: &Told) -> Delivery {
        let mut state = self.state.lock();
        let position = told.position;
        if position <= state.delivered {
            return Delivery::NotForIt;
        }
        let place = match state.rooms.get(&told.ticket()) {
            Some(Membership::In { .. }) => Place::InRoom,
            Some(Membership::Asked(_)) | None => Place::Elsewhere,
        };
        let mut delivery = Delivery::NotForIt;
        let broadcast = told.frame_for(&state.actor, place, Telling::Live);
        let lists = told.list_frames(&state.lists, &state.actor, Telling::Live);
        for frame in broadcast.iter().chain(&lists) {
            delivery = self.send(&mut state.phase, frame);
            if delivery != Delivery::Sent {
                return delivery;
            }
        }
        if delivery == Delivery::Sent {
            state.delivered = position;
        }
        delivery
    }

    /// Sends a control frame or a signal.
    pub(crate) fn tell(&self, frame: &Arc<Frame>) -> Delivery {
        self.send(&mut self.state.lock().phase, frame)
    }

    fn send(&self, phase: &mut Phase, frame: &Arc<Frame>) -> Delivery {
        match phase {
            Phase::Connecting(waiting) if waiting.len() < self.buffer_frames_max => {
                waiting.push(Arc::clone(frame));
                Delivery::Sent
            }
            Phase::Connecting(_) => Delivery::Full,
            Phase::Connected => self.emit(frame),
            Phase::Gone => Delivery::NotForIt,
        }
    }

    /// Watches what `watch` makes of the client's present rights, in place of what it watched by the same name.
    pub(crate) fn watch(
        &self,
        lists_max: usize,
        watch: impl FnOnce(&Actor) -> Result<Watched, &'static str>,
    ) -> Result<Watched, NotWatched> {
        let mut state = self.state.lock();
        let watched = watch(&state.actor).map_err(|error| NotWatched::Because(error.to_owned()))?;
        let State { phase, lists, .. } = &mut *state;
        let is_full = lists.len() >= lists_max;
        let name = &watched.watch.name;
        match lists.iter_mut().find(|former| former.watch.name == *name) {
            Some(former) => former.clone_from(&watched),
            None if is_full => return Err(NotWatched::Limited),
            None if matches!(phase, Phase::Gone) => {}
            None => lists.push(watched.clone()),
        }
        Ok(watched)
    }

    /// Watches the list of this name no longer.
    pub(crate) fn unwatch(&self, name: &str) {
        self.state
            .lock()
            .lists
            .retain(|watched| &*watched.watch.name != name);
    }

    /// Watches by its present rights what it watched by former ones; what it may not any more, no longer. True if
    /// anything is another list now.
    pub(crate) fn watch_anew(&self, anew: impl Fn(&Watched, &Actor) -> Option<Watched>) -> bool {
        let mut state = self.state.lock();
        let actor = state.actor;
        let mut has_changed = false;
        state.lists.retain_mut(|watched| {
            let Some(now) = anew(watched, &actor) else {
                has_changed = true;
                return false;
            };
            has_changed |= !now.is_same(watched);
            *watched = now;
            true
        });
        has_changed
    }

    /// Whether it watches any list.
    pub(crate) fn is_watching(&self) -> bool {
        !self.state.lock().lists.is_empty()
    }

    /// What it watches.
    pub(crate) fn watched(&self) -> Vec<Watched> {
        self.state.lock().lists.clone()
    }

    /// Whether one of its lists has the ticket on the screen.
    pub(crate) fn shows(&self, ticket: TicketId) -> bool {
        let state = self.state.lock();
        state.lists.iter().any(|watched| watched.shows(ticket))
    }

    /// Tells the numbers of those of its lists that have new ones.
    pub(crate) fn tell_counts(&self, frames: &mut CountFrames) -> Delivery {
        let mut state = self.state.lock();
        let State { phase, lists, .. } = &mut *state;
        let mut delivery = Delivery::NotForIt;
        for frame in lists.iter().filter_map(|watched| frames.frame(watched)) {
            delivery = self.send(phase, &frame);
            if delivery != Delivery::Sent {
                break;
            }
        }
        delivery
    }

    /// Sends a signal if the client is connected and `may` have it. What it misses before, it asks for.
    pub(crate) fn signal(&self, frame: &Frame, may: impl FnOnce(&Actor) -> bool) -> Delivery {
        let state = self.state.lock();
        match state.phase {
            Phase::Connected if may(&state.actor) => self.emit(frame),
            Phase::Connecting(_) | Phase::Connected | Phase::Gone => Delivery::NotForIt,
        }
    }

    /// Whether it is in the ticket's room or has the ticket on the screen in one of its lists.
    pub(crate) fn is_concerned(&self, ticket: TicketId) -> bool {
        let is_in = self.while_here(Some(ticket), |_, owner| owner.is_some());
        is_in == Some(true) || self.shows(ticket)
    }

    /// Does something while the client can neither go nor become somebody else nor leave the room of `ticket`; tells it
    /// who the client is and, if it is in that room, whose the ticket is. `None` if the client has gone.
    pub(crate) fn while_here<T>(
        &self,
        ticket: Option<TicketId>,
        act: impl FnOnce(&Actor, Option<AccountId>) -> T,
    ) -> Option<T> {
        let state = self.state.lock();
        if matches!(state.phase, Phase::Gone) {
            return None;
        }
        let owner = ticket.and_then(|ticket| match state.rooms.get(&ticket)? {
            Membership::In { requester } => Some(*requester),
            Membership::Asked(_) => None,
        });
        Some(act(&state.actor, owner))
    }

    fn emit(&self, frame: &Frame) -> Delivery {
        let sent = match &frame.meta {
            Some(meta) => self.socket.emit(frame.name, &(&*frame.object, &**meta)),
            None => self.socket.emit(frame.name, &*frame.object),
        };
        match sent {
            Ok(()) => Delivery::Sent,
            Err(SendError::Socket(SocketError::InternalChannelFull)) => Delivery::Full,
            Err(SendError::Socket(SocketError::Closed)) => Delivery::Closed,
            Err(SendError::Serialize(error)) => {
                // Raw JSON is copied as it is. Whatever it was, a gap must not go unnoticed.
                tracing::error!(%error, "[Socket.IO] Cannot encode a broadcast");
                Delivery::Full
            }
        }
    }

    /// Takes an inbound event out of the client's allowance.
    pub(crate) fn spend(&self) -> Verdict {
        self.state.lock().allowance.take(Instant::now())
    }

    /// Begins to join a room.
    pub(crate) fn ask(&self, ticket: TicketId, rooms_max: usize) -> Asking {
        let mut state = self.state.lock();
        state.joins += 1;
        let number = state.joins;
        let full = state.rooms.len() >= rooms_max;
        match state.rooms.entry(ticket) {
            Entry::Occupied(entry) if matches!(entry.get(), Membership::In { .. }) => Asking::AlreadyIn,
            Entry::Occupied(mut entry) => {
                entry.insert(Membership::Asked(number));
                Asking::Number(number)
            }
            Entry::Vacant(_) if full => Asking::TooMany,
            Entry::Vacant(entry) => {
                entry.insert(Membership::Asked(number));
                Asking::Number(number)
            }
        }
    }

    /// Ends the join `number` without success.
    pub(crate) fn refuse(&self, ticket: TicketId, number: u64) {
        let mut state = self.state.lock();
        if state.rooms.get(&ticket) == Some(&Membership::Asked(number)) {
            state.rooms.remove(&ticket);
        }
    }

    /// Ends the join `number`: lets the client in if its present role permits it, and calls `enter` under the same
    /// lock. False if not permitted, or if it has left or gone meanwhile.
    pub(crate) fn enter(
        &self,
        ticket: TicketId,
        number: u64,
        requester: Option<AccountId>,
        enter: impl FnOnce(),
    ) -> bool {
        let mut state = self.state.lock();
        if matches!(state.phase, Phase::Gone) || state.rooms.get(&ticket) != Some(&Membership::Asked(number))
        {
            return false;
        }
        let Some(requester) = requester.filter(|requester| may_read(&state.actor, *requester)) else {
            state.rooms.remove(&ticket);
            return false;
        };
        state.rooms.insert(ticket, Membership::In { requester });
        enter();
        true
    }

    /// Leaves a room; if the client was in it, calls `left` under the same lock.
    pub(crate) fn leave(&self, ticket: TicketId, left: impl FnOnce()) {
        let mut state = self.state.lock();
        if let Some(Membership::In { .. }) = state.rooms.remove(&ticket) {
            left();
        }
    }

    /// The client has this role now. It leaves the rooms that it may no longer be in; calls `left` for each under the
    /// same lock.
    pub(crate) fn become_actor(&self, actor: Actor, mut left: impl FnMut(TicketId)) {
        let mut state = self.state.lock();
        state.actor = actor;
        let lost: Vec<TicketId> = state
            .rooms
            .iter()
            .filter_map(|(ticket, membership)| match membership {
                Membership::In { requester } if !may_read(&actor, *requester) => Some(*ticket),
                Membership::In { .. } | Membership::Asked(_) => None,
            })
            .collect();
        for ticket in lost {
            state.rooms.remove(&ticket);
            left(ticket);
        }
    }

    /// The client is gone: it receives nothing from now on. Gives back the rooms that it was in.
    pub(crate) fn go(&self) -> Vec<TicketId> {
        let mut state = self.state.lock();
        state.phase = Phase::Gone;
        state.lists.clear();
        state.rooms.drain().map(|(ticket, _)| ticket).collect()
    }

    pub(crate) fn is_websocket(&self) -> bool {
        self.socket.transport_type() == TransportType::Websocket
    }

    pub(crate) fn is_connecting(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Connecting(_))
    }

    /// Tells the client that it is disconnected. False if that cannot be told, because it does not read.
    pub(crate) fn say_goodbye(&self) -> bool {
        self.socket.clone().disconnect().is_ok()
    }
}

fn may_read(actor: &Actor, requester: AccountId) -> bool {
    permit(actor, Action::ReadTicket, &Facts::ticket_of(actor, requester)).is_ok()
}
