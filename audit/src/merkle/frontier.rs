//! The right edge of a tree: all that is needed to go on and to tell the root.

use super::{Hash, Node, empty_root, leaf_hash, node_hash};

/// A growing tree, of which only the right edge is kept: at most 64 hashes, however many leaves it has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    /// Roots of the complete subtrees that the leaves make up, from left to right: one for each bit of `size`.
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A tree that was left off earlier; `None` if it cannot have so many peaks.
    pub fn resume(size: u64, peaks: Vec<Hash>) -> Option<Self> {
        (size.count_ones() as usize == peaks.len()).then_some(Self { size, peaks })
    }

    /// How many leaves there are.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Roots of the complete subtrees from left to right: with the size, enough to [`resume`](Self::resume).
    pub fn peaks(&self) -> &[Hash] {
        &self.peaks
    }

    /// Adds a leaf with these data.
    pub fn push(&mut self, data: &[u8]) {
        self.add(leaf_hash(data), |_, _| ());
    }

    /// The root of the tree over all leaves so far.
    pub fn root(&self) -> Hash {
        fold(&self.peaks).unwrap_or_else(empty_root)
    }

    /// Adds a leaf by its hash, and tells of every node that is complete with it.
    pub(super) fn add(&mut self, leaf: Hash, mut complete: impl FnMut(Node, &Hash)) {
        let mut node = Node {
            level: 0,
            index: self.size,
        };
        let mut hash = leaf;
        complete(node, &hash);
        while node.index % 2 == 1
            && let Some(left) = self.peaks.pop()
        {
            hash = node_hash(&left, &hash);
            node = node.parent();
            complete(node, &hash);
        }
        self.peaks.push(hash);
        self.size += 1;
    }

    /// The hash of the node at the right edge that has fewer than `2^level` leaves; `None` if it has none.
    pub(super) fn edge(&self, level: u32) -> Option<Hash> {
        let leaves = self.size & 1_u64.checked_shl(level).map_or(u64::MAX, |width| width - 1);
        let peaks = leaves.count_ones() as usize;
        fold(&self.peaks[self.peaks.len().checked_sub(peaks)?..])
    }
}

/// The root above neighbouring subtrees that grow smaller to the right.
fn fold(peaks: &[Hash]) -> Option<Hash> {
    let peaks = peaks.iter().rev().copied();
    peaks.reduce(|right, left| node_hash(&left, &right))
}
