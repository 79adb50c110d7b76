//! How many of something there may be at a time for each of some owners.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use parking_lot::Mutex;

/// Counts places by owner. Only owners that have one are remembered, so it is as bounded as the places are.
#[derive(Debug)]
pub(crate) struct Places<K: Eq + Hash> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    per_owner_max: usize,
}

/// A place, given back when dropped.
#[derive(Debug)]
pub(crate) struct Place<K: Copy + Eq + Hash> {
    counts: Arc<Mutex<HashMap<K, usize>>>,
    owner: K,
}

impl<K: Copy + Eq + Hash> Places<K> {
    pub(crate) fn new(per_owner_max: usize) -> Self {
        Self {
            counts: Arc::default(),
            per_owner_max,
        }
    }

    /// One more place for `owner`; none if it has as many as it may have.
    pub(crate) fn take(&self, owner: K) -> Option<Place<K>> {
        let mut counts = self.counts.lock();
        let taken = counts.get(&owner).copied().unwrap_or(0);
        if taken >= self.per_owner_max {
            return None;
        }
        counts.insert(owner, taken + 1);
        Some(Place {
            counts: Arc::clone(&self.counts),
            owner,
        })
    }
}

impl<K: Copy + Eq + Hash> Drop for Place<K> {
    fn drop(&mut self) {
        let mut counts = self.counts.lock();
        if let Some(count) = counts.get_mut(&self.owner) {
            *count -= 1;
            if *count == 0 {
                counts.remove(&self.owner);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_given_back_and_leaves_no_trace() {
        let places = Places::new(2);
        let first = places.take(1).unwrap();
        let second = places.take(1).unwrap();
        assert!(places.take(1).is_none());
        let other = places.take(2).unwrap();
        drop(first);
        let third = places.take(1).unwrap();
        drop((second, third, other));
        assert!(places.counts.lock().is_empty());
    }

    #[test]
    fn a_limit_of_none_refuses_all_and_remembers_nobody() {
        let places = Places::new(0);
        assert!(places.take(1).is_none());
        assert!(places.counts.lock().is_empty());
    }
}
