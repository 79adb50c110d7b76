//! Walking the chain: is the log what it was when it was written?

mod row;
mod streams;
mod walk;

use std::collections::HashMap;

use tokio_postgres::Client;
use uuid::Uuid;

use crate::copy_out::{CopyOut, CopyOutError};
use crate::envelope::{Hash, Head, Position, Version};
use crate::findings::Findings;
use crate::read::ReadError;

use walk::Walk;

/// Events that are read by one statement. Short ones, so that the database's old rows are not kept for long.
const STRETCH_EVENTS: usize = 20_000;

/// A stretch of the log that was walked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// How many events were checked.
    pub checked: u64,
    /// The last of them (or the starting point, if there was none). Kept somewhere else, it is an anchor: a later
    /// walk with it finds a tail that was cut off or rewritten since.
    pub head: Head,
    /// What is not as it must be.
    pub findings: Findings<Damage>,
}

/// An event that is not what it must be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Damage {
    /// Where.
    pub position: Position,
    /// The stream, where there is an event that has one.
    pub stream: Option<Uuid>,
    /// What.
    pub fault: Fault,
}

/// What is wrong with an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// There are no events from this position on, although there are later ones or an anchor says so.
    #[error("{} missing", missing(*.count))]
    Missing {
        /// How many are missing in a row.
        count: i64,
    },
    /// There is another event at the same position.
    #[error("a second event has this position")]
    Repeated,
    /// A column has what the log never writes there: nothing, a hash of another length, a time finer than milliseconds.
    #[error("a column holds what the log never writes")]
    Malformed,
    /// The hash is not that of its predecessor and its own content: something before or in it was changed.
    #[error("the hash does not fit")]
    Hash {
        /// What it must be.
        expected: Hash,
        /// What it is.
        found: Hash,
    },
    /// The version does not follow that of the stream's previous event.
    #[error("the version does not follow")]
    Version {
        /// What it must be.
        expected: Version,
        /// What it is.
        found: Version,
    },
    /// The hash is another one than the anchor's: the log was written anew.
    #[error("the hash is not that of the anchor")]
    Anchor {
        /// The anchor's.
        expected: Hash,
        /// What it is.
        found: Hash,
    },
    /// There are rows that stand at no place of the log: before its beginning, or beside another row.
    #[error("{rows} rows stand at no place of the log")]
    Outside {
        /// How many.
        rows: i64,
    },
}

fn missing(count: i64) -> String {
    if count == 1 {
        "the event is".to_owned()
    } else {
        format!("{count} events are")
    }
}

/// Walks the log from the event after `after` (0: from the beginning) to where it ends now, and checks that positions
/// and versions have no gap and that every hash fits. What was written by then must also agree with the `anchors`: heads
/// that were seen before and kept elsewhere, in any order.
///
/// The event at `after` itself is taken as given, unless it is among the anchors. Reads only, and takes no lock that
/// anybody could wait for. `seen` gets each event's position and stored hash, whatever is wrong with it, and where the
/// end is. What is kept in memory does not grow with the log: about 50 MiB at most.
pub async fn verify(
    client: &Client,
    after: Position,
    anchors: &[Head],
    mut seen: impl FnMut(&Head, Position) + Send,
) -> Result<Verified, ReadError> {
    let end = last_position(client).await?;
    let after = after.max(0);
    let mut walk = Walk::new(after, start(client, after).await?, anchors);
    while walk.last() < end {
        let from = walk.last();
        let rows = stretch(client, &mut walk, end, &mut seen).await?;
        let unknown = walk.streams.unknown();
        let versions = if unknown.is_empty() {
            HashMap::new()
        } else {
            versions_at(client, from, &unknown).await?
        };
        walk.settle(&versions);
        if rows < STRETCH_EVENTS {
            break;
        }
    }
    walk.ends_at(end);
    walk.has_counted(count(client, after, end).await?);
    Ok(walk.into_verified())
}

/// The last position of the log; 0 if it is empty.
pub async fn last_position(client: &Client) -> Result<Position, ReadError> {
    let sql = "SELECT position FROM log.events WHERE position > 0 ORDER BY position DESC LIMIT 1";
    let row = client.query_opt(sql, &[]).await?;
    Ok(row.map_or(Ok(0), |row| row.try_get(0))?)
}

/// The hash of the event that the walk starts behind; `None` if there is none.
async fn start(client: &Client, after: Position) -> Result<Option<Hash>, ReadError> {
    if after == 0 {
        return Ok(Some(Head::EMPTY.hash));
    }
    let sql = "SELECT hash FROM log.events WHERE position = $1 LIMIT 1";
    let row = client.query_opt(sql, &[&after]).await?;
    let hash = row.map(|row| row.try_get::<_, Vec<u8>>(0)).transpose()?;
    Ok(hash.and_then(|hash| hash.try_into().ok()))
}

/// Walks at most [`STRETCH_EVENTS`] further; how many rows there were.
async fn stretch(
    client: &Client,
    walk: &mut Walk<'_>,
    end: Position,
    seen: &mut (impl FnMut(&Head, Position) + Send),
) -> Result<usize, ReadError> {
    // A limit, not a range of positions: where many are missing, there would be many empty ranges.
    let sql = format!(
        "COPY (SELECT position, category, stream, version, event_id, type, schema_version, payload, metadata, recorded_at, \
                      command_id, command_index, hash FROM log.events \
               WHERE position > {} AND position <= {end} ORDER BY position LIMIT {STRETCH_EVENTS}) \
         TO STDOUT (FORMAT binary)",
        walk.last()
    );
    let mut rows = CopyOut::start(client, &sql).await?;
    let mut count = 0;
    loop {
        match rows.next().await {
            Ok(Some(row)) => {
                if let Some(head) = walk.step(row) {
                    seen(&head, end);
                }
            }
            Ok(None) => return Ok(count),
            Err(CopyOutError::Database(error)) => return Err(error.into()),
            Err(CopyOutError::Format) => {
                return Err(ReadError::Damaged {
                    position: walk.last() + 1,
                });
            }
        }
        count += 1;
    }
}

/// The versions that streams had at a position; those that began later are not among them.
pub(crate) async fn versions_at(
    client: &Client,
    position: Position,
    streams: &[Uuid],
) -> Result<HashMap<Uuid, Version>, ReadError> {
    let sql = "SELECT wanted.id, last.version FROM (SELECT DISTINCT unnest($1::uuid[]) AS id) wanted \
               CROSS JOIN LATERAL (SELECT version FROM log.events \
               WHERE stream = wanted.id AND position <= $2 ORDER BY version DESC LIMIT 1) last";
    let rows = client.query(sql, &[&streams, &position]).await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}

/// How many rows there are after `after`, or at no place at all, up to `end`.
async fn count(client: &Client, after: Position, end: Position) -> Result<i64, ReadError> {
    let sql = "SELECT (SELECT count(*) FROM log.events WHERE position > $1 AND position <= $2) \
                    + (SELECT count(*) FROM log.events WHERE position <= 0)";
    Ok(client.query_one(sql, &[&after, &end]).await?.try_get(0)?)
}
