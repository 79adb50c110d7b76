//! What a client is told, and when: the only place that sends it anything of the log.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, Ordering};

use domain::TicketId;
use eventlog::Position;
use serde::Serialize;
use socketioxide::{SendError, SocketError};
use wire::live::{Bookmark, CaughtUp, Resync, ResyncReason, Welcome, event};

use super::{Client, Course, Delivery, Membership, Opening, Phase, Replay, Resume, Standing, State};
use crate::broadcast::Place;
use crate::frame::Frame;
use crate::passed::{Passed, Stretch, Witness};
use crate::told::{Telling, Told};

/// What became of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    Yes,
    /// Its buffer is full: it was not sent.
    Full,
    /// Its connection has ended.
    Closed,
}

impl Client {
    /// What is to be said as soon as the client is connected. It is told what happens from where it was on, if it may
    /// be.
    pub(crate) fn prepare(&self, opening: Opening) {
        let mut state = self.state.lock();
        if let Some(Resume::From(position)) = opening.resume {
            // What an event changes in lists comes after its broadcast: the connection may have been cut in between.
            let overlap = Position::from(position > 0 && !state.lists.is_empty());
            (state.at, state.known, state.heard) = (position - overlap, position, position);
        }
        if let Phase::Connecting(prepared) = &mut state.phase {
            let signals = std::mem::take(&mut prepared.signals);
            *prepared = Opening { signals, ..opening };
        }
    }

    /// The client has been told that it is connected: welcomes it, and calls `present` under the same lock.
    pub(crate) fn connected(&self, course: &Course<'_>, present: impl FnOnce()) -> Standing {
        let mut state = self.state.lock();
        let Phase::Connecting(opening) = &mut state.phase else {
            return Standing::Gone;
        };
        let opening = std::mem::take(opening);
        let begun = course.begun.load(Ordering::SeqCst);
        let is_too_far = begun.saturating_sub(state.at) > course.resume_events_max;
        let (position, resync) = match opening.resume {
            // Nobody promised it what happened before it asked to be let in.
            None => (state.at, None),
            Some(Resume::From(_)) if is_too_far => (begun, Some(ResyncReason::TooFar)),
            // It may come from a node that is further than this one.
            Some(Resume::From(position)) => (begun.max(position), None),
            Some(Resume::Unknown) => (begun, Some(ResyncReason::UnknownPosition)),
        };
        state.phase = Phase::Behind;
        present();
        if opening.resume.is_some() && resync.is_none() {
            // What this node is yet to tell, it tells when it happens: also what the last event that the client has seen
            // changes in its lists.
            let (target, told) = (begun.max(state.at), 0);
            state.replay = Some(Replay { target, told });
        } else {
            state.at = position;
        }
        let welcome = Welcome {
            position,
            tickets: opening.tickets,
            lists: opening.lists,
            replaying: state.replay.is_some() && state.at.max(state.heard) < position,
        };
        let mut sent = self.control(event::WELCOME, &welcome);
        if let (Sent::Yes, Some(reason)) = (sent, resync) {
            (state.resynced, state.known) = (position, position);
            sent = self.control(event::RESYNC, &Resync { position, reason });
        }
        for signal in &opening.signals {
            if sent == Sent::Yes {
                sent = self.emit(signal);
            }
        }
        match sent {
            Sent::Yes => self.advance(&mut state, &[], course.begun),
            Sent::Full => Standing::Full,
            Sent::Closed => Standing::Closed,
        }
    }

    /// Tells what happens, as far as it is for this client and it has not had it yet; counts in `sent` what it was told.
    /// Called by the relay.
    pub(crate) fn deliver(&self, stretch: &Stretch, sent: &mut [u64]) -> Delivery {
        let mut state = self.state.lock();
        if !matches!(state.phase, Phase::Live) {
            return Delivery::NotForIt;
        }
        let mut delivery = Delivery::NotForIt;
        for ((position, passed), sent) in stretch.iter().zip(sent) {
            if *position <= state.at {
                continue;
            }
            match self.tell_passed(&mut state, *position, passed) {
                None => {}
                Some(Sent::Yes) => {
                    state.at = *position;
                    *sent += 1;
                    delivery = Delivery::Sent;
                }
                Some(Sent::Full) => {
                    state.at = position - 1;
                    state.phase = Phase::Behind;
                    return Delivery::Behind;
                }
                Some(Sent::Closed) => return Delivery::Closed,
            }
        }
        delivery
    }

    /// Tells what happened after the position that the client is at; it is live as soon as it is where the relay is.
    pub(crate) fn catch_up(&self, missed: &[(Position, Passed)], begun: &AtomicI64) -> (Standing, u64) {
        let mut state = self.state.lock();
        let standing = match state.phase {
            Phase::Behind => self.advance(&mut state, missed, begun),
            Phase::Live => Standing::Live,
            Phase::Connecting(_) | Phase::Gone => Standing::Gone,
        };
        (standing, std::mem::take(&mut state.retold))
    }

    /// Tells the client that nothing has happened up to `relayed` that it was not told, if it knows of nothing so far.
    pub(crate) fn bookmark(&self, relayed: Position, behind_min: Position) -> bool {
        let mut state = self.state.lock();
        let position = relayed.max(state.at);
        if !matches!(state.phase, Phase::Live) || position - state.known < behind_min.max(1) {
            return false;
        }
        // If there is no room for it, there is something else to read, and time.
        let is_sent = self.control(event::BOOKMARK, &Bookmark { position }) == Sent::Yes;
        if is_sent {
            (state.at, state.known) = (position, position);
        }
        is_sent
    }

    /// What happened after the position that the client is at.
    fn advance(&self, state: &mut State, missed: &[(Position, Passed)], begun: &AtomicI64) -> Standing {
        if let Err(standing) = self.send_owed(state) {
            return standing;
        }
        for (position, passed) in missed {
            if *position <= state.at {
                continue;
            }
            match self
                .finish_replay(state)
                .and_then(|()| self.retell(state, *position, passed))
            {
                Ok(()) => state.at = *position,
                Err(standing) => return standing,
            }
        }
        if let Err(standing) = self.finish_replay(state) {
            return standing;
        }
        // The relay stores what it begins to tell before it looks for clients: if this is not yet more than the client
        // has, it will find the client live.
        if state.at >= begun.load(Ordering::SeqCst) {
            state.phase = Phase::Live;
            return Standing::Live;
        }
        Standing::Behind(state.at)
    }

    /// Says that the client has caught up, once it has.
    fn finish_replay(&self, state: &mut State) -> Result<(), Standing> {
        let Some(replay) = state.replay.filter(|replay| state.at >= replay.target) else {
            return Ok(());
        };
        let position = state.known.max(replay.target);
        let replayed = replay.told;
        done(self.control(event::CAUGHT_UP, &CaughtUp { position, replayed }))?;
        state.replay = None;
        state.known = position;
        Ok(())
    }

    fn retell(&self, state: &mut State, position: Position, passed: &Passed) -> Result<(), Standing> {
        // What cannot be told must not keep the client from all that comes after it.
        let told = catch_unwind(AssertUnwindSafe(|| self.tell_passed(state, position, passed)));
        let Ok(told) = told else {
            tracing::error!(
                event.position = position,
                "[Socket.IO] An event cannot be told again"
            );
            let missed = Passed::Missed(Witness::Anybody);
            return self.tell_passed(state, position, &missed).map_or(Ok(()), done);
        };
        let Some(sent) = told else { return Ok(()) };
        done(sent)?;
        state.retold += 1;
        if let (Some(replay), Passed::Told(_) | Passed::Account(_)) = (&mut state.replay, passed) {
            replay.told += 1;
        }
        Ok(())
    }

    /// Sends what this client may know of a position; `None` if that is nothing.
    fn tell_passed(&self, state: &mut State, position: Position, passed: &Passed) -> Option<Sent> {
        let sent = match passed {
            Passed::Nothing => return None,
            Passed::Told(told) => self.tell_event(state, told)?,
            Passed::Account(told) => {
                let telling = state.telling(told.position);
                let is_new = told.position > state.heard;
                let frame = told.frame_for(&state.actor, telling).filter(|_| is_new);
                self.emit(&*frame?)
            }
            Passed::Missed(witness) => {
                if position <= state.resynced || !witness.is(&state.actor) {
                    return None;
                }
                // Whoever is being told what it missed fetches all of that at once.
                let position = state
                    .replay
                    .map_or(position, |replay| replay.target.max(position));
                let reason = ResyncReason::Missed;
                let sent = self.control(event::RESYNC, &Resync { position, reason });
                if sent == Sent::Yes {
                    state.resynced = position;
                }
                sent
            }
        };
        if sent == Sent::Yes {
            state.known = state.known.max(position);
        }
        Some(sent)
    }

    /// Sends the broadcast of an event, and what it changes in the client's lists. If there is no room for a part, it is
    /// called again: what has been told is remembered where it belongs, so that rooms, lists and rights may change
    /// meanwhile.
    fn tell_event(&self, state: &mut State, told: &Told) -> Option<Sent> {
        let telling = state.telling(told.position);
        let mut sent = None;
        if told.position > state.heard {
            let place = state.place(told.ticket());
            if let Some(frame) = told.frame_for(&state.actor, place, telling) {
                sent = Some(self.emit(&frame));
                if sent != Some(Sent::Yes) {
                    return sent;
                }
            }
            // Also if it was not for this client: whoever enters the room now is told what comes after it.
            state.heard = told.position;
        }
        if state.lists.is_empty() {
            return sent;
        }
        let Some(cut) = told.list_cut(&state.actor) else {
            return sent;
        };
        for watched in &mut state.lists {
            if told.position <= watched.told {
                continue;
            }
            let Some(frame) = told.list_frame(watched, cut, telling) else {
                continue;
            };
            sent = Some(self.emit(&frame));
            if sent != Some(Sent::Yes) {
                return sent;
            }
            watched.told = told.position;
        }
        sent
    }

    fn control(&self, name: &'static str, object: &impl Serialize) -> Sent {
        Frame::plain(name, object).map_or(Sent::Full, |frame| self.emit(&frame))
    }

    pub(super) fn emit(&self, frame: &Frame) -> Sent {
        let sent = match &frame.meta {
            Some(meta) => self.socket.emit(frame.name, &(&*frame.object, &**meta)),
            None => self.socket.emit(frame.name, &*frame.object),
        };
        match sent {
            Ok(()) => Sent::Yes,
            Err(SendError::Socket(SocketError::InternalChannelFull)) => Sent::Full,
            Err(SendError::Socket(SocketError::Closed)) => Sent::Closed,
            Err(SendError::Serialize(error)) => {
                // Raw JSON is copied as it is. Whatever it was, a gap must not go unnoticed.
                tracing::error!(%error, "[Socket.IO] Cannot encode a frame");
                Sent::Full
            }
        }
    }
}

pub(super) fn done(sent: Sent) -> Result<(), Standing> {
    match sent {
        Sent::Yes => Ok(()),
        Sent::Full => Err(Standing::Full),
        Sent::Closed => Err(Standing::Closed),
    }
}

impl State {
    /// Whether the event at `position` is told late.
    fn telling(&self, position: Position) -> Telling {
        match self.replay {
            Some(replay) if position <= replay.target => Telling::Replayed,
            Some(_) | None => Telling::Live,
        }
    }

    fn place(&self, ticket: TicketId) -> Place {
        match self.rooms.get(&ticket) {
            Some(Membership::In { .. }) => Place::InRoom,
            Some(Membership::Asked(_)) | None => Place::Elsewhere,
        }
    }
}
