//! Making proofs in one walk over the leaves.

use std::collections::HashMap;

use super::{Frontier, Hash, Node, leaf_hash};

/// Makes proofs about a tree while its leaves go by, once, from left to right. It keeps the hashes that the proofs
/// consist of and the right edge, nothing else.
#[derive(Debug)]
pub struct Prover {
    size: u64,
    tree: Frontier,
    paths: Vec<Vec<Node>>,
    wanted: HashMap<Node, Option<Hash>>,
}

/// What was proved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proofs {
    /// The root of the tree.
    pub root: Hash,
    /// The proofs in the order in which they were asked for.
    pub paths: Vec<Vec<Hash>>,
}

impl Prover {
    /// Will prove that each of `leaves` (counted from 0) is in the tree of `size` leaves; `None` if one cannot be.
    pub fn inclusion(size: u64, leaves: impl IntoIterator<Item = u64>) -> Option<Self> {
        let paths = leaves.into_iter().map(|leaf| inclusion_path(leaf, size));
        Some(Self::new(size, paths.collect::<Option<_>>()?))
    }

    /// Will prove that the tree of the `first` leaves is the beginning of that of `size` leaves; `None` if it cannot
    /// be, or if there is nothing to prove because the first one is empty.
    pub fn consistency(first: u64, size: u64) -> Option<Self> {
        if first == 0 || first > size {
            return None;
        }
        let mut path = Vec::new();
        consistency_path(first, 0, size, Start::Known, &mut path);
        Some(Self::new(size, vec![path]))
    }

    fn new(size: u64, paths: Vec<Vec<Node>>) -> Self {
        let wanted = paths.iter().flatten().map(|node| (*node, None)).collect();
        Self {
            size,
            tree: Frontier::default(),
            paths,
            wanted,
        }
    }

    /// Takes the next leaf.
    pub fn push(&mut self, data: &[u8]) {
        let wanted = &mut self.wanted;
        self.tree.add(leaf_hash(data), |node, hash| {
            if let Some(place) = wanted.get_mut(&node) {
                *place = Some(*hash);
            }
        });
    }

    /// The proofs; `None` unless exactly as many leaves went by as the tree has.
    pub fn finish(self) -> Option<Proofs> {
        if self.tree.size() != self.size {
            return None;
        }
        let hash = |node: &Node| match self.wanted.get(node) {
            Some(Some(hash)) => Some(*hash),
            _ => self.tree.edge(node.level),
        };
        let paths = self.paths.iter().map(|path| path.iter().map(hash).collect());
        Some(Proofs {
            root: self.tree.root(),
            paths: paths.collect::<Option<_>>()?,
        })
    }
}

/// The siblings on the way from a leaf to the root.
fn inclusion_path(leaf: u64, size: u64) -> Option<Vec<Node>> {
    if leaf >= size {
        return None;
    }
    let mut path = Vec::new();
    let mut node = Node {
        level: 0,
        index: leaf,
    };
    while size > 1 && node.level <= (size - 1).ilog2() {
        // At the right edge there may be nobody beside a node.
        if node.sibling().start() < size {
            path.push(node.sibling());
        }
        node = node.parent();
    }
    Some(path)
}

/// Whether the verifier knows the hash over the leaves that are looked at, being the root of the first tree.
#[derive(Clone, Copy)]
enum Start {
    Known,
    Unknown,
}

/// SUBPROOF of RFC 6962, section 2.1.2, over the leaves `from..until`, `first` of which belong to the first tree.
/// As deep as the tree.
fn consistency_path(first: u64, from: u64, until: u64, start: Start, path: &mut Vec<Node>) {
    let leaves = until - from;
    if first == leaves {
        if matches!(start, Start::Unknown) {
            path.push(subtree(from, until));
        }
        return;
    }
    let left = 1 << (leaves - 1).ilog2();
    if first <= left {
        consistency_path(first, from, from + left, start, path);
        path.push(subtree(from + left, until));
    } else {
        consistency_path(first - left, from + left, until, Start::Unknown, path);
        path.push(subtree(from, from + left));
    }
}

/// The node over the leaves `from..until`.
fn subtree(from: u64, until: u64) -> Node {
    let leaves = until - from;
    let level = if leaves > 1 { (leaves - 1).ilog2() + 1 } else { 0 };
    Node {
        level,
        index: from >> level,
    }
}
