//! A head of the log that is signed: how far the log went at a time, and what it was made of until then.
//!
//! It is a [C2SP checkpoint](https://c2sp.org/tlog-checkpoint) with two extension lines:
//!
//! ```text
//! desk.example/log                                  the log's name, and its key's
//! 42                                                the last position: the tree's size
//! CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=      the root of the Merkle tree over the hashes of all events
//! chain 09d1245b29b79ad62091927f345ff064f2e15e5d…   the hash of the last event (`FORMAT.md` of crate eventlog)
//! time 2026-11-23T00:32:35.572Z                     when it was signed, by the signer's clock
//! ```

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use domain::time::Timestamp;
use eventlog::{Head, Position};

use crate::merkle::{self, Hash};
use crate::note::{self, Note, NoteError, Signer, VerifierKey};

/// Most lines after the two extension lines that are known here.
const FURTHER_LINES_MAX: usize = 16;

/// What is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TreeHead {
    /// Which log: the name of the key that signs.
    pub origin: String,
    /// Where the log ends, and the hash of its last event.
    pub head: Head,
    /// The root of the tree over the hashes of all events until then.
    pub root: Hash,
    /// When it was signed.
    pub time: Timestamp,
}

/// Why a signed head is not believed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// It is not signed as it must be.
    #[error(transparent)]
    Note(#[from] NoteError),
    /// It is signed, but it is no head of a log; what is wrong with it.
    #[error("not a head of a log: {0}")]
    Malformed(&'static str),
    /// It is signed, but it is of a log with another name than the key.
    #[error("the head is of another log")]
    Origin,
}

impl TreeHead {
    /// The note that says so, signed. Its origin must be the signer's name.
    pub fn sign(&self, signer: &Signer) -> Result<String, HeadError> {
        if self.origin != signer.key().name() {
            return Err(HeadError::Origin);
        }
        Ok(note::sign(&self.to_string(), signer)?)
    }

    /// The head that a note tells of, if `key` has signed it.
    pub fn open(note: &str, key: &VerifierKey) -> Result<Self, HeadError> {
        let head = Self::parse(Note::parse(note)?.verified(key)?)?;
        if head.origin == key.name() {
            Ok(head)
        } else {
            Err(HeadError::Origin)
        }
    }

    /// The head that a note tells of, whoever has signed it: a claim, not a proof.
    pub fn unverified(note: &Note<'_>) -> Result<Self, HeadError> {
        Self::parse(note.unverified())
    }

    fn parse(text: &str) -> Result<Self, HeadError> {
        let wrong = HeadError::Malformed;
        let mut lines = text
            .strip_suffix('\n')
            .ok_or(wrong("it has no lines"))?
            .split('\n');
        let mut line = || {
            let line = lines.next().filter(|line| !line.is_empty());
            line.ok_or(wrong("a line is missing"))
        };
        let origin = line()?.to_owned();
        let position = position(line()?).ok_or(wrong("the size is not a number"))?;
        let root = STANDARD
            .decode(line()?)
            .ok()
            .and_then(|root| root.try_into().ok());
        let root = root.ok_or(wrong("the root is not a hash"))?;
        let hash = line()?.strip_prefix("chain ").and_then(lower_hex);
        let hash = hash.ok_or(wrong("the chain's line is not one"))?;
        let time = line()?.strip_prefix("time ").and_then(exact_time);
        let time = time.ok_or(wrong("the time's line is not one"))?;
        // Lines that a later version may add.
        let further: Vec<_> = lines.take(FURTHER_LINES_MAX + 1).collect();
        if further.len() > FURTHER_LINES_MAX || further.contains(&"") {
            return Err(wrong("what follows the time is not lines of text"));
        }
        if position == 0 && (hash != Head::EMPTY.hash || root != merkle::empty_root()) {
            return Err(wrong("nothing has a hash other than nothing's"));
        }
        Ok(Self {
            origin,
            head: Head { position, hash },
            root,
            time,
        })
    }
}

/// The text that is signed.
impl fmt::Display for TreeHead {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (root, chain) = (STANDARD.encode(self.root), hex::encode(self.head.hash));
        let Self {
            origin, head, time, ..
        } = self;
        write!(
            f,
            "{origin}\n{}\n{root}\nchain {chain}\ntime {time}\n",
            head.position
        )
    }
}

/// A number from 0 on, as it is written without anything that could be left out.
fn position(text: &str) -> Option<Position> {
    let position: Position = text.parse().ok()?;
    (position >= 0 && position.to_string() == text).then_some(position)
}

fn lower_hex(text: &str) -> Option<Hash> {
    let hash: Hash = hex::decode(text).ok()?.try_into().ok()?;
    (hex::encode(hash) == text).then_some(hash)
}

fn exact_time(text: &str) -> Option<Timestamp> {
    let time = Timestamp::parse(text).ok()?;
    (time.to_string() == text).then_some(time)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer() -> Signer {
        Signer::new("desk.example/log", &[7; 32]).unwrap()
    }

    fn head() -> TreeHead {
        TreeHead {
            origin: "desk.example/log".to_owned(),
            head: Head {
                position: 42,
                hash: [0xab; 32],
            },
            root: [0xcd; 32],
            time: Timestamp::parse("2026-11-23T00:32:35.572Z").unwrap(),
        }
    }

    const TEXT: &str = "desk.example/log\n42\nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc3Nzc0=\n\
                        chain abababababababababababababababababababababababababababababababab\n\
                        time 2026-11-23T00:32:35.572Z\n";

    #[test]
    fn is_written_as_a_checkpoint_and_read_back() {
        assert_eq!(head().to_string(), TEXT);
        let note = head().sign(&signer()).unwrap();
        assert!(note.starts_with(&format!("{TEXT}\n\u{2014} desk.example/log ")));
        assert_eq!(TreeHead::open(&note, signer().key()).unwrap(), head());
        let empty = TreeHead {
            head: Head::EMPTY,
            root: merkle::empty_root(),
            ..head()
        };
        let note = empty.sign(&signer()).unwrap();
        assert_eq!(TreeHead::open(&note, signer().key()).unwrap(), empty);
    }

    #[test]
    fn lines_of_a_later_version_are_passed_over() {
        let note = note::sign(&format!("{TEXT}further 1\n"), &signer()).unwrap();
        assert_eq!(TreeHead::open(&note, signer().key()).unwrap(), head());
    }

    #[test]
    fn another_log_is_told_apart() {
        let other = signer().renamed("other.example").unwrap();
        assert_eq!(head().sign(&other), Err(HeadError::Origin));
        let note = note::sign(TEXT, &other).unwrap();
        assert_eq!(TreeHead::open(&note, other.key()), Err(HeadError::Origin));
        let unsigned = Err(HeadError::Note(NoteError::Unsigned));
        assert_eq!(TreeHead::open(&note, signer().key()), unsigned);
    }

    #[test]
    fn what_is_signed_but_no_head_is_refused() {
        for (from, to) in [
            ("42", "042"),
            ("42", "+42"),
            ("42", "-42"),
            ("42", "4 2"),
            ("42", "9223372036854775808"),
            ("42", "0"),
            ("zc3N", "zc3"),
            ("Nzc0=\n", "Nzc1=\n"),
            ("chain ab", "chain AB"),
            ("chain ab", "chain "),
            ("chain ", "chain  "),
            ("572Z\n", "572Z\n\nx\n"),
            ("time 2026-11-23T00:32:35.572Z\n", ""),
            ("572Z", "57Z"),
            ("572Z", "572+00:00"),
            ("desk.example/log\n", "\n"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            let note = note::sign(&text, &signer()).unwrap();
            let refused = TreeHead::open(&note, signer().key());
            assert!(
                matches!(refused, Err(HeadError::Malformed(_) | HeadError::Note(_))),
                "{text}"
            );
        }
        let long = format!("{TEXT}{}", "more\n".repeat(FURTHER_LINES_MAX + 1));
        let note = note::sign(&long, &signer()).unwrap();
        assert!(TreeHead::open(&note, signer().key()).is_err());
    }
}
