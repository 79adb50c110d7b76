//! A token bucket: how much one socket may still send.

use std::time::Duration;

use tokio::time::Instant;

use crate::options::InboundRate;

/// What is left is a number with fractions: so much is lost by adding them up, at most.
const ROUNDING: f64 = 1e-6;

/// What to do with an inbound event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// Handle it.
    Within,
    /// Refuse it: there were too many. After this time there is room for another.
    Over { retry_after: Duration },
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
        self.fill(now);
        self.left -= 1.0;
        if self.left >= 0.0 {
            Verdict::Within
        } else if self.left >= -burst {
            Verdict::Over {
                retry_after: self.wait(),
            }
        } else {
            Verdict::Flood
        }
    }

    /// Takes one event out of it if there is one; otherwise nothing, and says when there will be.
    pub(crate) fn take_if_left(&mut self, now: Instant) -> Result<(), Duration> {
        self.fill(now);
        if self.left + ROUNDING < 1.0 {
            return Err(self.wait());
        }
        self.left -= 1.0;
        Ok(())
    }

    /// After which time the next event is within it.
    fn wait(&self) -> Duration {
        let missing = (1.0 - self.left).max(0.0);
        Duration::try_from_secs_f64(missing / f64::from(self.rate.per_second)).unwrap_or(Duration::MAX)
    }

    /// Whether nothing has been taken out of it that has not come back.
    pub(crate) fn is_full(&mut self, now: Instant) -> bool {
        self.fill(now);
        self.left >= f64::from(self.rate.burst)
    }

    fn fill(&mut self, now: Instant) {
        let elapsed = now.saturating_duration_since(self.filled).as_secs_f64();
        self.filled = self.filled.max(now);
        self.left = (self.left + elapsed * f64::from(self.rate.per_second)).min(f64::from(self.rate.burst));
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
                retry_after: Duration::from_secs(2),
            },
            Verdict::Over {
                retry_after: Duration::from_secs(3),
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
                retry_after: Duration::from_secs(2)
            }
        );
    }
}
