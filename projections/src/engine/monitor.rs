//! What this node knows of a read model: how far it is, who applies events to it, and what went wrong last.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use eventlog::Position;
use parking_lot::Mutex;
use tokio::sync::{Notify, watch};

/// A rate is of the last stretch of about this length.
const RATE_OVER: Duration = Duration::from_secs(1);

/// What a node is doing for a read model.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// It looks for its place.
    Starting,
    /// It applies events to it.
    Running,
    /// Another node does.
    StandingBy,
    /// It makes the next generation, because the live one is another program's or far behind.
    Rebuilding,
    /// It failed and will try again; see the last error.
    Failed,
    /// It was stopped.
    Stopped,
}

/// How a read model is doing, as this node sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Status {
    /// The read model.
    pub name: &'static str,
    /// What this node is doing for it.
    pub state: State,
    /// The live generation, from 1; 0 while it is not known.
    pub generation: i64,
    /// The last position that is known to be applied.
    pub position: Position,
    /// The last position of the log that this node knows.
    pub head: Position,
    /// How many events are yet to be applied.
    pub lag: i64,
    /// The node that applies events to it.
    pub owner: Option<String>,
    /// How many streams are parked in it. Known to the owner only; 0 elsewhere.
    pub parked: usize,
    /// What went wrong last, if it has not been right since.
    pub last_error: Option<String>,
    /// Events per second that this node has applied lately.
    pub events_per_second: f64,
}

pub(crate) struct Monitor {
    name: &'static str,
    applied: watch::Sender<Position>,
    awaited: AtomicUsize,
    wake: Notify,
    seen: Mutex<Seen>,
}

struct Seen {
    state: State,
    generation: i64,
    owner: Option<String>,
    parked: usize,
    last_error: Option<String>,
    rate: f64,
    counted: u64,
    since: Instant,
}

impl Monitor {
    pub(crate) fn new(name: &'static str) -> Self {
        let seen = Seen {
            state: State::Starting,
            generation: 0,
            owner: None,
            parked: 0,
            last_error: None,
            rate: 0.0,
            counted: 0,
            since: Instant::now(),
        };
        Self {
            name,
            applied: watch::Sender::new(0),
            awaited: AtomicUsize::new(0),
            wake: Notify::new(),
            seen: Mutex::new(seen),
        }
    }

    pub(crate) fn name(&self) -> &'static str {
        self.name
    }

    /// Everything up to `position` is in the tables. Never goes back.
    pub(crate) fn publish(&self, position: Position) {
        self.applied.send_if_modified(|applied| {
            let further = position > *applied;
            if further {
                *applied = position;
            }
            further
        });
    }

    pub(crate) fn applied(&self) -> watch::Receiver<Position> {
        self.applied.subscribe()
    }

    pub(crate) fn is_at(&self, state: State, generation: i64, owner: Option<String>) {
        let mut seen = self.seen.lock();
        seen.state = state;
        seen.generation = generation;
        seen.owner = owner;
        if state != State::Running {
            seen.parked = 0;
        }
    }

    pub(crate) fn is(&self, state: State) {
        self.seen.lock().state = state;
    }

    pub(crate) fn failed(&self, error: String) {
        let mut seen = self.seen.lock();
        seen.state = State::Failed;
        seen.last_error = Some(error);
    }

    pub(crate) fn is_well(&self) {
        self.seen.lock().last_error = None;
    }

    pub(crate) fn parks(&self, streams: usize) {
        self.seen.lock().parked = streams;
    }

    pub(crate) fn counts(&self, events: usize) {
        let mut seen = self.seen.lock();
        seen.counted += events as u64;
        seen.settle();
    }

    pub(crate) fn status(&self, head: Position) -> Status {
        let position = *self.applied.borrow();
        let mut seen = self.seen.lock();
        seen.settle();
        Status {
            name: self.name,
            state: seen.state,
            generation: seen.generation,
            position,
            head: head.max(position),
            lag: (head - position).max(0),
            owner: seen.owner.clone(),
            parked: seen.parked,
            last_error: seen.last_error.clone(),
            events_per_second: seen.rate,
        }
    }

    /// Somebody waits for a position, until the guard is dropped: a node that stands by looks more often then.
    pub(crate) fn await_position(self: &Arc<Self>) -> Waiting {
        if self.awaited.fetch_add(1, Ordering::Relaxed) == 0 {
            self.wake.notify_one();
        }
        Waiting(Arc::clone(self))
    }

    pub(crate) fn is_awaited(&self) -> bool {
        self.awaited.load(Ordering::Relaxed) > 0
    }

    /// Returns when somebody begins to wait.
    pub(crate) async fn until_awaited(&self) {
        while !self.is_awaited() {
            self.wake.notified().await;
        }
    }
}

impl Seen {
    fn settle(&mut self) {
        let passed = self.since.elapsed();
        if passed >= RATE_OVER {
            #[expect(clippy::cast_precision_loss, reason = "a rate for people to look at")]
            let counted = self.counted as f64;
            self.rate = counted / passed.as_secs_f64();
            self.counted = 0;
            self.since = Instant::now();
        }
    }
}

/// See [`Monitor::await_position`].
pub(crate) struct Waiting(Arc<Monitor>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.awaited.fetch_sub(1, Ordering::Relaxed);
    }
}
