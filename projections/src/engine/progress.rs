//! How far a rebuild has come, and how that is told.

use std::time::Instant;

use eventlog::Position;
use tokio::sync::watch;

/// What a rebuild is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Folds the log in memory.
    Fold,
    /// Makes keys and indexes.
    Index,
    /// Applies what has been appended since.
    CatchUp,
    /// Compares the next generation with the live one.
    Compare,
    /// Puts the next generation in the live one's place.
    Swap,
}

impl Phase {
    /// All of them, in order.
    pub const ALL: [Self; 5] = [Self::Fold, Self::Index, Self::CatchUp, Self::Compare, Self::Swap];

    /// In a word, as it is stored and shown to programs.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fold => "fold",
            Self::Index => "index",
            Self::CatchUp => "catch-up",
            Self::Compare => "compare",
            Self::Swap => "swap",
        }
    }
}

/// How far a rebuild has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// The last position that is in the next generation.
    pub position: Position,
    /// Where it has to get.
    pub target: Position,
    /// Log positions per second since it began.
    pub events_per_second: f64,
}

impl Progress {
    /// How long the events that are left will take at this rate, if that can be told.
    pub fn seconds_left(&self) -> Option<f64> {
        seconds_left(self.position, self.target, self.events_per_second)
    }
}

/// How long it takes from `position` to `target`.
pub(crate) fn seconds_left(position: Position, target: Position, rate: f64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "a time for people to look at")]
    let left = (target - position).max(0) as f64;
    (rate > 0.0).then(|| left / rate)
}

/// Tells the progress to whoever called, and to the heartbeat.
pub(crate) struct Report<'a> {
    began: Instant,
    from: Position,
    pub(crate) target: Position,
    tell: &'a mut (dyn FnMut(Progress) + Send),
    beat: watch::Sender<Option<Progress>>,
}

impl<'a> Report<'a> {
    pub(crate) fn new(from: Position, target: Position, tell: &'a mut (dyn FnMut(Progress) + Send)) -> Self {
        Self {
            began: Instant::now(),
            from,
            target,
            tell,
            beat: watch::Sender::new(None),
        }
    }

    /// What is told from now on.
    pub(crate) fn watch(&self) -> watch::Receiver<Option<Progress>> {
        self.beat.subscribe()
    }

    pub(crate) fn at(&mut self, phase: Phase, position: Position) {
        self.target = self.target.max(position);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people to look at")]
        let events_per_second = (position - self.from) as f64 / self.began.elapsed().as_secs_f64().max(0.001);
        let progress = Progress {
            phase,
            position,
            target: self.target,
            events_per_second,
        };
        self.beat.send_replace(Some(progress));
        (self.tell)(progress);
    }
}
