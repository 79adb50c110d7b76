//! When the way out is closed: a pause for everybody, and one mail to try it afterwards.

use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

/// The first pause, and the longest.
const PAUSE: (Duration, Duration) = (Duration::from_secs(1), Duration::from_mins(1));

/// Whether anything is sent at present.
#[derive(Debug, Default)]
pub(crate) struct Pause(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    /// Failures of the way out since something went through.
    failures: u32,
    until: Option<Instant>,
}

impl Pause {
    /// The way out has failed. What was under way at the same time says nothing new.
    pub(crate) fn begin(&self) {
        let mut state = self.0.lock();
        let now = Instant::now();
        if state.until.is_some_and(|until| until > now) {
            return;
        }
        let pause = PAUSE.0.saturating_mul(1 << state.failures.min(10)).min(PAUSE.1);
        state.failures += 1;
        state.until = Some(now + pause);
        tracing::warn!(
            pause_ms = pause.as_millis(),
            "mail cannot be handed over; pausing"
        );
    }

    /// Something went through.
    pub(crate) fn end(&self) {
        let mut state = self.0.lock();
        if state.failures > 0 {
            tracing::info!("mail is handed over again");
            *state = State::default();
        }
    }

    /// Whether the way out failed, and nothing has gone through since.
    pub(crate) fn is_doubtful(&self) -> bool {
        self.0.lock().failures > 0
    }

    /// Until when nothing is to be sent.
    pub(crate) fn until(&self) -> Option<Instant> {
        self.0.lock().until.filter(|until| *until > Instant::now())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_and_end_when_something_goes_through() {
        let pause = Pause::default();
        assert!(pause.until().is_none() && !pause.is_doubtful());
        let mut lengths = Vec::new();
        for _ in 0..8 {
            pause.begin();
            // Of four that fail together, one counts.
            pause.begin();
            let until = pause.until().unwrap();
            lengths.push((until - Instant::now()).as_secs());
            tokio::time::sleep_until(until).await;
            assert!(pause.until().is_none() && pause.is_doubtful());
        }
        assert_eq!(lengths, [1, 2, 4, 8, 16, 32, 60, 60]);
        pause.end();
        assert!(!pause.is_doubtful());
    }
}
