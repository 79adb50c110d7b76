//! Checking a pack: everything that it says, in an order that makes the first thing that does not hold the one to name.

use domain::time::Timestamp;
use eventlog::{Head, Position, RecordedEvent, Version, link};
use uuid::Uuid;

use super::gather::{leaf, size};
use super::statement::{Digested, Statement};
use super::{EVENTS, EVIDENCE, HEAD, MEMBERS, PACK_EVENTS_MAX, ProvedLine, TreeHead, archive};
use crate::head::HeadError;
use crate::line::LINE_BYTES_MAX;
use crate::merkle::{Hash, PROOF_HASHES_MAX, verify_inclusion};
use crate::note::{Note, NoteError, VerifierKey};

/// A pack that holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Which log.
    pub origin: String,
    /// What kind of thing it is about: `ticket`.
    pub category: String,
    /// Which one.
    pub stream: Uuid,
    /// How many events it has.
    pub events: usize,
    /// When the first of them was recorded.
    pub first_at: Timestamp,
    /// When the last of them was recorded.
    pub last_at: Timestamp,
    /// As of which head of the log.
    pub head: Head,
    /// When that head was signed.
    pub signed_at: Timestamp,
}

/// The first thing in a pack that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The file is none.
    #[error("it is no evidence pack: {0}")]
    Archive(&'static str),
    /// The statement about the pack is not believed.
    #[error("evidence.note: {0}")]
    Evidence(#[source] NoteError),
    /// The statement about the pack is signed, but says nothing that is understood.
    #[error("evidence.note: {0}")]
    Statement(&'static str),
    /// A file is not the one that the statement is about.
    #[error("{0} is not what evidence.note says it is")]
    Member(&'static str),
    /// The head is not believed.
    #[error("head.note: {0}")]
    Head(#[source] HeadError),
    /// The head is not the one that the statement is about.
    #[error("head.note is not the head that evidence.note names")]
    OtherHead,
    /// This line of the events is none, counted from 1.
    #[error("events.jsonl: line {line} is not an event")]
    Line {
        /// Which one.
        line: usize,
    },
    /// This event is not what it must be.
    #[error("position {position}: {fault}")]
    Event {
        /// Which one.
        position: Position,
        /// What is wrong with it.
        fault: EventFault,
    },
    /// There are more or fewer events than the statement says.
    #[error("there are {found} events, but evidence.note says {said}")]
    Count {
        /// In the pack.
        found: usize,
        /// In the statement.
        said: u64,
    },
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EventFault {
    /// It is of another stream.
    #[error("the event is not of this stream")]
    Stream,
    /// It is not the next one of its stream.
    #[error("the version is {found} instead of {expected}")]
    Version {
        /// What it must be.
        expected: Version,
        /// What it is.
        found: Version,
    },
    /// It does not come after the event before it, or lies beyond the head.
    #[error("the position is not after the last event's and up to the head's")]
    Position,
    /// Its hash is not that of its content and what it builds on: something in it was changed.
    #[error("the hash does not fit")]
    Hash,
    /// It builds on another event than the one before it.
    #[error("the previous hash is not that of the event before")]
    Previous,
    /// It is not proved to be in the log.
    #[error("the proof does not lead to the head")]
    Proof,
}

/// Checks a pack with the key of the log that it must come from.
pub fn check(file: &[u8], key: &VerifierKey) -> Result<Checked, Fault> {
    let contents = archive::read(file).map_err(Fault::Archive)?;
    let content = |name: &str| {
        let at = MEMBERS.iter().position(|member| *member == name);
        at.map_or(&[] as &[u8], |at| contents[at].as_slice())
    };
    let statement = statement(content(EVIDENCE), key)?;
    for (name, said) in super::statement::others().zip(&statement.members) {
        if Digested::of(name, content(name)) != *said {
            return Err(Fault::Member(name));
        }
    }
    let head = std::str::from_utf8(content(HEAD)).map_err(|_| NoteError::Malformed("it is not text"));
    let head = head
        .map_err(HeadError::from)
        .and_then(|note| TreeHead::open(note, key));
    let head = head.map_err(Fault::Head)?;
    if head.head != statement.head {
        return Err(Fault::OtherHead);
    }
    let times = events(content(EVENTS), &statement, &head)?;
    let subject = statement.subject;
    match times {
        Some((first_at, last_at)) => Ok(Checked {
            origin: head.origin,
            category: subject.category,
            stream: subject.stream,
            events: usize::try_from(subject.events).unwrap_or(usize::MAX),
            first_at,
            last_at,
            head: head.head,
            signed_at: head.time,
        }),
        None => Err(Fault::Statement("it is about nothing")),
    }
}

fn statement(note: &[u8], key: &VerifierKey) -> Result<Statement, Fault> {
    let note =
        std::str::from_utf8(note).map_err(|_| Fault::Evidence(NoteError::Malformed("it is not text")))?;
    let text = Note::parse(note).and_then(|note| note.verified(key));
    let statement = Statement::parse(text.map_err(Fault::Evidence)?).map_err(Fault::Statement)?;
    if statement.origin == key.name() {
        Ok(statement)
    } else {
        Err(Fault::Statement("it is about another log"))
    }
}

/// Checks every line. When the first and the last event were recorded, if there are any.
fn events(
    lines: &[u8],
    statement: &Statement,
    head: &TreeHead,
) -> Result<Option<(Timestamp, Timestamp)>, Fault> {
    let mut last = None::<(Head, Timestamp)>;
    let mut first_at = None;
    let mut count = 0;
    for (line, number) in lines.split_inclusive(|byte| *byte == b'\n').zip(1..) {
        let (event, previous, proof) = parse(line, number).ok_or(Fault::Line { line: number })?;
        let subject = &statement.subject;
        let ours = event.stream.category == subject.category && event.stream.id == subject.stream;
        let last_head = last.map_or(Head::EMPTY, |(head, _)| head);
        let fault = if ours {
            event_fault(&event, &previous, &proof, last_head, number, head)
        } else {
            Some(EventFault::Stream)
        };
        if let Some(fault) = fault {
            return Err(Fault::Event {
                position: event.position,
                fault,
            });
        }
        let this = Head {
            position: event.position,
            hash: event.hash,
        };
        first_at = first_at.or(Some(event.recorded_at));
        last = Some((this, event.recorded_at));
        count = number;
    }
    if count as u64 != statement.subject.events {
        return Err(Fault::Count {
            found: count,
            said: statement.subject.events,
        });
    }
    Ok(first_at.zip(last.map(|(_, at)| at)))
}

fn parse(line: &[u8], number: usize) -> Option<(RecordedEvent, Hash, Vec<Hash>)> {
    let line = line.strip_suffix(b"\n")?;
    if line.len() > LINE_BYTES_MAX || number > PACK_EVENTS_MAX {
        return None;
    }
    let line: ProvedLine<'_> = serde_json::from_slice(line).ok()?;
    let proof: Vec<Hash> = line.proof.iter().map(|hash| hash.0).collect();
    (proof.len() <= PROOF_HASHES_MAX).then(|| (line.event.into_event(), line.previous_hash.0, proof))
}

fn event_fault(
    event: &RecordedEvent,
    previous: &Hash,
    proof: &[Hash],
    last: Head,
    number: usize,
    head: &TreeHead,
) -> Option<EventFault> {
    let expected = Version::try_from(number).unwrap_or(Version::MAX);
    if event.version != expected {
        let found = event.version;
        return Some(EventFault::Version { expected, found });
    }
    if event.position <= last.position || event.position > head.head.position {
        return Some(EventFault::Position);
    }
    // Events that are neighbours in the log build on one another. (At the beginning, on nothing.)
    if event.position == last.position + 1 && *previous != last.hash {
        return Some(EventFault::Previous);
    }
    if link(previous, event) != event.hash {
        return Some(EventFault::Hash);
    }
    let size = size(head.head.position);
    let proved = verify_inclusion(leaf(event.position), &event.hash, size, proof, &head.root);
    let is_head = event.position == head.head.position;
    if !proved || (is_head && event.hash != head.head.hash) {
        return Some(EventFault::Proof);
    }
    None
}
