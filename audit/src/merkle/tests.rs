//! The vectors of Certificate Transparency, and every proof of every small tree.

use super::*;
use proptest::prelude::*;

const LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// Roots of the trees of 0, 1, 2, … leaves.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

const INCLUSION: [(u64, u64, &[&str]); 3] = [
    (
        0,
        8,
        &[
            "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        5,
        8,
        &[
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        3,
        &["fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"],
    ),
];

const CONSISTENCY: [(u64, u64, &[&str]); 3] = [
    (
        2,
        8,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        ],
    ),
    (
        6,
        8,
        &[
            "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
            "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        ],
    ),
    (
        2,
        5,
        &[
            "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
            "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        ],
    ),
];

fn leaves() -> Vec<Vec<u8>> {
    LEAVES.iter().map(|leaf| hex::decode(leaf).unwrap()).collect()
}

fn hash(text: &str) -> Hash {
    hex::decode(text).unwrap().try_into().unwrap()
}

fn tree(leaves: &[Vec<u8>]) -> Frontier {
    let mut tree = Frontier::default();
    for leaf in leaves {
        tree.push(leaf);
    }
    tree
}

fn proofs(mut prover: Prover, leaves: &[Vec<u8>]) -> Proofs {
    for leaf in leaves {
        prover.push(leaf);
    }
    prover.finish().unwrap()
}

/// The tree as RFC 6962, section 2.1, defines it.
fn defined(leaves: &[Vec<u8>]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => leaf_hash(leaf),
        _ => {
            let left = 1 << (leaves.len() - 1).ilog2();
            node_hash(&defined(&leaves[..left]), &defined(&leaves[left..]))
        }
    }
}

fn numbered(count: usize) -> Vec<Vec<u8>> {
    (0..count).map(|leaf| leaf.to_be_bytes().to_vec()).collect()
}

#[test]
fn roots_equal_the_vectors() {
    for (size, root) in ROOTS.iter().enumerate() {
        assert_eq!(tree(&leaves()[..size]).root(), hash(root), "{size} leaves");
    }
}

#[test]
fn proofs_equal_the_vectors() {
    for (leaf, size, path) in INCLUSION {
        let these = &leaves()[..usize::try_from(size).unwrap()];
        let made = proofs(Prover::inclusion(size, [leaf]).unwrap(), these);
        let path: Vec<Hash> = path.iter().map(|text| hash(text)).collect();
        assert_eq!(made.paths, [path], "leaf {leaf} of {size}");
    }
    for (first, size, path) in CONSISTENCY {
        let these = &leaves()[..usize::try_from(size).unwrap()];
        let made = proofs(Prover::consistency(first, size).unwrap(), these);
        let path: Vec<Hash> = path.iter().map(|text| hash(text)).collect();
        assert_eq!(made.paths, [path], "from {first} to {size}");
    }
}

#[test]
fn every_leaf_of_every_small_tree_is_proved_in_one_walk_and_nothing_else_is() {
    for size in 1..=70_u64 {
        let leaves = numbered(usize::try_from(size).unwrap());
        let made = proofs(Prover::inclusion(size, 0..size).unwrap(), &leaves);
        assert_eq!(made.root, defined(&leaves));
        for ((leaf, data), path) in (0..).zip(&leaves).zip(&made.paths) {
            let holds = |index, data: &[u8], size, path: &[Hash], root: &Hash| {
                verify_inclusion(index, data, size, path, root)
            };
            assert!(holds(leaf, data, size, path, &made.root));
            assert!(!holds(leaf + 1, data, size, path, &made.root));
            assert!(!holds(leaf, b"other", size, path, &made.root));
            assert!(!holds(leaf, data, size, path, &[7; 32]));
            let longer = [path.as_slice(), &[[7; 32]]].concat();
            assert!(!holds(leaf, data, size, &longer, &made.root));
            if let Some((_, shorter)) = path.split_last() {
                assert!(!holds(leaf, data, size, shorter, &made.root));
                let mut other = path.clone();
                other[0][31] ^= 1;
                assert!(!holds(leaf, data, size, &other, &made.root));
            }
        }
    }
}

#[test]
fn every_small_tree_is_proved_to_be_the_beginning_of_every_larger_one() {
    for second in 1..=40_u64 {
        let leaves = numbered(usize::try_from(second).unwrap());
        let whole = defined(&leaves);
        for first in 1..=second {
            let part = defined(&leaves[..usize::try_from(first).unwrap()]);
            let made = proofs(Prover::consistency(first, second).unwrap(), &leaves);
            let path = &made.paths[0];
            assert!(
                verify_consistency(first, &part, second, &whole, path),
                "{first} of {second}"
            );
            assert!(!verify_consistency(first, &[7; 32], second, &whole, path));
            assert!(!verify_consistency(first, &part, second, &[7; 32], path));
            let longer = [path.as_slice(), &[[7; 32]]].concat();
            assert!(!verify_consistency(first, &part, second, &whole, &longer));
            if let Some((_, shorter)) = path.split_last() {
                assert!(!verify_consistency(first, &part, second, &whole, shorter));
            }
        }
    }
    assert!(Prover::consistency(0, 3).is_none() && Prover::consistency(4, 3).is_none());
    assert!(!verify_consistency(0, &empty_root(), 3, &[0; 32], &[]));
}

#[test]
fn a_prover_that_saw_too_few_or_too_many_leaves_proves_nothing() {
    assert!(Prover::inclusion(3, [3]).is_none());
    for seen in [2, 4] {
        let mut prover = Prover::inclusion(3, [0]).unwrap();
        for leaf in numbered(seen) {
            prover.push(&leaf);
        }
        assert_eq!(prover.finish(), None);
    }
}

proptest! {
    #[test]
    fn a_tree_that_is_left_off_goes_on(size in 0_usize..300, more in 0_usize..50) {
        let leaves = numbered(size + more);
        let left_off = tree(&leaves[..size]);
        let mut resumed = Frontier::resume(left_off.size(), left_off.peaks().to_vec()).unwrap();
        for leaf in &leaves[size..] {
            resumed.push(leaf);
        }
        prop_assert_eq!(&resumed, &tree(&leaves));
        prop_assert_eq!(resumed.root(), defined(&leaves));
        prop_assert!(Frontier::resume(left_off.size() + 1, left_off.peaks().to_vec()).is_none()
            || (left_off.size() + 1).count_ones() == left_off.size().count_ones());
    }

    #[test]
    fn no_numbers_make_the_verifiers_stumble(
        (one, other) in (any::<u64>(), any::<u64>()),
        path in prop::collection::vec(any::<[u8; 32]>(), 0..70),
        root in any::<[u8; 32]>(),
    ) {
        prop_assert!(!verify_inclusion(one, b"leaf", other, &path, &root));
        if one != other {
            prop_assert!(!verify_consistency(one, &root, other, &[0; 32], &path));
        }
    }
}
