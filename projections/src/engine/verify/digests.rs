//! What is kept of a table's rows: enough to tell whether each of them comes again.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hasher};

use sha2::{Digest, Sha256};

use super::layout::Layout;

/// Most rows of a table that are remembered as different.
const DIFFERENT_MAX: usize = 1_000;

/// 16 bytes of a row's hash: nobody finds another row with them.
type RowHash = [u64; 2];

/// A hash of a row's key: finds the row again, proves nothing.
pub(super) type KeyHash = u64;

/// Rows of one table, in any order and with repetitions.
#[derive(Default)]
pub(super) struct Digests {
    rows: Vec<(RowHash, KeyHash)>,
    /// A bit for each row: it came again.
    struck: Vec<u64>,
    strangers: u64,
    different: HashSet<KeyHash>,
}

impl Digests {
    /// Takes in a row of the table.
    pub(super) fn add(&mut self, row: &[u8], layout: &Layout) {
        self.rows.push((row_hash(row), key_hash(row, layout)));
    }

    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// After the last row.
    pub(super) fn sorted(mut self) -> Self {
        self.rows.sort_unstable();
        self.struck = vec![0; self.rows.len().div_ceil(64)];
        self
    }

    /// Strikes out a row that came again; one that is not there is a stranger.
    pub(super) fn strike(&mut self, row: &[u8], layout: &Layout) {
        let hash = row_hash(row);
        let mut at = self.rows.partition_point(|(other, _)| *other < hash);
        while self.rows.get(at).is_some_and(|(other, _)| *other == hash) {
            let (word, bit) = (at / 64, 1 << (at % 64));
            if self.struck[word] & bit == 0 {
                self.struck[word] |= bit;
                return;
            }
            at += 1;
        }
        self.strangers += 1;
        if self.different.len() < DIFFERENT_MAX {
            self.different.insert(key_hash(row, layout));
        }
    }

    /// How many rows differ, one way or the other, and the keys of the first of them.
    pub(super) fn different(&self) -> (u64, HashSet<KeyHash>) {
        let mut keys = self.different.clone();
        let mut left = 0;
        for (at, (_, key)) in self.rows.iter().enumerate() {
            if self.struck[at / 64] & (1 << (at % 64)) == 0 {
                left += 1;
                if keys.len() < DIFFERENT_MAX {
                    keys.insert(*key);
                }
            }
        }
        // A row that differs is left on one side and strange on the other.
        (self.strangers.max(left), keys)
    }
}

fn row_hash(row: &[u8]) -> RowHash {
    let hash: [u8; 32] = Sha256::digest(row).into();
    let half = |from: usize| {
        let bytes = hash[from..].first_chunk().copied().unwrap_or_default();
        u64::from_be_bytes(bytes)
    };
    [half(0), half(8)]
}

/// The hash of a row's key; of the whole row if it is not laid out as it must be.
pub(super) fn key_hash(row: &[u8], layout: &Layout) -> KeyHash {
    let mut hasher = DefaultHasher::new();
    match layout.key(row) {
        Some(key) => key.iter().for_each(|field| hasher.write(field)),
        None => hasher.write(row),
    }
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::super::layout::tests::{layout, row};
    use super::*;

    fn compared(live: &[Vec<u8>], fresh: &[Vec<u8>]) -> (u64, usize) {
        let mut digests = Digests::default();
        for row in live {
            digests.add(row, &layout());
        }
        let mut digests = digests.sorted();
        for row in fresh {
            digests.strike(row, &layout());
        }
        let (count, keys) = digests.different();
        (count, keys.len())
    }

    #[test]
    fn the_same_rows_in_any_order_do_not_differ() {
        let rows: Vec<_> = (0..200).map(|id| row(id, "text")).collect();
        let turned: Vec<_> = rows.iter().rev().cloned().collect();
        assert_eq!(compared(&rows, &turned), (0, 0));
        assert_eq!(compared(&[], &[]), (0, 0));
    }

    #[test]
    fn what_is_left_and_what_is_strange_differs() {
        let one = || row(1, "one");
        assert_eq!(compared(&[one()], &[]), (1, 1));
        assert_eq!(compared(&[], &[one()]), (1, 1));
        assert_eq!(
            compared(&[one(), row(2, "two")], &[one(), row(2, "zwei")]),
            (1, 1)
        );
        // Repetitions count.
        assert_eq!(compared(&[one(), one()], &[one()]), (1, 1));
        assert_eq!(compared(&[one()], &[one(), one()]), (1, 1));
    }

    #[test]
    fn not_all_that_differ_are_remembered() {
        let rows: Vec<_> = (0..3_000).map(|id| row(id, "text")).collect();
        assert_eq!(compared(&rows, &[]), (3_000, DIFFERENT_MAX));
    }
}
