//! Making a pack.

use domain::time::Timestamp;
use eventlog::{Head, Position, RecordedEvent, link};

use super::statement::{Digested, Statement};
use super::{
    EVENTS, EVIDENCE, EventLine, FORMAT, HEAD, HexHash, LOG_FORMAT, MEMBERS, PACK_CONTENT_BYTES_MAX,
    PACK_EVENTS_MAX, ProvedLine, Subject, TreeHead, archive, page,
};
use crate::merkle::{Hash, Prover};
use crate::note::{self, Signer};

/// Why there is no pack.
#[derive(Debug, thiserror::Error)]
pub enum PackError {
    /// There is nothing to give evidence of.
    #[error("there are no events")]
    Empty,
    /// It would be larger than packs may be.
    #[error("there are more than {PACK_EVENTS_MAX} events or {PACK_CONTENT_BYTES_MAX} bytes of them")]
    TooLarge,
    /// The log itself does not hold at this position: nothing is proved by it. (`audit verify` says more.)
    #[error("the log does not hold at position {position}")]
    Broken {
        /// The first event that is not what it must be.
        position: Position,
    },
    /// The hashes that went by are not those of the head that was signed: nothing is proved under it.
    #[error("the log up to position {position} is not the one whose head was signed")]
    OtherLog {
        /// The head's position.
        position: Position,
    },
    /// It could not be put together.
    #[error("the pack could not be written")]
    Write(#[source] Box<dyn std::error::Error + Send + Sync>),
}

fn unwritten(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> PackError {
    PackError::Write(error.into())
}

/// A pack in the making: the events of one stream, and what is picked up for them while the hashes of the whole log go
/// by. Its memory does not grow with the log.
#[derive(Debug)]
pub struct Gathering {
    events: Vec<RecordedEvent>,
    /// Hash of the event before each of those that went by.
    previous: Vec<Hash>,
    prover: Prover,
    /// What was sworn of the log: the hashes that go by must make this head.
    sworn: TreeHead,
    last: Head,
}

impl Gathering {
    /// Begins with all events that one stream had as of `sworn`, in order. That is a head which whoever makes the pack
    /// has signed after the log was walked: the pack only repeats it.
    pub fn new(events: Vec<RecordedEvent>, sworn: TreeHead) -> Result<Self, PackError> {
        let until = sworn.head.position;
        let Some(first) = events.first() else {
            return Err(PackError::Empty);
        };
        let bytes = |event: &RecordedEvent| event.payload.len() + event.metadata.len();
        if events.len() > PACK_EVENTS_MAX || events.iter().map(bytes).sum::<usize>() > PACK_CONTENT_BYTES_MAX
        {
            return Err(PackError::TooLarge);
        }
        let mut before = 0;
        for (event, version) in events.iter().zip(1..) {
            let fits = event.stream == first.stream
                && event.version == version
                && event.position > before
                && event.position <= until;
            if !fits {
                return Err(PackError::Broken {
                    position: event.position,
                });
            }
            before = event.position;
        }
        let leaves = events.iter().map(|event| leaf(event.position));
        let prover = Prover::inclusion(size(until), leaves).ok_or(PackError::Empty)?;
        Ok(Self {
            events,
            previous: Vec::new(),
            prover,
            sworn,
            last: Head::EMPTY,
        })
    }

    /// Where the log ends for this pack: up to there, all hashes are to be handed in.
    pub const fn until(&self) -> Position {
        self.sworn.head.position
    }

    /// Takes the hash of the next event of the log, from position 1 on.
    pub fn push(&mut self, hash: &Hash) -> Result<(), PackError> {
        let position = self.last.position + 1;
        if let Some(event) = self.events.get(self.previous.len())
            && event.position == position
        {
            if event.hash != *hash || link(&self.last.hash, event) != *hash {
                return Err(PackError::Broken { position });
            }
            self.previous.push(self.last.hash);
        }
        self.prover.push(hash);
        self.last = Head {
            position,
            hash: *hash,
        };
        Ok(())
    }

    /// Puts the pack together, if the hashes make up the head that was sworn, and signs what is said of it at `time`.
    pub fn seal(self, signer: &Signer, time: Timestamp) -> Result<Vec<u8>, PackError> {
        let missing = PackError::Broken {
            position: self.last.position + 1,
        };
        let proofs = self.prover.finish().ok_or(missing)?;
        let head = self.sworn;
        if self.last != head.head || proofs.root != head.root {
            return Err(PackError::OtherLog {
                position: head.head.position,
            });
        }
        let origin = head.origin.clone();
        let mut lines = Vec::new();
        for ((event, previous), path) in self.events.iter().zip(self.previous).zip(proofs.paths) {
            let line = ProvedLine {
                event: EventLine::of(event).ok_or(PackError::Broken {
                    position: event.position,
                })?,
                previous_hash: HexHash(previous),
                proof: path.into_iter().map(HexHash).collect(),
            };
            serde_json::to_writer(&mut lines, &line).map_err(unwritten)?;
            lines.push(b'\n');
        }
        let mut lines = Some(lines);
        let note = head.sign(signer).map_err(unwritten)?;
        let mut contents = MEMBERS.map(|name| match name {
            "FORMAT.md" => FORMAT.into(),
            "LOG-FORMAT.md" => LOG_FORMAT.into(),
            EVENTS => lines.take().unwrap_or_default(),
            HEAD => note.clone().into_bytes(),
            "history.html" => page::history(&head, &self.events).into_bytes(),
            "key.vkey" => format!("{}\n", signer.key()).into_bytes(),
            _ => Vec::new(), // said of all the others, below
        });
        let others = MEMBERS
            .iter()
            .zip(&contents)
            .filter(|(name, _)| **name != EVIDENCE);
        let stream = &self.events[0].stream;
        let statement = Statement {
            origin,
            subject: Subject {
                category: stream.category.to_string(),
                stream: stream.id,
                events: self.events.len() as u64,
            },
            head: self.last,
            time,
            members: others
                .map(|(name, content)| Digested::of(name, content))
                .collect(),
        };
        let said = note::sign(&statement.to_string(), signer).map_err(unwritten)?;
        if let Some(at) = MEMBERS.iter().position(|name| *name == EVIDENCE) {
            contents[at] = said.into_bytes();
        }
        archive::write(&contents).map_err(unwritten)
    }
}

/// The size of the tree over all events up to a position.
pub(super) fn size(until: Position) -> u64 {
    u64::try_from(until).unwrap_or(0)
}

/// The leaf of the event at a position.
pub(super) fn leaf(position: Position) -> u64 {
    u64::try_from(position - 1).unwrap_or(0)
}
