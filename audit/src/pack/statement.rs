//! `evidence.note`: what whoever made a pack says of it, and signs. Without it, the last events of a pack could be left
//! out, or the page for people be another, and nobody could tell.

use std::fmt;

use domain::time::Timestamp;
use eventlog::Head;
use sha2::{Digest, Sha256};

use super::{EVIDENCE, MEMBERS, Subject};
use crate::line::parse_hash;
use crate::merkle::Hash;

/// The first line: the purpose, so that nothing else that is signed can be passed off as this.
const TAG: &str = "informejo/evidence/v1";

/// What is said of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Statement {
    /// The log's name.
    pub(super) origin: String,
    /// Whose events these are, and how many.
    pub(super) subject: Subject,
    /// As of when in the log they are all of them.
    pub(super) head: Head,
    /// When it was said.
    pub(super) time: Timestamp,
    /// The other members of the pack, in order.
    pub(super) members: Vec<Digested>,
}

/// A member of a pack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Digested {
    name: String,
    bytes: usize,
    sha256: Hash,
}

impl Digested {
    pub(super) fn of(name: &str, content: &[u8]) -> Self {
        Self {
            name: name.to_owned(),
            bytes: content.len(),
            sha256: Sha256::digest(content).into(),
        }
    }
}

impl Statement {
    /// Reads the text of a note that was verified. What is wrong with it, otherwise.
    pub(super) fn parse(text: &str) -> Result<Self, &'static str> {
        let mut lines = text.strip_suffix('\n').ok_or("it has no lines")?.split('\n');
        let mut line = |prefix: &'static str| lines.next()?.strip_prefix(prefix);
        if line(TAG) != Some("") {
            return Err("it is no statement about evidence");
        }
        let origin = line("").ok_or("it names no log")?.to_owned();
        let subject = line("stream ").and_then(|line| line.split_once(' '));
        let (category, stream) = subject.ok_or("it names no stream")?;
        let stream = stream.parse().map_err(|_| "it names no stream")?;
        let events = line("events ").and_then(number).ok_or("it counts no events")?;
        let head = line("head ").and_then(head).ok_or("it names no head")?;
        let time = line("time ").and_then(|time| time.parse().ok());
        let time = time.ok_or("it has no time")?;
        let members = lines.map(|line| member(line.strip_prefix("file ")?));
        let members: Vec<_> = members
            .take(MEMBERS.len() + 1)
            .collect::<Option<_>>()
            .ok_or("it names no files")?;
        let statement = Self {
            origin,
            subject: Subject {
                category: category.to_owned(),
                stream,
                events,
            },
            head,
            time,
            members,
        };
        let names = statement.members.iter().map(|member| member.name.as_str());
        if !names.eq(others()) {
            return Err("it is about other files than those of a pack");
        }
        // Whatever is written in another way than it would be is not what was meant.
        if statement.to_string() == text {
            Ok(statement)
        } else {
            Err("it is not written as it must be")
        }
    }
}

/// The members that a statement is about.
pub(super) fn others() -> impl Iterator<Item = &'static str> {
    MEMBERS.into_iter().filter(|name| *name != EVIDENCE)
}

impl fmt::Display for Statement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Subject {
            category,
            stream,
            events,
        } = &self.subject;
        writeln!(
            f,
            "{TAG}\n{}\nstream {category} {stream}\nevents {events}",
            self.origin
        )?;
        let Head { position, hash } = &self.head;
        writeln!(f, "head {position} {}\ntime {}", hex::encode(hash), self.time)?;
        for Digested { name, bytes, sha256 } in &self.members {
            writeln!(f, "file {name} {bytes} {}", hex::encode(sha256))?;
        }
        Ok(())
    }
}

fn number<T: std::str::FromStr>(text: &str) -> Option<T> {
    text.parse().ok()
}

fn head(text: &str) -> Option<Head> {
    let (position, hash) = text.split_once(' ')?;
    Some(Head {
        position: number(position)?,
        hash: parse_hash(hash)?,
    })
}

fn member(text: &str) -> Option<Digested> {
    let mut parts = text.split(' ');
    let (name, bytes, sha256) = (parts.next()?, parts.next()?, parts.next()?);
    if parts.next().is_some() {
        return None;
    }
    Some(Digested {
        name: name.to_owned(),
        bytes: number(bytes)?,
        sha256: parse_hash(sha256)?,
    })
}
