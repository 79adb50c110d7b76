//! Sessions that were seen a moment ago, so that not every request asks the database.
//!
//! A session that has ended must not come back through here. The danger is a read that began before the end and is
//! remembered after it. So every revocation moves `epoch` on, and a reader takes the epoch before it asks the database:
//! it removes what it has remembered if the epoch has moved meanwhile, and whatever was read before the last revocation of
//! a whole account is not believed. Either the revocation comes after the reader's last look, and then removes the entry itself, or the
//! reader sees it.

use std::sync::atomic::{AtomicU64, Ordering};

use moka::sync::Cache;

use crate::revocation::Revocation;
use crate::session::{Session, SessionId, SessionSettings};

pub(crate) struct SessionCache {
    entries: Cache<SessionId, Entry>,
    /// Revocations so far.
    epoch: AtomicU64,
    /// The epoch of the last one that named no single session. Older entries are not believed.
    floor: AtomicU64,
}

#[derive(Clone)]
struct Entry {
    session: Session,
    epoch: u64,
}

/// The epoch at which a reader began.
#[derive(Clone, Copy)]
pub(crate) struct Began(u64);

impl SessionCache {
    pub(crate) fn new(settings: &SessionSettings) -> Self {
        let entries = Cache::builder()
            .max_capacity(settings.cache_entries_max)
            .time_to_live(settings.cache_time)
            .build();
        Self {
            entries,
            epoch: AtomicU64::new(0),
            floor: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self, id: &SessionId) -> Option<Session> {
        let entry = self.entries.get(id)?;
        (entry.epoch >= self.floor.load(Ordering::SeqCst)).then_some(entry.session)
    }

    /// To be called before the database is asked.
    pub(crate) fn begin(&self) -> Began {
        Began(self.epoch.load(Ordering::SeqCst))
    }

    /// Remembers what the database said.
    pub(crate) fn remember(&self, session: Session, began: Began) {
        let id = session.id;
        self.entries.insert(
            id,
            Entry {
                session,
                epoch: began.0,
            },
        );
        if self.epoch.load(Ordering::SeqCst) != began.0 {
            self.entries.invalidate(&id);
        }
    }

    pub(crate) fn forget(&self, revocation: Revocation) {
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        match revocation {
            Revocation::Session(id) => self.entries.invalidate(&id),
            // Which sessions an account has is not known here. It is rare enough to forget them all.
            Revocation::Account { .. } | Revocation::Missed => {
                self.floor.fetch_max(epoch, Ordering::SeqCst);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::ids::AccountId;
    use domain::time::Timestamp;
    use uuid::Uuid;

    use super::*;

    fn session(byte: u8) -> Session {
        Session {
            id: SessionId([byte; 32]),
            account_id: AccountId::from_uuid(Uuid::nil()),
            created_at: Timestamp::EPOCH,
            last_seen_at: Timestamp::EPOCH,
            expires_at: Timestamp::EPOCH,
        }
    }

    const EVERYBODY: Revocation = Revocation::Account {
        account_id: AccountId::from_uuid(Uuid::nil()),
        keep: None,
    };

    #[test]
    fn what_was_remembered_is_found_until_it_is_revoked() {
        let cache = SessionCache::new(&SessionSettings::default());
        for revocation in [
            Revocation::Session(SessionId([1; 32])),
            EVERYBODY,
            Revocation::Missed,
        ] {
            cache.remember(session(1), cache.begin());
            assert!(cache.get(&SessionId([1; 32])).is_some());
            cache.forget(revocation);
            assert!(cache.get(&SessionId([1; 32])).is_none(), "{revocation:?}");
        }
    }

    #[test]
    fn one_sessions_end_leaves_the_others() {
        let cache = SessionCache::new(&SessionSettings::default());
        cache.remember(session(1), cache.begin());
        cache.forget(Revocation::Session(SessionId([2; 32])));
        assert!(cache.get(&SessionId([1; 32])).is_some());
    }

    #[test]
    fn what_was_read_before_a_revocation_is_not_remembered_after_it() {
        let cache = SessionCache::new(&SessionSettings::default());
        for revocation in [
            Revocation::Session(SessionId([1; 32])),
            EVERYBODY,
            Revocation::Missed,
        ] {
            let began = cache.begin();
            cache.forget(revocation);
            cache.remember(session(1), began);
            assert!(cache.get(&SessionId([1; 32])).is_none(), "{revocation:?}");
        }
    }
}
