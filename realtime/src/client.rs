//! One connected client: who it is, which rooms it is in, and what it has received.

mod signalling;
mod telling;
mod watching;

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use domain::actor::Actor;
use domain::{AccountId, TicketId};
use eventlog::Position;
use parking_lot::Mutex;
use socketioxide::TransportType;
use socketioxide::extract::SocketRef;
use socketioxide::socket::Sid;
use tokio::time::Instant;
use wire::live::{ListWatched, TicketJoined, event};

use crate::allowance::{Allowance, Verdict};
use crate::authenticate::Grant;
use crate::frame::Frame;
use crate::link::Link;
use crate::lists::Watched;
use crate::passed::may_read;

/// A client of the namespace.
pub(crate) struct Client {
    pub(crate) id: Sid,
    pub(crate) link: Arc<Link>,
    /// The session that it came in by; none for an anonymous one.
    pub(crate) grant: Option<Grant>,
    /// When it began to connect.
    pub(crate) since: Instant,
    socket: SocketRef,
    state: Mutex<State>,
}

struct State {
    phase: Phase,
    actor: Actor,
    rooms: HashMap<TicketId, Membership>,
    lists: Vec<Watched>,
    joins: u64,
    allowance: Allowance,
    /// It has been told everything up to here that it may know of. While it is live, this is behind for what is not
    /// for it.
    at: Position,
    /// What it has been told while it was behind, since that was counted last.
    retold: u64,
    /// It has had the broadcasts up to here, when it came back or since. What an event changes in lists is told after its
    /// broadcast, and remembered with each list.
    heard: Position,
    /// The position that it has heard of last, with whatever frame.
    known: Position,
    replay: Option<Replay>,
    /// Signals for which there was no room while it was behind, in their order.
    owed: VecDeque<Arc<Frame>>,
    /// It has been asked to fetch anew as of this position: what it misses up to there, it has fetched.
    resynced: Position,
}

/// A client is never buffered for. Either it is told what happens, or it is behind and takes what it has missed from what
/// is remembered anyway: then the relay passes it over.
enum Phase {
    /// It has not been told yet that it is connected.
    Connecting(Opening),
    /// It is at an earlier position than the relay.
    Behind,
    /// Whatever the relay begins to tell from now on, it is told.
    Live,
    Gone,
}

/// What a client that comes back is owed before `caught-up`.
#[derive(Clone, Copy, Debug)]
struct Replay {
    /// What happened up to here, it was away for.
    target: Position,
    /// Broadcasts of it that it was told.
    told: u64,
}

/// What is to be said to a client as soon as it is connected.
#[derive(Clone, Debug, Default)]
pub(crate) struct Opening {
    /// Where it was when it left, if it says so.
    pub(crate) resume: Option<Resume>,
    /// What became of the tickets that it asked for.
    pub(crate) tickets: Vec<TicketJoined>,
    /// What became of the lists that it asked for.
    pub(crate) lists: Vec<ListWatched>,
    /// Signals that have come too early, in their order.
    pub(crate) signals: Vec<Arc<Frame>>,
}

/// Where a client was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Resume {
    /// It has seen everything up to this position of the log.
    From(Position),
    /// At a position that this log has never come to.
    Unknown,
}

/// Where the relay is, and how far back it is told one by one.
pub(crate) struct Course<'a> {
    /// The position that the relay is telling, or has told last.
    pub(crate) begun: &'a AtomicI64,
    /// See [`Options::resume_events_max`](crate::Options::resume_events_max).
    pub(crate) resume_events_max: Position,
}

/// Where a client stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standing {
    /// It is told what happens.
    Live,
    /// It is to be told what happened after this position.
    Behind(Position),
    /// Its buffer is full.
    Full,
    /// Its connection has ended.
    Closed,
    /// It is no longer ours.
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
    /// Its buffer is full: it is behind from now on, and somebody must see to it.
    Behind,
    /// Its buffer is full, though it is told what happens.
    Full,
    /// Its connection has ended.
    Closed,
}

/// How a join begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// It is in the room already, and told everything after this position.
    AlreadyIn(Position),
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
        at: Position,
    ) -> Self {
        Self {
            id: socket.id,
            link,
            grant,
            since: Instant::now(),
            socket,
            state: Mutex::new(State {
                phase: Phase::Connecting(Opening::default()),
                actor,
                rooms: HashMap::new(),
                lists: Vec::new(),
                joins: 0,
                allowance,
                at,
                retold: 0,
                heard: 0,
                known: at,
                replay: None,
                owed: VecDeque::new(),
                resynced: 0,
            }),
        }
    }

    /// Takes an inbound event out of the client's allowance.
    pub(crate) fn spend(&self) -> Verdict {
        self.state.lock().allowance.take(Instant::now())
    }

    /// Begins to join a room.
    pub(crate) fn ask(&self, ticket: TicketId, rooms_max: usize, begun: &AtomicI64) -> Asking {
        let mut state = self.state.lock();
        state.joins += 1;
        let number = state.joins;
        let full = state.rooms.len() >= rooms_max;
        let position = state.told_upto(begun);
        match state.rooms.entry(ticket) {
            Entry::Occupied(entry) if matches!(entry.get(), Membership::In { .. }) => {
                Asking::AlreadyIn(position)
            }
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
    /// lock. From the position that is given back on it is told everything. `None` if not permitted, or if it has left or
    /// gone meanwhile.
    pub(crate) fn enter(
        &self,
        ticket: TicketId,
        number: u64,
        requester: Option<AccountId>,
        begun: &AtomicI64,
        enter: impl FnOnce(),
    ) -> Option<Position> {
        let mut state = self.state.lock();
        if matches!(state.phase, Phase::Gone) || state.rooms.get(&ticket) != Some(&Membership::Asked(number))
        {
            return None;
        }
        let Some(requester) = requester.filter(|requester| may_read(&state.actor, *requester)) else {
            state.rooms.remove(&ticket);
            return None;
        };
        state.rooms.insert(ticket, Membership::In { requester });
        enter();
        Some(state.told_upto(begun))
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
        if state.actor != actor {
            // What waits for room was for whoever it was before, but that its rights have changed.
            state.owed.retain(|frame| frame.name == event::RESYNC);
        }
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
        state.owed.clear();
        state.rooms.drain().map(|(ticket, _)| ticket).collect()
    }

    pub(crate) fn is_websocket(&self) -> bool {
        self.socket.transport_type() == TransportType::Websocket
    }

    /// It has been told everything up to this position that it may know of.
    pub(crate) fn at(&self) -> Position {
        self.state.lock().at
    }

    pub(crate) fn is_gone(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Gone)
    }

    pub(crate) fn is_connecting(&self) -> bool {
        matches!(self.state.lock().phase, Phase::Connecting(_))
    }

    /// Tells the client that it is disconnected. False if that cannot be told, because it does not read.
    pub(crate) fn say_goodbye(&self) -> bool {
        self.socket.clone().disconnect().is_ok()
    }
}

impl State {
    /// Whatever is broadcast after this position, it is told. While the client is live: whoever took the clients' list or
    /// a room's before this one was in it, had begun to tell this position or an earlier one.
    fn told_upto(&self, begun: &AtomicI64) -> Position {
        let had = self.at.max(self.heard);
        match self.phase {
            Phase::Live => had.max(begun.load(Ordering::SeqCst)),
            Phase::Connecting(_) | Phase::Behind | Phase::Gone => had,
        }
    }
}
