//! One verification at a time, for whoever asks over HTTP: what it is doing, and what the last one came to.

use std::sync::Arc;

use eventlog::Position;
use parking_lot::Mutex;

use super::report::{Name, Report};

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress {
    /// What it is checking.
    pub section: Name,
    /// How far it is there.
    pub done: Position,
    /// How far there is to go.
    pub total: Position,
}

impl Progress {
    pub(super) const fn new(section: Name, done: Position, total: Position) -> Self {
        Self { section, done, total }
    }
}

/// A verification is going on already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a verification is going on already")]
pub struct Busy;

/// The verification of one program: none, one that goes on, or one that has ended. Clones are the same.
#[derive(Clone, Default)]
pub struct Verifications {
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    running: bool,
    progress: Option<Progress>,
    last: Option<Result<Arc<Report>, String>>,
}

/// What is known of a program's verification.
#[derive(Clone, Debug)]
pub struct Seen {
    /// Whether one goes on.
    pub running: bool,
    /// How far it is.
    pub progress: Option<Progress>,
    /// What the last one came to, or why it could not be done.
    pub last: Option<Result<Arc<Report>, String>>,
}

impl Verifications {
    /// Begins one, unless one goes on.
    pub fn begin(&self) -> Result<Running, Busy> {
        let mut state = self.state.lock();
        if state.running {
            return Err(Busy);
        }
        state.running = true;
        state.progress = None;
        drop(state);
        Ok(Running {
            state: Arc::clone(&self.state),
        })
    }

    /// What is known.
    pub fn seen(&self) -> Seen {
        let state = self.state.lock();
        Seen {
            running: state.running,
            progress: state.progress,
            last: state.last.clone(),
        }
    }
}

/// A verification that goes on. Dropped, it has ended.
pub struct Running {
    state: Arc<Mutex<State>>,
}

impl Running {
    /// Notes how far it is.
    pub fn at(&self, progress: Progress) {
        self.state.lock().progress = Some(progress);
    }

    /// Notes what it came to.
    pub fn ended(self, outcome: Result<Report, String>) {
        self.state.lock().last = Some(outcome.map(Arc::new));
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let mut state = self.state.lock();
        state.running = false;
        state.progress = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_at_a_time_however_it_ends() {
        let verifications = Verifications::default();
        let running = verifications.begin().unwrap();
        assert_eq!(verifications.begin().err(), Some(Busy));
        running.at(Progress::new(Name::Chain, 1, 2));
        assert_eq!(verifications.seen().progress.unwrap().done, 1);
        drop(running);
        assert!(!verifications.seen().running && verifications.seen().last.is_none());
        verifications.begin().unwrap().ended(Err("away".to_owned()));
        let seen = verifications.seen();
        assert!(!seen.running && seen.progress.is_none());
        assert_eq!(seen.last.unwrap().unwrap_err(), "away");
        assert!(verifications.begin().is_ok());
    }
}
