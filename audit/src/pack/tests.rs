//! Packs that hold, and every way in which one may not.

mod tampered;

use std::io::{Cursor, Write};
use std::sync::LazyLock;

use domain::time::Timestamp;
use eventlog::{Head, RecordedEvent, StreamId, link};
use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::gather::leaf;
use super::*;
use crate::line::tests::vectors;
use crate::merkle::{Frontier, Hash, Prover};
use crate::note::Signer;

fn signer() -> Signer {
    let secret = std::array::from_fn(|at| u8::try_from(at + 1).unwrap());
    Signer::new("vectors.example/log", &secret).unwrap()
}

fn time() -> Timestamp {
    Timestamp::parse("2026-11-23T01:00:00Z").unwrap()
}

/// The head of a log as it is, whatever is wrong with that.
fn head_of(log: &[RecordedEvent]) -> TreeHead {
    let mut tree = Frontier::default();
    for event in log {
        tree.push(&event.hash);
    }
    TreeHead {
        origin: signer().key().name().to_owned(),
        head: Head {
            position: i64::try_from(log.len()).unwrap(),
            hash: log.last().map_or(Head::EMPTY.hash, |event| event.hash),
        },
        root: tree.root(),
        time: time(),
    }
}

fn pack_of(log: &[RecordedEvent], stream: &StreamId) -> Result<Vec<u8>, PackError> {
    pack_under(head_of(log), log, stream)
}

fn pack_under(sworn: TreeHead, log: &[RecordedEvent], stream: &StreamId) -> Result<Vec<u8>, PackError> {
    let events = log
        .iter()
        .filter(|event| event.stream == *stream)
        .cloned()
        .collect();
    let mut gathering = Gathering::new(events, sworn)?;
    for event in log {
        gathering.push(&event.hash)?;
    }
    gathering.seal(&signer(), time())
}

/// The pack of the test vectors.
fn pack() -> Vec<u8> {
    static PACK: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let log = vectors();
        pack_of(&log, &log[0].stream).unwrap()
    });
    PACK.clone()
}

fn faulty(file: &[u8]) -> String {
    check(file, signer().key()).unwrap_err().to_string()
}

/// A log of `count` events in streams that take turns; every third event is of the first.
fn long_log(count: i64) -> Vec<RecordedEvent> {
    let mut previous = [0; 32];
    let mut versions = [0; 3];
    (1..=count)
        .map(|position| {
            let mut event = vectors()[0].clone();
            let stream = usize::try_from(position % 3).unwrap();
            versions[stream] += 1;
            event.position = position;
            event.version = versions[stream];
            event.stream.id = uuid::Uuid::from_u128(stream as u128 + 1);
            event.event_id = uuid::Uuid::from_u128(1000 + u128::from(position.unsigned_abs()));
            event.hash = link(&previous, &event);
            previous = event.hash;
            event
        })
        .collect()
}

#[test]
fn a_pack_holds_and_says_what_it_is_about() {
    let log = vectors();
    let checked = check(&pack(), signer().key()).unwrap();
    assert_eq!(
        checked,
        Checked {
            origin: "vectors.example/log".to_owned(),
            category: "ticket".to_owned(),
            stream: log[0].stream.id,
            events: 2,
            first_at: log[0].recorded_at,
            last_at: log[1].recorded_at,
            head: Head {
                position: 3,
                hash: log[2].hash
            },
            signed_at: time(),
        }
    );
}

#[test]
fn the_same_events_make_the_same_bytes() {
    let log = vectors();
    assert_eq!(pack_of(&log, &log[0].stream).unwrap(), pack());
}

#[test]
fn holds_wherever_the_events_lie_in_the_log() {
    for count in 1..40 {
        let log = long_log(count);
        for stream in log.iter().take(3).map(|event| &event.stream) {
            let pack = pack_of(&log, stream).unwrap();
            let checked = check(&pack, signer().key()).unwrap();
            assert_eq!(checked.stream, stream.id);
            assert_eq!(checked.head.position, count);
        }
    }
}

#[test]
fn nothing_of_others_is_in_it_but_hashes() {
    let mut log = vectors();
    log[2].payload = "{\"canary\":\"bluefinch\"}".to_owned();
    log[2].hash = link(&log[1].hash, &log[2]);
    let pack = pack_of(&log, &log[0].stream).unwrap();
    let text = String::from_utf8_lossy(&pack);
    assert!(!text.contains("bluefinch") && !text.contains(&log[2].event_id.to_string()));
}

#[test]
fn a_log_that_does_not_hold_gives_no_evidence() {
    let log = vectors();
    let position = |outcome: Result<Vec<u8>, PackError>| match outcome {
        Err(PackError::Broken { position }) => position,
        other => panic!("{other:?}"),
    };
    let broken = |change: fn(&mut Vec<RecordedEvent>)| {
        let mut log = vectors();
        change(&mut log);
        position(pack_of(&log, &log[0].stream))
    };
    assert_eq!(broken(|log| log[0].payload.push(' ')), 1);
    assert_eq!(broken(|log| log[1].hash[0] ^= 1), 2);
    assert_eq!(broken(|log| log[0].hash[0] ^= 1), 1);
    assert_eq!(broken(|log| log[1].version = 3), 2);
    assert_eq!(broken(|log| log.swap(0, 1)), 2);
    // Fewer hashes went by than there are events.
    let mut gathering = Gathering::new(log[..2].to_vec(), head_of(&log)).unwrap();
    gathering.push(&log[0].hash).unwrap();
    assert_eq!(position(gathering.seal(&signer(), time())), 2);
    assert!(matches!(
        Gathering::new(vec![], head_of(&log)),
        Err(PackError::Empty)
    ));
    assert_eq!(
        position(Gathering::new(log[..2].to_vec(), head_of(&log[..1])).map(|_| vec![])),
        2
    );
}

#[test]
fn a_pack_says_no_other_head_than_the_one_that_was_sworn() {
    let log = vectors();
    let sworn = head_of(&log);
    let pack = pack_under(sworn.clone(), &log, &log[0].stream).unwrap();
    let contents = archive::read(&pack).unwrap();
    let note = contents[MEMBERS.iter().position(|name| *name == HEAD).unwrap()].clone();
    assert_eq!(String::from_utf8(note).unwrap(), sworn.sign(&signer()).unwrap());

    // Written anew since it was sworn, with hashes that fit each other.
    let mut other = vectors();
    other[2].payload.push(' ');
    other[2].hash = link(&other[1].hash, &other[2]);
    let refused = pack_under(sworn.clone(), &other, &log[0].stream);
    assert!(
        matches!(refused, Err(PackError::OtherLog { position: 3 })),
        "{refused:?}"
    );
    // Neither the ticket's events nor the last one were touched: the root tells.
    let log = long_log(6);
    let mut other = log.clone();
    other[1].hash = [7; 32];
    let refused = pack_under(head_of(&log), &other, &log[0].stream);
    assert!(
        matches!(refused, Err(PackError::OtherLog { position: 6 })),
        "{refused:?}"
    );
}

#[test]
fn packs_are_bounded() {
    let mut large = vectors().remove(0);
    large.payload = "x".repeat(PACK_CONTENT_BYTES_MAX);
    assert!(matches!(
        Gathering::new(vec![large], head_of(&vectors())),
        Err(PackError::TooLarge)
    ));
    let many = vec![vectors().remove(0); PACK_EVENTS_MAX + 1];
    assert!(matches!(
        Gathering::new(many, head_of(&vectors())),
        Err(PackError::TooLarge)
    ));
}

#[test]
fn whatever_was_tampered_with_is_named() {
    for (name, file, named) in tampered::all() {
        assert_eq!(faulty(&file), named, "{name}");
    }
}

#[test]
fn the_vectors_hold_and_fail_as_they_say() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/");
    let read = |name: &str| std::fs::read(format!("{folder}{name}")).unwrap();
    let key = String::from_utf8(read("key.vkey")).unwrap();
    let key = key.trim_end().parse().unwrap();
    let vector = read("evidence.zip");
    assert!(check(&vector, &key).is_ok());
    // What is made today is what was made then; but the descriptions in it may have become clearer.
    let (then, now) = (archive::read(&vector).unwrap(), archive::read(&pack()).unwrap());
    for (at, name) in MEMBERS.iter().enumerate() {
        if [EVENTS, HEAD, "key.vkey"].contains(name) {
            assert!(then[at] == now[at], "{name}");
        }
    }
    let faults = String::from_utf8(read("tampered/faults.txt")).unwrap();
    assert_eq!(faults.lines().count(), tampered::all().len());
    for line in faults.lines() {
        let (name, fault) = line.split_once(": ").unwrap();
        let file = read(&format!("tampered/{name}"));
        assert_eq!(check(&file, &key).unwrap_err().to_string(), fault, "{name}");
    }
}

#[test]
fn a_key_of_another_log_is_told() {
    let renamed = signer().renamed("other.example").unwrap();
    let fault = check(&pack(), renamed.key()).unwrap_err().to_string();
    assert_eq!(fault, "evidence.note: the note is not signed by this key");
}

#[test]
fn files_that_are_no_packs_are_told() {
    let whole = pack();
    let zip = |members: &[(&str, &[u8])]| {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        for (name, content) in members {
            zip.start_file(*name, options).unwrap();
            zip.write_all(content).unwrap();
        }
        zip.finish().unwrap().into_inner()
    };
    let contents = archive::read(&whole).unwrap();
    let renamed = |at: usize, name: &'static str| {
        let mut members: Vec<(&str, &[u8])> = MEMBERS
            .into_iter()
            .zip(contents.iter().map(Vec::as_slice))
            .collect();
        members[at].0 = name;
        zip(&members)
    };
    let mut backwards: Vec<(&str, &[u8])> = MEMBERS
        .into_iter()
        .zip(contents.iter().map(Vec::as_slice))
        .collect();
    backwards.reverse();
    for file in [
        vec![],
        b"PK".to_vec(),
        vec![0; 100_000],
        zip(&[]),
        zip(&[("events.jsonl", b"")]),
        zip(&backwards),
        renamed(0, "../../etc/passwd"),
        renamed(2, "/events.jsonl"),
        renamed(2, "Events.jsonl"),
        renamed(2, "x/../events.jsonl"),
        renamed(6, "key.vkey/"),
    ] {
        assert!(
            faulty(&file).starts_with("it is no evidence pack: "),
            "{}",
            file.len()
        );
    }
}

/// Where the directory of the pack says something about each member.
fn directory_entries(file: &[u8]) -> Vec<usize> {
    (0..file.len() - 4)
        .filter(|at| file[*at..*at + 4] == *b"PK\x01\x02")
        .collect()
}

#[test]
fn a_directory_that_lies_is_told_before_anything_is_read_by_it() {
    let whole = pack();
    let entries = directory_entries(&whole);
    assert_eq!(entries.len(), MEMBERS.len());
    let mut overlapping = whole.clone();
    for entry in &entries {
        // Every member is the largest one, four times as long, and lies where the first one does.
        overlapping[entry + 42..entry + 46].fill(0);
        let size = u32::try_from(whole.len() / 2).unwrap().to_le_bytes();
        overlapping[entry + 20..entry + 24].copy_from_slice(&size);
        overlapping[entry + 24..entry + 28].copy_from_slice(&size);
    }
    let mut huge = whole.clone();
    huge[entries[2] + 20..entries[2] + 28].fill(0xfe);
    let mut compressed = whole.clone();
    compressed[entries[2] + 10] = 8;
    let mut encrypted = whole.clone();
    encrypted[entries[2] + 8] |= 1;
    for file in [overlapping, huge, compressed, encrypted] {
        assert!(faulty(&file).starts_with("it is no evidence pack: "));
    }
    // Each is said to be empty, so that together they are small; but as much is to be read of each as the file has.
    let mut understated = whole.clone();
    for entry in &entries {
        understated[entry + 24..entry + 28].fill(0);
    }
    assert_eq!(
        faulty(&understated),
        "it is no evidence pack: a file in it has two sizes"
    );
}

#[test]
fn a_head_at_the_end_of_all_numbers_is_only_wrong() {
    assert_eq!(
        faulty(&tampered::with_head_at(i64::MAX)),
        "position 1: the proof does not lead to the head"
    );
}

#[test]
fn a_pack_that_was_cut_off_never_holds() {
    let whole = pack();
    for length in (0..whole.len()).step_by(7).chain([whole.len() - 1]) {
        assert!(check(&whole[..length], signer().key()).is_err(), "{length}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn a_flipped_bit_is_found_or_means_nothing(at in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let mut file = pack();
        let at = at.index(file.len());
        file[at] ^= 1 << bit;
        if let Ok(checked) = check(&file, signer().key()) {
            prop_assert_eq!(checked, check(&pack(), signer().key()).unwrap());
            // Something about the zip, such as a date: what is in it is the same.
            prop_assert_eq!(archive::read(&file).unwrap(), archive::read(&pack()).unwrap());
        }
    }

    #[test]
    fn no_bytes_make_it_stumble(bytes in prop::collection::vec(any::<u8>(), 0..400), at in any::<prop::sample::Index>()) {
        prop_assert!(check(&bytes, signer().key()).is_err());
        let mut file = pack();
        let at = at.index(file.len());
        file.splice(at..at, bytes.iter().copied());
        let _ = check(&file, signer().key());
    }
}

#[test]
fn proofs_are_those_of_the_tree() {
    let log = long_log(11);
    let mut prover = Prover::inclusion(leaf(12), [leaf(3)]).unwrap();
    for event in &log {
        prover.push(&event.hash);
    }
    let proofs = prover.finish().unwrap();
    let pack = pack_of(&log, &log[2].stream).unwrap();
    let contents = archive::read(&pack).unwrap();
    let line = contents[2].split(|byte| *byte == b'\n').next().unwrap();
    let line: ProvedLine<'_> = serde_json::from_slice(line).unwrap();
    let proof: Vec<Hash> = line.proof.iter().map(|hash| hash.0).collect();
    assert_eq!(proof, proofs.paths[0]);
}
