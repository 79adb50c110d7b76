//! A token bucket: how much one socket may still send.

use std::time::Duration;

use tokio::time::Instant;

use crate::options::InboundRate;

/// What to do with an inbound event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Handle it.
    Within,
    /// Refuse it: there were too many. From then on, in milliseconds, there is room for another.
    Over { retry_after_ms: u64 },
    /// Cut the connection: it goes on sending although it is refused.
    Flood,
}

/// A socket's bucket. It may go below zero by one burst; what is sent then is refused.
#[derive(Debug)]
pub(crate) struct Allowance {
    rate: InboundRate,
    left: f64,
    filled: Instant,
}

impl Allowance {
    pub(crate) fn full(rate: InboundRate, now: Instant) -> Self {
        Self {
            rate,
            left: f64::from(rate.burst),
            filled: now,
        }
    }

    /// Takes one event out of it.
    pub(crate) fn take(&mut self, now: Instant) -> Verdict {
        let burst = f64::from(self.rate.burst);
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = now;
        self.left = (self.left + elapsed * f64::from(self.rate.per_second)).min(burst) - 1.0;
        if self.left >= 0.0 {
            Verdict::Within
        } else if self.left >= -burst {
            Verdict::Over {
                retry_after_ms: self.wait_ms(),
            }
        } else {
            Verdict::Flood
        }
    }

    /// How long until an event is within the allowance, if none is sent meanwhile.
    fn wait_ms(&self) -> u64 {
        let missing = (1.0 - self.left) / f64::from(self.rate.per_second.max(1));
        u64::try_from(Duration::from_secs_f64(missing.max(0.0)).as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: InboundRate = InboundRate {
        burst: 2,
        per_second: 1,
    };

    #[test]
    fn a_burst_passes_then_events_are_refused_then_the_connection_is_cut() {
        let now = Instant::now();
        let mut allowance = Allowance::full(RATE, now);
        let verdicts: Vec<_> = (0..5).map(|_| allowance.take(now)).collect();
        let expected = [
            Verdict::Within,
            Verdict::Within,
            Verdict::Over {
                retry_after_ms: 2_000,
            },
            Verdict::Over {
                retry_after_ms: 3_000,
            },
            Verdict::Flood,
        ];
        assert_eq!(verdicts, expected);
    }

    #[test]
    fn it_fills_again_up_to_the_burst() {
        let now = Instant::now();
        let mut allowance = Allowance::full(RATE, now);
        for _ in 0..3 {
            allowance.take(now);
        }
        let later = now + Duration::from_secs(100);
        assert_eq!(allowance.take(later), Verdict::Within);
        assert_eq!(allowance.take(later), Verdict::Within);
        assert_eq!(
            allowance.take(later),
            Verdict::Over {
                retry_after_ms: 2_000
            }
        );
    }
}
