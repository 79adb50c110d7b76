//! How many handshakes an address may make.
//!
//! Own code and not a crate's keyed limiter: a bucket that has filled up again is the same as none, so forgetting idle
//! addresses loses nothing and the table can have a firm bound, which those limiters do not keep between their sweeps;
//! and it is the same bucket as that of a socket's events.

use std::collections::HashMap;
use std::time::Duration;

use parking_lot::Mutex;
use tokio::time::Instant;

use super::Network;
use crate::allowance::Allowance;
use crate::options::InboundRate;

/// Networks that are remembered at a time, at most: about 4 MiB.
const NETWORKS_MAX: usize = 65_536;

/// See above.
#[derive(Debug)]
pub(crate) struct Door {
    rate: InboundRate,
    networks_max: usize,
    buckets: Mutex<Buckets>,
}

#[derive(Debug)]
struct Buckets {
    by_network: HashMap<Network, Allowance>,
    /// For everybody who is not in the table while it is full.
    others: Allowance,
}

impl Door {
    pub(crate) fn new(rate: InboundRate, now: Instant) -> Self {
        Self {
            rate,
            networks_max: NETWORKS_MAX,
            buckets: Mutex::new(Buckets {
                by_network: HashMap::new(),
                others: Allowance::full(rate, now),
            }),
        }
    }

    /// Lets a handshake of `network` in, or says after which time the next one may be.
    pub(crate) fn enter(&self, network: Network, now: Instant) -> Result<(), Duration> {
        let mut buckets = self.buckets.lock();
        let Buckets { by_network, others } = &mut *buckets;
        if by_network.len() >= self.networks_max && !by_network.contains_key(&network) {
            by_network.retain(|_, bucket| !bucket.is_full(now));
            if by_network.len() >= self.networks_max {
                // So many networks at once are an attack: those that were here before it are not touched.
                return others.take_if_left(now);
            }
        }
        by_network
            .entry(network)
            .or_insert_with(|| Allowance::full(self.rate, now))
            .take_if_left(now)
    }

    /// Forgets the networks whose buckets are full again.
    pub(crate) fn forget_idle(&self, now: Instant) {
        let mut buckets = self.buckets.lock();
        buckets.by_network.retain(|_, bucket| !bucket.is_full(now));
        if buckets.by_network.is_empty() {
            buckets.by_network.shrink_to_fit();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    const RATE: InboundRate = InboundRate {
        burst: 2,
        per_second: 4,
    };

    fn network(number: u32) -> Network {
        Network::of(Ipv4Addr::from(number).into())
    }

    #[test]
    fn beyond_the_burst_the_time_until_the_next_one_is_told_and_is_right() {
        let now = Instant::now();
        let door = Door::new(RATE, now);
        assert_eq!(door.enter(network(1), now), Ok(()));
        assert_eq!(door.enter(network(1), now), Ok(()));
        let wait = door.enter(network(1), now).unwrap_err();
        assert_eq!(wait, Duration::from_millis(250));
        assert!(
            door.enter(network(1), now + wait / 2).is_err(),
            "trying costs nothing"
        );
        assert_eq!(door.enter(network(1), now + wait), Ok(()));
        assert_eq!(door.enter(network(2), now), Ok(()), "others are not touched");
    }

    #[test]
    fn idle_networks_are_forgotten_and_busy_ones_are_not() {
        let now = Instant::now();
        let door = Door::new(RATE, now);
        for number in 0..100 {
            door.enter(network(number), now).unwrap();
        }
        let later = now + Duration::from_secs(1);
        door.enter(network(7), later).unwrap();
        door.forget_idle(later);
        assert_eq!(door.buckets.lock().by_network.len(), 1);
    }

    #[test]
    fn the_table_is_bounded_and_those_in_it_are_not_pushed_out() {
        let now = Instant::now();
        let mut door = Door::new(RATE, now);
        door.networks_max = 10;
        for number in 0..10 {
            door.enter(network(number), now).unwrap();
        }
        assert_eq!(door.enter(network(100), now), Ok(()));
        assert_eq!(door.enter(network(101), now), Ok(()));
        assert!(
            door.enter(network(102), now).is_err(),
            "all strangers share one bucket"
        );
        assert_eq!(door.buckets.lock().by_network.len(), 10);
        assert_eq!(door.enter(network(3), now), Ok(()));
        let later = now + Duration::from_secs(1);
        assert_eq!(door.enter(network(102), later), Ok(()), "idle ones made room");
    }
}
