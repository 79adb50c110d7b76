//! How many seconds a read model is behind: since when the log has reached beyond what it has applied. Remembered
//! here, so that the database need not be asked, which may be what is away.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use eventlog::Position;

/// Moments that are remembered. When there are too many, every second one is forgotten: what is long ago needs no
/// precision.
const MOMENTS_MAX: usize = 4_096;

/// Where the log ended, and when that was first seen.
#[derive(Debug, Default)]
pub(super) struct Heads {
    moments: VecDeque<(Instant, Position)>,
}

impl Heads {
    /// The log ends at `head` now.
    pub(super) fn saw(&mut self, head: Position, now: Instant) {
        if self.moments.back().is_some_and(|(_, last)| *last >= head) {
            return;
        }
        if self.moments.len() >= MOMENTS_MAX {
            let mut keep = false;
            self.moments.retain(|_| {
                keep = !keep;
                keep
            });
        }
        self.moments.push_back((now, head));
    }

    /// For how long the log has reached beyond `applied`, as far as is remembered.
    pub(super) fn behind(&self, applied: Position, now: Instant) -> Duration {
        let first_beyond = self.moments.partition_point(|(_, head)| *head <= applied);
        self.moments
            .get(first_beyond)
            .map_or(Duration::ZERO, |(since, _)| now.saturating_duration_since(*since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lag_is_as_old_as_the_first_event_that_is_missing() {
        let start = Instant::now();
        let at = |seconds| start + Duration::from_secs(seconds);
        let mut heads = Heads::default();
        for (second, head) in [(0, 10), (1, 10), (2, 12), (5, 20)] {
            heads.saw(head, at(second));
        }
        let behind = |applied, second| heads.behind(applied, at(second)).as_secs();
        assert_eq!(behind(20, 9), 0);
        assert_eq!(behind(19, 9), 4);
        assert_eq!(behind(12, 9), 4);
        assert_eq!(behind(11, 9), 7);
        assert_eq!(behind(3, 9), 9);
    }

    #[test]
    fn memory_is_bounded_and_the_oldest_moment_stays() {
        let start = Instant::now();
        let mut heads = Heads::default();
        for second in 0..20_000 {
            let position = i64::try_from(second).unwrap() + 1;
            heads.saw(position, start + Duration::from_secs(second));
        }
        assert!(heads.moments.len() <= MOMENTS_MAX);
        let now = start + Duration::from_secs(20_000);
        assert_eq!(heads.behind(0, now).as_secs(), 20_000);
        assert_eq!(heads.behind(20_000, now).as_secs(), 0);
    }
}
