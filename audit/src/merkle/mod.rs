//! The Merkle tree of RFC 6962 (and RFC 9162): what its hashes are made of, its root, and its proofs.
//!
//! Leaf `i` (from 0) is the event at position `i + 1`; its data are the 32 bytes of that event's hash. So the size of
//! the tree is the position of the log's head, and a proof about a leaf says nothing of any other event.

mod frontier;
mod prover;
mod verify;

use sha2::{Digest, Sha256};

pub use frontier::Frontier;
pub use prover::{Proofs, Prover};
pub use verify::{verify_consistency, verify_inclusion};

/// SHA-256: of a leaf, of a node, of a tree.
pub type Hash = [u8; 32];

/// Most hashes in a proof: a tree has at most 2^63 leaves.
pub const PROOF_HASHES_MAX: usize = 64;

/// The hash of a leaf with these data.
pub fn leaf_hash(data: &[u8]) -> Hash {
    let mut sha = Sha256::new();
    sha.update([0]);
    sha.update(data);
    sha.finalize().into()
}

/// The hash of the node above two others.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    let mut sha = Sha256::new();
    sha.update([1]);
    sha.update(left);
    sha.update(right);
    sha.finalize().into()
}

/// The root of the tree without leaves.
pub fn empty_root() -> Hash {
    Sha256::digest([]).into()
}

/// A node of the tree: the subtree over the leaves from `index * 2^level` on, `2^level` of them, or fewer at the
/// right edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Node {
    level: u32,
    index: u64,
}

impl Node {
    const fn parent(self) -> Self {
        Self {
            level: self.level + 1,
            index: self.index >> 1,
        }
    }

    const fn sibling(self) -> Self {
        Self {
            level: self.level,
            index: self.index ^ 1,
        }
    }

    /// Its first leaf.
    const fn start(self) -> u64 {
        self.index << self.level
    }
}

#[cfg(test)]
mod tests;
