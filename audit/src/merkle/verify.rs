//! Checking proofs: RFC 9162, sections 2.1.3.2 and 2.1.4.2.

use super::{Hash, leaf_hash, node_hash};

/// Whether `path` proves that the leaf `index` (counted from 0) with these data is in the tree of `size` leaves with
/// this root.
pub fn verify_inclusion(index: u64, data: &[u8], size: u64, path: &[Hash], root: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last) = (index, size - 1);
    let mut hash = leaf_hash(data);
    for beside in path {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            hash = node_hash(beside, &hash);
            while node % 2 == 0 && node > 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            hash = node_hash(&hash, beside);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && hash == *root
}

/// Whether `path` proves that the tree of `first` leaves with `first_root` is the beginning of the tree of `second`
/// leaves with `second_root`. Of the empty tree nothing can be proved, so that is `false`.
pub fn verify_consistency(
    first: u64,
    first_root: &Hash,
    second: u64,
    second_root: &Hash,
    path: &[Hash],
) -> bool {
    if first == 0 || first > second {
        return false;
    }
    if first == second {
        return path.is_empty() && first_root == second_root;
    }
    // A first tree that is complete is a node of the second one, and the verifier knows it.
    let known = first.is_power_of_two().then_some(first_root);
    let mut path = known.into_iter().chain(path);
    let Some(start) = path.next() else {
        return false;
    };
    let (mut node, mut last) = (first - 1, second - 1);
    while node % 2 == 1 {
        (node, last) = (node >> 1, last >> 1);
    }
    let (mut one, mut other) = (*start, *start);
    for beside in path {
        if last == 0 {
            return false;
        }
        if node % 2 == 1 || node == last {
            one = node_hash(beside, &one);
            other = node_hash(beside, &other);
            while node % 2 == 0 && node > 0 {
                (node, last) = (node >> 1, last >> 1);
            }
        } else {
            other = node_hash(&other, beside);
        }
        (node, last) = (node >> 1, last >> 1);
    }
    last == 0 && one == *first_root && other == *second_root
}
