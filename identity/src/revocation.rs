//! The news that sessions have ended, within this process and from all others on the same database.
//!
//! Whoever ends sessions says so by NOTIFY in the same transaction. Every process listens on a connection of its own, drops
//! what it remembers, and tells those who hold something open for a session (sockets) to close it.

use std::fmt;
use std::str::FromStr;

use domain::ids::AccountId;
use tokio::sync::broadcast;

use crate::session::SessionId;

/// The Postgres channel.
pub(crate) const CHANNEL: &str = "informejo_auth";
/// Revocations that a slow follower may fall behind by, before it is told that it missed some.
pub(crate) const BACKLOG_MAX: usize = 1_024;

/// Sessions have ended. The same one may be told more than once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// One session.
    Session(SessionId),
    /// All sessions of an account, or all but one.
    Account {
        /// The account.
        account_id: AccountId,
        /// The session that goes on.
        keep: Option<SessionId>,
    },
    /// API tokens of an account. Nothing is held open for those.
    Tokens {
        /// The account.
        account_id: AccountId,
    },
    /// Some may have been missed (a lost connection, a slow follower): whoever relies on a session asks again, with
    /// [`crate::Sessions::living`]. Also told once when listening begins.
    Missed,
}

impl Revocation {
    /// Whether it ends this session of this account for certain. [`Revocation::Missed`] does not.
    pub fn ends(&self, account_id: AccountId, session_id: SessionId) -> bool {
        match *self {
            Self::Session(ended) => ended == session_id,
            Self::Account {
                account_id: ended,
                keep,
            } => ended == account_id && keep != Some(session_id),
            Self::Tokens { .. } | Self::Missed => false,
        }
    }
}

/// The text of a notification: `session HEX`, `account UUID`, `account UUID HEX` or `tokens UUID`.
impl fmt::Display for Revocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Session(id) => write!(f, "session {}", hex::encode(id.0)),
            Self::Account {
                account_id,
                keep: None,
            } => write!(f, "account {account_id}"),
            Self::Account {
                account_id,
                keep: Some(keep),
            } => {
                write!(f, "account {account_id} {}", hex::encode(keep.0))
            }
            Self::Tokens { account_id } => write!(f, "tokens {account_id}"),
            Self::Missed => f.write_str("missed"),
        }
    }
}

impl Revocation {
    /// Reads a notification. What cannot be understood, because a newer version of this program said it, is the same
    /// as missed.
    pub(crate) fn from_notification(text: &str) -> Self {
        let session = |hex_text: &str| {
            let mut id = SessionId([0; 32]);
            hex::decode_to_slice(hex_text, &mut id.0).ok().map(|()| id)
        };
        let words: Vec<&str> = text.split(' ').collect();
        let understood = match *words.as_slice() {
            ["session", id] => session(id).map(Self::Session),
            ["account", id] => AccountId::from_str(id).ok().map(|account_id| Self::Account {
                account_id,
                keep: None,
            }),
            ["account", id, keep] => {
                AccountId::from_str(id)
                    .ok()
                    .zip(session(keep))
                    .map(|(account_id, keep)| Self::Account {
                        account_id,
                        keep: Some(keep),
                    })
            }
            ["tokens", id] => AccountId::from_str(id)
                .ok()
                .map(|account_id| Self::Tokens { account_id }),
            _ => None,
        };
        understood.unwrap_or(Self::Missed)
    }
}

/// Follows the revocations from the moment it was made on.
pub struct Revocations(pub(crate) broadcast::Receiver<Revocation>);

impl Revocations {
    /// The next one; `None` when the program is ending. A follower too slow is told [`Revocation::Missed`].
    pub async fn next(&mut self) -> Option<Revocation> {
        match self.0.recv().await {
            Ok(revocation) => Some(revocation),
            Err(broadcast::error::RecvError::Lagged(_)) => Some(Revocation::Missed),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn account(number: u128) -> AccountId {
        AccountId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_notification_says_what_was_meant() {
        let all = [
            Revocation::Session(SessionId([7; 32])),
            Revocation::Account {
                account_id: account(1),
                keep: None,
            },
            Revocation::Account {
                account_id: account(1),
                keep: Some(SessionId([9; 32])),
            },
            Revocation::Tokens {
                account_id: account(1),
            },
            Revocation::Missed,
        ];
        for revocation in all {
            assert_eq!(Revocation::from_notification(&revocation.to_string()), revocation);
        }
    }

    #[test]
    fn what_is_not_understood_counts_as_missed() {
        for text in [
            "",
            "session",
            "session zz",
            "account 1",
            "account  ",
            "tenant 5",
            "session 00 00 00",
        ] {
            assert_eq!(Revocation::from_notification(text), Revocation::Missed, "{text}");
        }
    }

    #[test]
    fn only_what_is_named_ends() {
        let (kept, other) = (SessionId([1; 32]), SessionId([2; 32]));
        let others = Revocation::Account {
            account_id: account(1),
            keep: Some(kept),
        };
        assert!(others.ends(account(1), other));
        assert!(!others.ends(account(1), kept));
        assert!(!others.ends(account(2), other));
        assert!(Revocation::Session(kept).ends(account(1), kept));
        assert!(!Revocation::Session(kept).ends(account(1), other));
        assert!(!Revocation::Missed.ends(account(1), kept));
    }

    #[tokio::test]
    async fn a_slow_follower_is_told_that_it_missed_some() {
        let (sender, receiver) = broadcast::channel(2);
        let mut revocations = Revocations(receiver);
        for byte in 0..5 {
            sender.send(Revocation::Session(SessionId([byte; 32]))).unwrap();
        }
        assert_eq!(revocations.next().await, Some(Revocation::Missed));
        assert_eq!(
            revocations.next().await,
            Some(Revocation::Session(SessionId([3; 32])))
        );
        drop(sender);
        assert_eq!(
            revocations.next().await,
            Some(Revocation::Session(SessionId([4; 32])))
        );
        assert_eq!(revocations.next().await, None);
    }
}
