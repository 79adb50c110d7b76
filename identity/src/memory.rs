//! Sessions and tokens that were seen a moment ago, so that not every request asks the database.
//!
//! What has ended must not come back through here. The danger is a read that began before the end and is
//! remembered after it. So every revocation moves `epoch` on, and a reader takes the epoch before it asks the database:
//! it removes what it has remembered if the epoch has moved meanwhile, and whatever was read before the last revocation of
//! more than one is not believed. Either the revocation comes after the reader's last look, and then removes the entry itself, or the
//! reader sees it.

use std::hash::Hash;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use moka::sync::Cache;

pub(crate) struct Memory<K, V> {
    entries: Cache<K, Entry<V>>,
    /// Revocations so far.
    epoch: AtomicU64,
    /// The epoch of the last one that named no single entry. Older entries are not believed.
    floor: AtomicU64,
}

#[derive(Clone)]
struct Entry<V> {
    value: V,
    epoch: u64,
}

/// The epoch at which a reader began.
#[derive(Clone, Copy)]
pub(crate) struct Began(u64);

impl<K, V> Memory<K, V>
where
    K: Copy + Eq + Hash + Send + Sync + 'static,
    V: Clone + Send + Sync + 'static,
{
    /// Believes something for `time` at most, and `entries_max` at once.
    pub(crate) fn new(time: Duration, entries_max: u64) -> Self {
        let entries = Cache::builder()
            .max_capacity(entries_max)
            .time_to_live(time)
            .build();
        Self {
            entries,
            epoch: AtomicU64::new(0),
            floor: AtomicU64::new(0),
        }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        let entry = self.entries.get(key)?;
        (entry.epoch >= self.floor.load(Ordering::SeqCst)).then_some(entry.value)
    }

    /// To be called before the database is asked.
    pub(crate) fn begin(&self) -> Began {
        Began(self.epoch.load(Ordering::SeqCst))
    }

    /// Remembers what the database said.
    pub(crate) fn remember(&self, key: K, value: V, began: Began) {
        let epoch = began.0;
        self.entries.insert(key, Entry { value, epoch });
        if self.epoch.load(Ordering::SeqCst) != began.0 {
            self.entries.invalidate(&key);
        }
    }

    /// One has ended.
    pub(crate) fn forget(&self, key: &K) {
        self.epoch.fetch_add(1, Ordering::SeqCst);
        self.entries.invalidate(key);
    }

    /// Some have ended, and which is not known here. It is rare enough to forget them all.
    pub(crate) fn forget_all(&self) {
        let epoch = self.epoch.fetch_add(1, Ordering::SeqCst) + 1;
        self.floor.fetch_max(epoch, Ordering::SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn memory() -> Memory<u8, &'static str> {
        Memory::new(Duration::from_mins(1), 100)
    }

    fn revocations() -> [fn(&Memory<u8, &'static str>); 2] {
        [|memory| memory.forget(&1), Memory::forget_all]
    }

    #[test]
    fn what_was_remembered_is_found_until_it_is_revoked() {
        let memory = memory();
        for revoke in revocations() {
            memory.remember(1, "one", memory.begin());
            assert_eq!(memory.get(&1), Some("one"));
            revoke(&memory);
            assert_eq!(memory.get(&1), None);
        }
    }

    #[test]
    fn the_end_of_one_leaves_the_others() {
        let memory = memory();
        memory.remember(1, "one", memory.begin());
        memory.forget(&2);
        assert_eq!(memory.get(&1), Some("one"));
    }

    #[test]
    fn what_was_read_before_a_revocation_is_not_remembered_after_it() {
        let memory = memory();
        for revoke in revocations() {
            let began = memory.begin();
            revoke(&memory);
            memory.remember(1, "one", began);
            assert_eq!(memory.get(&1), None);
        }
    }
}
