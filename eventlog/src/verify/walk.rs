//! One walk along the chain: what has been seen so far, and what was wrong with it.

use std::collections::HashMap;

use uuid::Uuid;

use super::row;
use super::streams::{Misplaced, STREAMS_MAX, Streams};
use super::{Damage, Fault, Verified};
use crate::chain::{Content, link_content};
use crate::envelope::{Hash, Head, Position, Version};
use crate::findings::Findings;

pub(super) struct Walk<'a> {
    checked: u64,
    rows: i64,
    last: Position,
    /// Hash of the last event; unknown behind a gap.
    hash: Option<Hash>,
    pub(super) streams: Streams,
    anchors: HashMap<Position, Vec<Hash>>,
    anchored_until: Position,
    given: &'a [Head],
    findings: Findings<Damage>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(after: Position, hash: Option<Hash>, given: &'a [Head]) -> Self {
        let mut anchors: HashMap<Position, Vec<Hash>> = HashMap::new();
        for anchor in given {
            anchors.entry(anchor.position).or_default().push(anchor.hash);
        }
        let mut walk = Self {
            checked: 0,
            rows: 0,
            last: after,
            hash,
            streams: Streams::new(after, STREAMS_MAX),
            anchored_until: given.iter().map(|anchor| anchor.position).max().unwrap_or(0),
            anchors,
            given,
            findings: Findings::default(),
        };
        match hash {
            Some(hash) => walk.compare_with_anchors(after, None, &hash),
            None => walk.find(after, None, Fault::Missing { count: 1 }),
        }
        walk
    }

    /// The position of the last event that was seen.
    pub(super) fn last(&self) -> Position {
        self.last
    }

    /// Takes in the next row; its position and hash, if it is an event of its own.
    pub(super) fn step(&mut self, bytes: &[u8]) -> Option<Head> {
        self.rows += 1;
        let expected = self.last + 1;
        let Some(position) = row::position(bytes) else {
            self.find(expected, None, Fault::Malformed);
            return None;
        };
        if position < expected {
            self.find(position, None, Fault::Repeated);
            return None;
        }
        self.checked += 1;
        self.last = position;
        if position > expected {
            let count = position - expected;
            self.find(expected, None, Fault::Missing { count });
            self.hash = None;
        }
        if let Some((content, hash)) = row::parse(bytes) {
            self.check(&content, hash);
        } else {
            self.find(position, None, Fault::Malformed);
            self.hash = None;
        }
        self.hash.map(|hash| Head { position, hash })
    }

    fn check(&mut self, content: &Content<'_>, found: Hash) {
        let position = content.position;
        let stream = Uuid::from_bytes(*content.stream);
        if let Some(previous) = &self.hash {
            let expected = link_content(previous, content);
            if expected != found {
                self.find(position, Some(stream), Fault::Hash { expected, found });
            }
        }
        self.hash = Some(found);
        if let Some(misplaced) = self.streams.step(position, stream, content.version) {
            self.find_misplaced(&misplaced);
        }
        if position <= self.anchored_until {
            self.compare_with_anchors(position, Some(stream), &found);
        }
    }

    fn compare_with_anchors(&mut self, position: Position, stream: Option<Uuid>, found: &Hash) {
        let anchors = self.anchors.get(&position).map_or(&[][..], Vec::as_slice);
        let other = anchors.iter().copied().find(|expected| expected != found);
        if let Some(expected) = other {
            let found = *found;
            self.find(position, stream, Fault::Anchor { expected, found });
        }
    }

    /// Judges the events whose streams had to be looked up.
    pub(super) fn settle(&mut self, versions: &HashMap<Uuid, Version>) {
        for misplaced in self.streams.settle(versions) {
            self.find_misplaced(&misplaced);
        }
    }

    /// The log ends here: nothing may be missing before, and no anchor may be beyond.
    pub(super) fn ends_at(&mut self, end: Position) {
        let known = self
            .given
            .iter()
            .map(|anchor| anchor.position)
            .fold(end, Position::max);
        if known > self.last {
            let count = known - self.last;
            self.find(self.last + 1, None, Fault::Missing { count });
        }
    }

    /// There are so many rows, whether or not they were seen on the way.
    pub(super) fn has_counted(&mut self, rows: i64) {
        if rows > self.rows {
            let rows = rows - self.rows;
            self.find(self.last, None, Fault::Outside { rows });
        }
    }

    pub(super) fn into_verified(self) -> Verified {
        Verified {
            checked: self.checked,
            head: Head {
                position: self.last,
                hash: self.hash.unwrap_or(Head::EMPTY.hash),
            },
            findings: self.findings,
        }
    }

    fn find_misplaced(&mut self, misplaced: &Misplaced) {
        let Misplaced {
            position,
            stream,
            expected,
            found,
        } = *misplaced;
        self.find(position, Some(stream), Fault::Version { expected, found });
    }

    fn find(&mut self, position: Position, stream: Option<Uuid>, fault: Fault) {
        self.findings.add(Damage {
            position,
            stream,
            fault,
        });
    }
}
