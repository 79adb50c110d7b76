//! The machine's clock and randomness: the only place in the house that asks for either.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::ids::Entropy;
use domain::time::{Clock, Timestamp};

/// The machine's clock, UTC.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the clock that everybody else is given"
    )]
    fn now(&self) -> Timestamp {
        let millis = |duration: std::time::Duration| i64::try_from(duration.as_millis()).unwrap_or(i64::MAX);
        Timestamp::from_millis(match SystemTime::now().duration_since(UNIX_EPOCH) {
            Ok(since) => millis(since),
            Err(before) => -millis(before.duration()),
        })
    }
}

/// The operating system's random bytes, fit for keys.
#[derive(Debug, Clone, Copy, Default)]
pub struct OsEntropy;

impl Entropy for OsEntropy {
    #[expect(
        clippy::disallowed_methods,
        reason = "this is the randomness that everybody else is given"
    )]
    #[expect(
        clippy::expect_used,
        reason = "without randomness no token and no id may be made"
    )]
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clock_is_of_this_century_and_goes_on() {
        let first = SystemClock.now();
        assert!(first.as_millis() > 1_600_000_000_000, "{first}");
        assert!(SystemClock.now() >= first);
    }

    #[test]
    fn bytes_differ() {
        let (mut one, mut two) = ([0; 32], [0; 32]);
        OsEntropy.fill(&mut one);
        OsEntropy.fill(&mut two);
        assert_ne!(one, two);
    }
}
