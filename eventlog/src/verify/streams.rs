//! The versions that streams have come to on a walk, in bounded memory.

use std::collections::HashMap;

use uuid::Uuid;

use crate::envelope::{Position, Version};

/// Most streams whose versions are kept in memory: about 50 MiB. Beyond it they are forgotten, and looked up where they
/// come again.
pub(super) const STREAMS_MAX: usize = 1 << 20;

/// A version that is not the one that must come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Misplaced {
    pub(super) position: Position,
    pub(super) stream: Uuid,
    pub(super) expected: Version,
    pub(super) found: Version,
}

/// What the last version of each stream was.
pub(super) struct Streams {
    last: HashMap<Uuid, Version>,
    /// Every stream of the walk so far is in `last`, and the walk began at the beginning.
    complete: bool,
    /// Events since the last look-up whose stream is not known.
    waiting: Vec<(Position, Uuid, Version)>,
    max: usize,
}

impl Streams {
    pub(super) fn new(after: Position, max: usize) -> Self {
        Self {
            last: HashMap::new(),
            complete: after == 0,
            waiting: Vec::new(),
            max,
        }
    }

    /// Takes in the next event's version.
    pub(super) fn step(&mut self, position: Position, stream: Uuid, found: Version) -> Option<Misplaced> {
        let last = match self.last.get_mut(&stream) {
            Some(last) => last,
            None if self.complete => self.last.entry(stream).or_insert(0),
            None => {
                self.waiting.push((position, stream, found));
                return None;
            }
        };
        // An event that is out of place is told once: those after it are judged by it.
        let expected = std::mem::replace(last, found) + 1;
        (expected != found).then_some(Misplaced {
            position,
            stream,
            expected,
            found,
        })
    }

    /// The streams that must be looked up: what their version was before the stretch that has been walked.
    pub(super) fn unknown(&self) -> Vec<Uuid> {
        self.waiting.iter().map(|(_, stream, _)| *stream).collect()
    }

    /// Judges the events that waited; `versions` has what was looked up. Then forgets streams if there are too many.
    pub(super) fn settle(&mut self, versions: &HashMap<Uuid, Version>) -> Vec<Misplaced> {
        let waiting = std::mem::take(&mut self.waiting);
        for (_, stream, _) in &waiting {
            self.last
                .entry(*stream)
                .or_insert_with(|| versions.get(stream).copied().unwrap_or(0));
        }
        let misplaced = waiting
            .into_iter()
            .filter_map(|(position, stream, found)| self.step(position, stream, found))
            .collect();
        self.forget_if_many();
        misplaced
    }

    fn forget_if_many(&mut self) {
        if self.last.len() > self.max {
            self.last.clear();
            self.complete = false;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stream(number: u128) -> Uuid {
        Uuid::from_u128(number)
    }

    #[test]
    fn a_version_that_does_not_follow_is_told_once() {
        let mut streams = Streams::new(0, 10);
        let found: Vec<_> = [1, 2, 4, 5, 5]
            .into_iter()
            .zip(1..)
            .filter_map(|(version, position)| streams.step(position, stream(1), version))
            .map(|misplaced| (misplaced.position, misplaced.expected, misplaced.found))
            .collect();
        assert_eq!(found, [(3, 3, 4), (5, 6, 5)]);
    }

    #[test]
    fn streams_that_were_forgotten_are_looked_up() {
        let mut streams = Streams::new(0, 2);
        for number in 1..=3 {
            assert_eq!(streams.step(1, stream(number), 1), None);
        }
        streams.forget_if_many();
        assert_eq!(streams.step(4, stream(1), 2), None);
        assert_eq!(streams.step(5, stream(2), 1), None);
        assert_eq!(streams.step(6, stream(1), 3), None);
        assert_eq!(streams.unknown(), [stream(1), stream(2), stream(1)]);
        let misplaced = streams.settle(&HashMap::from([(stream(1), 1), (stream(2), 1)]));
        assert_eq!(
            misplaced,
            [Misplaced {
                position: 5,
                stream: stream(2),
                expected: 2,
                found: 1
            }]
        );
        assert!(streams.unknown().is_empty());
    }

    #[test]
    fn a_walk_that_begins_later_looks_everything_up() {
        let mut streams = Streams::new(10, 10);
        assert_eq!(streams.step(11, stream(1), 7), None);
        assert_eq!(streams.step(12, stream(2), 1), None);
        assert_eq!(streams.settle(&HashMap::from([(stream(1), 6)])), []);
        assert_eq!(streams.step(13, stream(1), 8), None);
        assert!(streams.unknown().is_empty());
    }
}
