//! What realtime must be told about sessions and accounts; it keeps none of them itself.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use domain::{Account, AccountId};
use eventlog::Position;
use futures::future::BoxFuture;
use futures::stream::BoxStream;
use projections::people::Directory;

/// Names a session without opening it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct SessionKey(pub [u8; 32]);

/// What a token opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Grant {
    /// Whose session it is. Whether the account is active, and its role, are asked of the directory.
    pub account: AccountId,
    /// Which session.
    pub session: SessionKey,
}

/// Sessions have ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revocation {
    /// One of them.
    Session(SessionKey),
    /// All of an account's, or all but one.
    Account {
        /// The account.
        account: AccountId,
        /// The session that goes on.
        keep: Option<SessionKey>,
    },
    /// News may have been missed: every session that is relied on must be asked after.
    Missed,
}

impl Revocation {
    /// Whether it ends this session for certain.
    pub fn ends(&self, grant: &Grant) -> bool {
        match *self {
            Self::Session(session) => session == grant.session,
            Self::Account { account, keep } => account == grant.account && keep != Some(grant.session),
            Self::Missed => false,
        }
    }
}

/// Whoever could tell is away; asking again later may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("sessions cannot be asked after at present")]
pub struct Unavailable;

/// Whoever knows sessions.
pub trait Authenticate: Send + Sync + 'static {
    /// The living session that `token` opens, if any.
    fn authenticate<'a>(&'a self, token: &'a str) -> BoxFuture<'a, Result<Option<Grant>, Unavailable>>;

    /// Those of `sessions` that are still alive.
    fn living<'a>(
        &'a self,
        sessions: &'a [SessionKey],
    ) -> BoxFuture<'a, Result<HashSet<SessionKey>, Unavailable>>;

    /// The revocations from now on. It ends when the program does.
    fn revocations(&self) -> BoxStream<'static, Revocation>;
}

/// Whoever knows accounts: the directory of people, which follows the log.
pub trait Accounts: Send + Sync + 'static {
    /// The account as far as the directory has followed the log.
    fn account(&self, id: AccountId) -> Option<Arc<Account>>;

    /// Waits until the directory has followed the log to `position`; false if that took longer than `patience`.
    fn reaches(&self, position: Position, patience: Duration) -> BoxFuture<'_, bool>;
}

impl Accounts for Directory {
    fn account(&self, id: AccountId) -> Option<Arc<Account>> {
        self.get(id)
    }

    fn reaches(&self, position: Position, patience: Duration) -> BoxFuture<'_, bool> {
        Box::pin(async move { self.wait_for(position, patience).await.is_ok() })
    }
}

/// The people that `wire` shows, out of the directory.
pub(crate) struct Known<'a>(pub(crate) &'a dyn Accounts);

impl wire::People for Known<'_> {
    fn person(&self, id: AccountId) -> Option<Arc<Account>> {
        self.0.account(id)
    }
}
