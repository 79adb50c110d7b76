//! Counting what was refused, and saying so without a flood of lines.

use std::fmt::Display;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::Limit;

/// At most one line in this time for each limit; it says how many refusals there were since the last.
const LINE_INTERVAL: Duration = Duration::from_secs(10);

/// What was refused since the start, by limit.
#[derive(Debug, Default)]
pub(crate) struct Refusals {
    counts: [AtomicU64; Limit::ALL.len()],
    lines: Mutex<[Option<Line>; Limit::ALL.len()]>,
}

/// The last line about a limit.
#[derive(Clone, Copy, Debug)]
struct Line {
    at: Instant,
    /// The counter then.
    count: u64,
}

impl Refusals {
    /// Counts a refusal, of whom `whose` names to operators, and writes a line if the last one is old enough.
    pub(crate) fn note(&self, limit: Limit, whose: &dyn Display) {
        let Some(index) = Limit::ALL.iter().position(|known| *known == limit) else {
            return;
        };
        let count = self.counts[index].fetch_add(1, Ordering::Relaxed) + 1;
        if let Some(refused) = self.line_due(index, count, Instant::now()) {
            tracing::warn!(refused, whose = %whose, "[Socket.IO] Limit reached: {limit}");
        }
    }

    /// How many refusals a line has to tell of now; none if it is too early for one.
    fn line_due(&self, index: usize, count: u64, now: Instant) -> Option<u64> {
        let mut lines = self.lines.lock();
        let last = lines[index];
        if last.is_some_and(|line| now.saturating_duration_since(line.at) < LINE_INTERVAL) {
            return None;
        }
        lines[index] = Some(Line { at: now, count });
        Some(count.saturating_sub(last.map_or(0, |line| line.count)))
    }

    pub(crate) fn counts(&self) -> [u64; Limit::ALL.len()] {
        std::array::from_fn(|index| self.counts[index].load(Ordering::Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_now_and_then_tells_of_all_refusals() {
        let refusals = Refusals::default();
        let now = Instant::now();
        assert_eq!(refusals.line_due(0, 1, now), Some(1));
        assert_eq!(refusals.line_due(0, 2, now), None);
        assert_eq!(refusals.line_due(1, 1, now), Some(1), "each limit has its own");
        assert_eq!(refusals.line_due(0, 900, now + LINE_INTERVAL), Some(899));
    }
}
