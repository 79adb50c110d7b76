//! Packs that somebody changed: without the key, and with it.

use super::super::statement::{Digested, Statement, others};
use super::super::*;
use super::{pack, signer};
use crate::note::{self, Note, Signer};
use eventlog::{RecordedEvent, link};

/// The name of a vector, the pack, and what is to be named.
type Tampered = (&'static str, Vec<u8>, &'static str);

/// Packs that do not hold.
pub(super) fn all() -> Vec<Tampered> {
    [without_the_key(), with_other_contents(), with_other_lines()].concat()
}

fn without_the_key() -> Vec<Tampered> {
    let other = Signer::new("vectors.example/log", &[7; 32]).unwrap();
    vec![
        (
            "event-changed",
            edited(EVENTS, |content| replaced(content, "floor 2", "floor 3")),
            "events.jsonl is not what evidence.note says it is",
        ),
        (
            "last-event-left-out",
            edited(EVENTS, |content| {
                let end = content.iter().position(|byte| *byte == b'\n').unwrap();
                content.truncate(end + 1);
            }),
            "events.jsonl is not what evidence.note says it is",
        ),
        (
            "page-changed",
            edited("history.html", |content| {
                replaced(content, "TicketCreated", "TicketDeleted");
            }),
            "history.html is not what evidence.note says it is",
        ),
        (
            "statement-changed",
            edited(EVIDENCE, |content| replaced(content, "events 2", "events 1")),
            "evidence.note: the signature does not fit",
        ),
        (
            "statement-by-another-key",
            edited(EVIDENCE, |content| {
                let text = String::from_utf8(content.clone()).unwrap();
                let text = &text[..=text.rfind("\n\n").unwrap()];
                *content = note::sign(text, &other).unwrap().into_bytes();
            }),
            "evidence.note: the note is not signed by this key",
        ),
        (
            "head-changed",
            edited(HEAD, |content| replaced(content, "\n3\n", "\n4\n")),
            "head.note is not what evidence.note says it is",
        ),
    ]
}

fn with_other_contents() -> Vec<Tampered> {
    let changed = |from: &'static str, to: &'static str| {
        resealed(
            move |lines| lines[1] = lines[1].replacen(from, to, 1),
            nothing,
            nothing,
        )
    };
    vec![
        (
            "resealed-with-another-head",
            resealed(nothing, |head| head.head.position = 4, nothing),
            "head.note is not the head that evidence.note names",
        ),
        (
            "resealed-with-another-root",
            resealed(nothing, |head| head.root[0] ^= 1, nothing),
            "position 1: the proof does not lead to the head",
        ),
        (
            "resealed-with-a-changed-payload",
            changed("1.0", "1"),
            "position 2: the hash does not fit",
        ),
        (
            "resealed-with-a-changed-payload-and-its-hash",
            resealed(
                |lines| rehashed(lines, |event| event.payload.push(' ')),
                nothing,
                nothing,
            ),
            "position 2: the proof does not lead to the head",
        ),
        (
            "resealed-with-a-changed-time",
            changed("35.572Z", "35.573Z"),
            "position 2: the hash does not fit",
        ),
        (
            "resealed-with-another-previous-hash",
            changed("\"previousHash\":\"09d1", "\"previousHash\":\"09d2"),
            "position 2: the previous hash is not that of the event before",
        ),
        (
            "resealed-with-a-shorter-proof",
            resealed(
                |lines| {
                    let mut line: ProvedLine<'_> = serde_json::from_str(&lines[0]).unwrap();
                    line.proof.pop();
                    lines[0] = serde_json::to_string(&line).unwrap() + "\n";
                },
                nothing,
                nothing,
            ),
            "position 1: the proof does not lead to the head",
        ),
    ]
}

fn with_other_lines() -> Vec<Tampered> {
    vec![
        (
            "resealed-with-the-events-swapped",
            resealed(|lines| lines.swap(0, 1), nothing, nothing),
            "position 2: the version is 2 instead of 1",
        ),
        (
            "resealed-with-an-event-twice",
            resealed(|lines| lines.insert(1, lines[0].clone()), nothing, nothing),
            "position 1: the version is 1 instead of 2",
        ),
        (
            "resealed-without-the-first-event",
            resealed(|lines| drop(lines.remove(0)), nothing, nothing),
            "position 2: the version is 2 instead of 1",
        ),
        (
            "resealed-without-the-last-event",
            resealed(|lines| lines.truncate(1), nothing, nothing),
            "there are 1 events, but evidence.note says 2",
        ),
        (
            "resealed-with-an-event-beyond-the-head",
            resealed(
                |lines| rehashed(lines, |event| event.position = 4),
                nothing,
                nothing,
            ),
            "position 4: the position is not after the last event's and up to the head's",
        ),
        (
            "resealed-with-an-event-of-another-stream",
            resealed(
                |lines| rehashed(lines, |event| event.stream.id = uuid::Uuid::nil()),
                nothing,
                nothing,
            ),
            "position 2: the event is not of this stream",
        ),
        (
            "resealed-with-half-a-line",
            resealed(
                |lines| {
                    lines[1].pop();
                },
                nothing,
                nothing,
            ),
            "events.jsonl: line 2 is not an event",
        ),
        (
            "resealed-about-another-log",
            resealed(nothing, nothing, |said| said.origin.push('x')),
            "evidence.note: it is about another log",
        ),
    ]
}

/// A pack that speaks of a head at another position.
pub(super) fn with_head_at(position: i64) -> Vec<u8> {
    resealed(
        nothing,
        |head| head.head.position = position,
        |said| said.head.position = position,
    )
}

/// Somebody without the key changes a file of the pack.
fn edited(name: &str, edit: impl FnOnce(&mut Vec<u8>)) -> Vec<u8> {
    let mut contents = archive::read(&pack()).unwrap();
    edit(&mut contents[MEMBERS.iter().position(|member| *member == name).unwrap()]);
    archive::write(&contents).unwrap()
}

fn replaced(content: &mut Vec<u8>, from: &str, to: &str) {
    let text = String::from_utf8(std::mem::take(content)).unwrap();
    assert!(text.contains(from), "{from} is not in {text}");
    *content = text.replacen(from, to, 1).into_bytes();
}

/// Somebody with the key changes the events or the head, and says so of them.
fn resealed(
    lines: impl FnOnce(&mut Vec<String>),
    head: impl FnOnce(&mut TreeHead),
    say: impl FnOnce(&mut Statement),
) -> Vec<u8> {
    let mut contents = archive::read(&pack()).unwrap();
    let at = |name: &str| MEMBERS.iter().position(|member| *member == name).unwrap();
    let text = |bytes: &[u8]| std::str::from_utf8(bytes).unwrap().to_owned();
    let mut all: Vec<String> = text(&contents[at(EVENTS)])
        .split_inclusive('\n')
        .map(str::to_owned)
        .collect();
    lines(&mut all);
    contents[at(EVENTS)] = all.concat().into_bytes();
    let mut tree = TreeHead::open(&text(&contents[at(HEAD)]), signer().key()).unwrap();
    head(&mut tree);
    contents[at(HEAD)] = note::sign(&tree.to_string(), &signer()).unwrap().into_bytes();
    let said = text(&contents[at(EVIDENCE)]);
    let mut said = Statement::parse(Note::parse(&said).unwrap().verified(signer().key()).unwrap()).unwrap();
    said.members = others()
        .map(|name| Digested::of(name, &contents[at(name)]))
        .collect();
    say(&mut said);
    contents[at(EVIDENCE)] = note::sign(&said.to_string(), &signer()).unwrap().into_bytes();
    archive::write(&contents).unwrap()
}

fn nothing<T>(_: &mut T) {}

/// Line 2 with another event, hashed anew.
fn rehashed(lines: &mut [String], change: impl FnOnce(&mut RecordedEvent)) {
    let line: ProvedLine<'_> = serde_json::from_str(&lines[1]).unwrap();
    let mut event = line.event.clone().into_event();
    change(&mut event);
    event.hash = link(&line.previous_hash.0, &event);
    let event = EventLine::of(&event).unwrap();
    lines[1] = serde_json::to_string(&ProvedLine { event, ..line }).unwrap() + "\n";
}
