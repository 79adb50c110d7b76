//! A session: that somebody signed in, on one browser or program, until it ends.

use std::fmt;
use std::time::Duration;

use domain::ids::AccountId;
use domain::time::Timestamp;

use crate::error::IdentityError;
use crate::token::{Token, TokenHash};

/// How long sessions live.
#[derive(Clone, Debug)]
pub struct SessionSettings {
    /// Milliseconds without use after which a session is dead. Use is noted to the minute (`touch_ms`), and so is this.
    pub idle_ms: i64,
    /// Milliseconds after sign-in when it is dead in any case.
    pub absolute_ms: i64,
    /// Milliseconds between two notes of use, at least.
    pub touch_ms: i64,
    /// Sessions that one account may have; beyond it the one used longest ago ends.
    pub per_account_max: u32,
    /// How long a session is believed without asking the database. It bounds what a lost notification can do.
    pub cache_time: Duration,
    /// Most sessions that are remembered so.
    pub cache_entries_max: u64,
}

impl Default for SessionSettings {
    /// 12 hours idle, 7 days in all, use noted once a minute, 100 sessions an account; believed for five seconds.
    fn default() -> Self {
        const HOUR_MS: i64 = 60 * 60 * 1_000;
        Self {
            idle_ms: 12 * HOUR_MS,
            absolute_ms: 7 * 24 * HOUR_MS,
            touch_ms: 60_000,
            per_account_max: 100,
            cache_time: Duration::from_secs(5),
            cache_entries_max: 10_000,
        }
    }
}

impl SessionSettings {
    pub(crate) fn checked(self) -> Result<Self, IdentityError> {
        let sane = self.touch_ms > 0
            && self.idle_ms > self.touch_ms
            && self.absolute_ms >= self.idle_ms
            && self.per_account_max > 0;
        if sane {
            Ok(self)
        } else {
            Err(IdentityError::Fault(
                "session times must satisfy 0 < touch < idle <= absolute".to_owned(),
            ))
        }
    }
}

/// Names a session without opening it: the SHA-256 of its token. Not a secret, but nobody else's business either.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct SessionId(pub(crate) [u8; 32]);

impl SessionId {
    /// From the 32 bytes of [`SessionId::to_bytes`].
    pub const fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// The SHA-256 itself.
    pub const fn to_bytes(self) -> [u8; 32] {
        self.0
    }

    /// The session that a token of this text would open; `None` if it does not have the form of a token.
    pub(crate) fn of_token(text: &str) -> Option<Self> {
        TokenHash::of(text).map(Self::from)
    }

    pub(crate) fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

impl From<TokenHash> for SessionId {
    fn from(hash: TokenHash) -> Self {
        Self(hash.0)
    }
}

/// Sixteen hexadecimal digits, enough to find it again in a log.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SessionId({})", hex::encode(&self.0[..8]))
    }
}

/// A living session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    /// Its name.
    pub id: SessionId,
    /// Whose it is. Whether the account is active and what it may do is to be asked elsewhere, each time.
    pub account_id: AccountId,
    /// When its owner signed in.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends at the latest.
    pub expires_at: Timestamp,
}

impl Session {
    /// Whether it is still to be accepted at `now`.
    pub(crate) fn is_alive(&self, now: Timestamp, settings: &SessionSettings) -> bool {
        now < self.expires_at && now < self.last_seen_at.plus_millis(settings.idle_ms)
    }

    /// Whether its use is to be noted again.
    pub(crate) fn wants_touch(&self, now: Timestamp, settings: &SessionSettings) -> bool {
        now.millis_since(self.last_seen_at) >= settings.touch_ms
    }
}

/// A session that has just begun, with the only copy of its token that there will ever be.
#[derive(Clone, Debug)]
pub struct NewSession {
    /// For its owner.
    pub token: Token,
    /// What is stored of it.
    pub session: Session,
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn session(created: i64, last_seen: i64, expires: i64) -> Session {
        Session {
            id: SessionId([0; 32]),
            account_id: AccountId::from_uuid(Uuid::nil()),
            created_at: Timestamp::from_millis(created),
            last_seen_at: Timestamp::from_millis(last_seen),
            expires_at: Timestamp::from_millis(expires),
        }
    }

    #[test]
    fn a_session_dies_of_idleness_or_age_whichever_is_first() {
        let settings = SessionSettings {
            idle_ms: 100,
            absolute_ms: 1_000,
            touch_ms: 10,
            ..Default::default()
        };
        let alive = |session: &Session, now| session.is_alive(Timestamp::from_millis(now), &settings);
        assert!(alive(&session(0, 0, 1_000), 99));
        assert!(!alive(&session(0, 0, 1_000), 100));
        assert!(alive(&session(0, 950, 1_000), 999));
        assert!(!alive(&session(0, 950, 1_000), 1_000));
    }

    #[test]
    fn contradicting_settings_are_refused() {
        assert!(SessionSettings::default().checked().is_ok());
        assert!(
            SessionSettings {
                idle_ms: 60_000,
                ..Default::default()
            }
            .checked()
            .is_err()
        );
        assert!(
            SessionSettings {
                absolute_ms: 1,
                ..Default::default()
            }
            .checked()
            .is_err()
        );
        assert!(
            SessionSettings {
                touch_ms: 0,
                ..Default::default()
            }
            .checked()
            .is_err()
        );
    }
}
