//! What a connection is doing, and until when it may.
//!
//! The stream, the request and both bodies report what happens; the task that drives the connection holds the
//! one timer. That task ends with an upgrade, and with it every deadline here.

use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use parking_lot::Mutex;
use tokio::time::{Instant, Sleep, sleep_until};

use super::Limits;

/// What a connection is doing. Shared by all who take part in it.
#[derive(Debug)]
pub(super) struct Progress {
    limits: Arc<Limits>,
    state: Mutex<State>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    phase: Phase,
    /// The end of the phase; `None` where it may last.
    deadline: Option<Instant>,
    /// A request's body has not been read to its end: the client may still be sending it.
    body_left: bool,
}

/// The part of a request that a connection is in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// Nothing has come yet.
    New,
    /// A head is being read.
    Head,
    /// A handler has the request. The time of its body is measured by the body, any other by the handler
    /// itself.
    Handling,
    /// A response is on its way, and more of its body is to come.
    Responding,
    /// A response is on its way, and all of it is in the write buffer.
    Flushing,
    /// Between two requests.
    Idle,
}

impl Progress {
    /// A connection that has just begun.
    pub(super) fn new(limits: Arc<Limits>) -> Self {
        let deadline = Some(Instant::now() + limits.head);
        Self {
            limits,
            state: Mutex::new(State {
                phase: Phase::New,
                deadline,
                body_left: false,
            }),
        }
    }

    /// Bytes have come in.
    pub(super) fn read(&self) {
        let mut state = self.state.lock();
        match state.phase {
            Phase::New => state.phase = Phase::Head, // on the time that it has had since the start
            Phase::Idle => state.enter(Phase::Head, Some(Instant::now() + self.limits.head)),
            Phase::Head | Phase::Handling | Phase::Responding | Phase::Flushing => {}
        }
    }

    /// A request has been handed to its handler.
    pub(super) fn handling(&self) {
        self.state.lock().enter(Phase::Handling, None);
    }

    /// A handler has answered.
    pub(super) fn responding(&self) {
        self.state
            .lock()
            .enter(Phase::Responding, Some(Instant::now() + self.limits.response));
    }

    /// The body of a response is complete.
    pub(super) fn responded(&self) {
        let mut state = self.state.lock();
        if state.phase == Phase::Responding {
            state.phase = Phase::Flushing;
        }
    }

    /// All that was to be written has been handed to the kernel.
    pub(super) fn flushed(&self) {
        let mut state = self.state.lock();
        if state.phase == Phase::Flushing {
            state.enter(Phase::Idle, Some(Instant::now() + self.limits.idle));
        }
    }

    /// A request's body has been given up before its end.
    pub(super) fn body_left(&self) {
        self.state.lock().body_left = true;
    }

    /// Whether the client may be sending what nobody will read, so that closing at once would reset the
    /// connection.
    pub(super) fn leaves_bytes_unread(&self) -> bool {
        let state = self.state.lock();
        state.body_left || state.phase == Phase::Head
    }

    fn now(&self) -> (Phase, Option<Instant>) {
        let state = self.state.lock();
        (state.phase, state.deadline)
    }
}

impl State {
    fn enter(&mut self, phase: Phase, deadline: Option<Instant>) {
        self.phase = phase;
        self.deadline = deadline;
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::New | Self::Head => "head",
            Self::Handling => "handling",
            Self::Responding | Self::Flushing => "response",
            Self::Idle => "idle",
        })
    }
}

/// The timer of one connection.
#[derive(Debug)]
pub(super) struct Expiry {
    sleep: Pin<Box<Sleep>>,
}

impl Expiry {
    /// A timer that first looks when the first head is due.
    pub(super) fn new(progress: &Progress) -> Self {
        let first = progress.now().1.unwrap_or_else(Instant::now);
        Self {
            sleep: Box::pin(sleep_until(first)),
        }
    }

    /// Ready with the phase that has lasted too long. To be polled after everything that moves `progress` on.
    ///
    /// A later deadline moves the timer only once it fires, so that a busy connection, with its several
    /// phases a request, hardly ever touches it.
    pub(super) fn poll(&mut self, progress: &Progress, context: &mut Context<'_>) -> Poll<Phase> {
        loop {
            let (phase, deadline) = progress.now();
            let Some(deadline) = deadline else {
                return Poll::Pending;
            };
            if deadline < self.sleep.deadline() {
                self.sleep.as_mut().reset(deadline);
            }
            if self.sleep.as_mut().poll(context).is_pending() {
                return Poll::Pending;
            }
            if deadline <= Instant::now() {
                return Poll::Ready(phase);
            }
            self.sleep.as_mut().reset(deadline);
        }
    }
}
