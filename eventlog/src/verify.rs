//! Walking the chain: is the log what it was when it was written?

use std::collections::HashMap;

use deadpool_postgres::Object;
use uuid::Uuid;

use crate::chain::link;
use crate::envelope::{Head, Position, RecordedEvent, Version};
use crate::read::{self, ReadError};

/// Events that are read at once.
const PAGE_EVENTS: usize = 1000;

/// A stretch of the log that is what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many events were checked.
    pub checked: u64,
    /// The last of them (or the starting point, if there was none). Kept somewhere else, it is an anchor: a later
    /// walk with it finds a tail that was cut off or rewritten since.
    pub head: Head,
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There is no event at this position, although there are later ones or an anchor says so.
    #[error("the event is missing")]
    Missing,
    /// The hash is not that of its predecessor and its own content: something before or in it was changed.
    #[error("the hash does not fit")]
    Hash,
    /// The version does not follow that of the stream's previous event.
    #[error("the version is {found} instead of {expected}")]
    Version {
        /// What it must be.
        expected: Version,
        /// What it is.
        found: Version,
    },
    /// The hash is another one than the anchor's: the log was written anew.
    #[error("the hash is not that of the anchor")]
    Anchor,
}

/// Why a stretch of the log could not be verified.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// This event is the first that is not what it must be.
    #[error("position {position}: {fault}")]
    Bad {
        /// Where.
        position: Position,
        /// What.
        fault: Fault,
    },
    /// The log could not be read.
    #[error("the walk was broken off")]
    Read(#[source] ReadError),
}

/// Walks the log from the event after `after` (0: from the beginning) to its end, a page at a time, and checks that
/// positions and versions have no gap and that every hash fits. What was written by then must also agree with the
/// `anchors`: heads that were seen before and kept elsewhere, in any order.
///
/// The event at `after` itself is taken as given, unless it is among the anchors.
pub async fn verify(client: &Object, after: Position, anchors: &[Head]) -> Result<Verified, VerifyError> {
    let mut walk = Verified {
        checked: 0,
        head: start(client, after, anchors).await?,
    };
    loop {
        let page = read::page(client, walk.head.position, PAGE_EVENTS)
            .await
            .map_err(|error| match error {
                ReadError::Damaged { position } => VerifyError::Bad {
                    position,
                    fault: Fault::Missing,
                },
                other => VerifyError::Read(other),
            })?;
        if page.events.is_empty() {
            break;
        }
        let mut versions = versions_before(client, walk.head.position, &page.events).await?;
        for event in &page.events {
            check(&walk.head, event, &mut versions, anchors).map_err(|fault| VerifyError::Bad {
                position: event.position,
                fault,
            })?;
            walk.head = Head {
                position: event.position,
                hash: event.hash,
            };
            walk.checked += 1;
        }
    }
    // A missing row in the middle of a page is found while reading; at its beginning the page is just empty.
    let end = read::head(client).await.map_err(VerifyError::Read)?;
    let known = anchors
        .iter()
        .map(|anchor| anchor.position)
        .max()
        .unwrap_or(0)
        .max(end.position);
    if known > walk.head.position {
        let missing = read::page(client, walk.head.position, 1)
            .await
            .map_err(VerifyError::Read)?
            .events
            .is_empty();
        if missing {
            return Err(VerifyError::Bad {
                position: walk.head.position + 1,
                fault: Fault::Missing,
            });
        }
    }
    Ok(walk)
}

/// The head to start from.
async fn start(client: &Object, after: Position, anchors: &[Head]) -> Result<Head, VerifyError> {
    if after <= 0 {
        return Ok(Head::EMPTY);
    }
    let bad = |fault| VerifyError::Bad {
        position: after,
        fault,
    };
    let page = read::page(client, after - 1, 1)
        .await
        .map_err(VerifyError::Read)?;
    let event = page.events.first().ok_or_else(|| bad(Fault::Missing))?;
    let head = Head {
        position: after,
        hash: event.hash,
    };
    if disagrees(anchors, &head) {
        Err(bad(Fault::Anchor))
    } else {
        Ok(head)
    }
}

/// Checks one event after `previous`, and notes its version.
fn check(
    previous: &Head,
    event: &RecordedEvent,
    versions: &mut HashMap<Uuid, Version>,
    anchors: &[Head],
) -> Result<(), Fault> {
    if link(&previous.hash, event) != event.hash {
        return Err(Fault::Hash);
    }
    let version = versions.entry(event.stream.id).or_insert(0);
    let (expected, found) = (*version + 1, event.version);
    if found != expected {
        return Err(Fault::Version { expected, found });
    }
    *version = found;
    if disagrees(
        anchors,
        &Head {
            position: event.position,
            hash: event.hash,
        },
    ) {
        return Err(Fault::Anchor);
    }
    Ok(())
}

fn disagrees(anchors: &[Head], head: &Head) -> bool {
    anchors
        .iter()
        .any(|anchor| anchor.position == head.position && anchor.hash != head.hash)
}

/// The versions that the streams of a page had before it: what is kept in memory does not grow with the log.
async fn versions_before(
    client: &Object,
    position: Position,
    events: &[std::sync::Arc<RecordedEvent>],
) -> Result<HashMap<Uuid, Version>, VerifyError> {
    let streams: Vec<Uuid> = events.iter().map(|event| event.stream.id).collect();
    read::versions_at(client, position, &streams)
        .await
        .map_err(VerifyError::Read)
}
