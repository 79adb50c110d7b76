//! How much one client, one account and one address may take.
//!
//! Every limit has a name that clients are told together with the time after which trying again may help, a counter,
//! and a log line that cannot become a flood itself.

mod door;
mod network;
mod places;
mod refusals;

use std::fmt;
use std::time::Duration;

use serde::Serialize;

pub(crate) use door::Door;
pub use network::Network;
pub(crate) use places::{Place, Places};
pub(crate) use refusals::Refusals;

/// How long a client that may not have one more socket is told to wait: until one of the others has ended, which
/// nobody can foretell.
pub(crate) const PLACE_RETRY: Duration = Duration::from_secs(5);

/// What is limited.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Limit {
    /// Engine.IO sessions at a time from one address, over websockets and polling together.
    SocketsPerAddress,
    /// Clients of the namespace at a time of one account.
    SocketsPerAccount,
    /// New sessions, and further attempts to join the namespace, from one address.
    HandshakesPerAddress,
    /// Joins of rooms, and lists to be watched, that one socket may ask for.
    JoinsPerSocket,
    /// Events of any kind that one socket may send.
    EventsPerSocket,
    /// Rooms that one socket may be in.
    RoomsPerSocket,
    /// Lists that one socket may watch.
    ListsPerSocket,
    /// Signs of typing that one account may give.
    TypingPerAccount,
}

impl Limit {
    /// All of them, in the order of the counters.
    pub const ALL: [Self; 8] = [
        Self::SocketsPerAddress,
        Self::SocketsPerAccount,
        Self::HandshakesPerAddress,
        Self::JoinsPerSocket,
        Self::EventsPerSocket,
        Self::RoomsPerSocket,
        Self::ListsPerSocket,
        Self::TypingPerAccount,
    ];

    /// Its name, as clients and operators see it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::SocketsPerAddress => "sockets-per-address",
            Self::SocketsPerAccount => "sockets-per-account",
            Self::HandshakesPerAddress => "handshakes-per-address",
            Self::JoinsPerSocket => "joins-per-socket",
            Self::EventsPerSocket => "events-per-socket",
            Self::RoomsPerSocket => "rooms-per-socket",
            Self::ListsPerSocket => "lists-per-socket",
            Self::TypingPerAccount => "typing-per-account",
        }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A limit was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Exceeded {
    pub(crate) limit: Limit,
    /// After which time trying again may help.
    pub(crate) retry_after: Duration,
}

impl Exceeded {
    /// The time in milliseconds, rounded up: whoever waits so long is not too early.
    pub(crate) fn retry_after_ms(&self) -> u64 {
        let ms = self.retry_after.as_micros().div_ceil(1000);
        u64::try_from(ms).unwrap_or(u64::MAX).max(1)
    }

    /// The time in seconds, rounded up, as HTTP has it.
    pub(crate) fn retry_after_seconds(&self) -> u64 {
        self.retry_after_ms().div_ceil(1000)
    }

    /// The body of a refusal over HTTP.
    pub(crate) fn body(&self) -> RefusalBody {
        RefusalBody {
            limit: self.limit.as_str(),
            retry_after_ms: self.retry_after_ms(),
        }
    }
}

/// As a `connect_error` says it.
impl fmt::Display for Exceeded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "limited: {}; retry in {} ms",
            self.limit,
            self.retry_after_ms()
        )
    }
}

/// What a refused HTTP request is told.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RefusalBody {
    limit: &'static str,
    retry_after_ms: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_protocol_and_each_is_counted_apart() {
        for (index, limit) in Limit::ALL.into_iter().enumerate() {
            assert_eq!(Limit::ALL.iter().position(|other| *other == limit), Some(index));
            assert!(limit.as_str().contains("-per-"), "{limit}");
        }
    }

    #[test]
    fn times_are_rounded_up_and_never_nothing() {
        let exceeded = |micros| Exceeded {
            limit: Limit::HandshakesPerAddress,
            retry_after: Duration::from_micros(micros),
        };
        assert_eq!(exceeded(0).retry_after_ms(), 1);
        assert_eq!(exceeded(1_001).retry_after_ms(), 2);
        assert_eq!(exceeded(1_000_001).retry_after_seconds(), 2);
        assert_eq!(
            exceeded(250_000).to_string(),
            "limited: handshakes-per-address; retry in 250 ms"
        );
    }
}
