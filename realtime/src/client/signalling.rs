//! Signals to a client: what people and the program are doing, and numbers of lists. They are not in the log, so what a
//! client has no room for is kept for it, as long as it reads.

use std::sync::Arc;

use domain::actor::Actor;

use super::telling::{Sent, done};
use super::{Client, Delivery, Phase, Standing, State};
use crate::frame::Frame;
use crate::lists::CountFrames;

/// Signals that wait for the welcome, at most; further ones are dropped.
const EARLY_SIGNALS_MAX: usize = 64;

/// Signals that wait for room at a client that is behind, at most; if there are more, it does not read.
const OWED_SIGNALS_MAX: usize = 64;

impl Client {
    /// Sends a control frame or a signal. One that comes too early waits for the welcome, and one for which a client that
    /// is behind has no room until it has.
    pub(crate) fn tell(&self, frame: &Arc<Frame>) -> Delivery {
        self.send_signal(&mut self.state.lock(), frame)
    }

    /// Sends a signal if the client is connected and `may` have it. What it misses before, it asks for.
    pub(crate) fn signal(&self, frame: &Arc<Frame>, may: impl FnOnce(&Actor) -> bool) -> Delivery {
        let mut state = self.state.lock();
        if matches!(state.phase, Phase::Connecting(_)) || !may(&state.actor) {
            return Delivery::NotForIt;
        }
        self.send_signal(&mut state, frame)
    }

    /// Tells the numbers of those of its lists that have new ones.
    pub(crate) fn tell_counts(&self, frames: &mut CountFrames) -> Delivery {
        let mut state = self.state.lock();
        let lists = state.lists.iter();
        let frames: Vec<_> = lists.filter_map(|watched| frames.frame(watched)).collect();
        let mut delivery = Delivery::NotForIt;
        for frame in frames {
            delivery = self.send_signal(&mut state, &frame);
            if delivery != Delivery::Sent {
                break;
            }
        }
        delivery
    }

    fn send_signal(&self, state: &mut State, frame: &Arc<Frame>) -> Delivery {
        let is_live = match &mut state.phase {
            Phase::Connecting(opening) if opening.signals.len() < EARLY_SIGNALS_MAX => {
                opening.signals.push(Arc::clone(frame));
                return Delivery::Sent;
            }
            Phase::Connecting(_) | Phase::Gone => return Delivery::NotForIt,
            // Signals keep their order.
            Phase::Behind if !state.owed.is_empty() => return state.owe(frame),
            Phase::Behind => false,
            Phase::Live => true,
        };
        match self.emit(frame) {
            Sent::Yes => Delivery::Sent,
            Sent::Full if is_live => Delivery::Full,
            Sent::Full => state.owe(frame),
            Sent::Closed => Delivery::Closed,
        }
    }

    /// Sends the signals that wait for room.
    pub(super) fn send_owed(&self, state: &mut State) -> Result<(), Standing> {
        while let Some(frame) = state.owed.front() {
            done(self.emit(frame))?;
            state.owed.pop_front();
        }
        Ok(())
    }
}

impl State {
    /// A signal waits for room.
    fn owe(&mut self, frame: &Arc<Frame>) -> Delivery {
        if self.owed.len() >= OWED_SIGNALS_MAX {
            return Delivery::Full;
        }
        self.owed.push_back(Arc::clone(frame));
        Delivery::Sent
    }
}
