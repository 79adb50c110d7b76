//! Reading events back. Every row is checked on the way: positions and versions follow one another without a gap.

use std::collections::HashMap;
use std::pin::pin;
use std::sync::Arc;

use deadpool_postgres::{Object, Pool};
use domain::time::Timestamp;
use futures::TryStreamExt;
use tokio::time::timeout;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Row};
use uuid::Uuid;

use crate::connection::POOL_WAIT;
use crate::envelope::{Head, Position, RecordedEvent, StreamId, Version};
use crate::sql_time::SqlTime;

/// Most bytes of payload and metadata in one page of the whole log; a page may be shorter because of it.
pub const PAGE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// 0001-01-01T00:00:00Z: no event is older, and Postgres knows of no time that is much older.
const TIME_MIN: Timestamp = Timestamp::from_millis(-62_135_596_800_000);

/// Where a failure of the database came from.
pub(crate) type Source = Box<dyn std::error::Error + Send + Sync>;

/// Why events could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The database is away or did not answer in time.
    #[error("the log cannot be read at the moment")]
    Unavailable(#[source] Source),
    /// The event at this position is missing, or not what must be there. Never passed over: what comes after it
    /// means something else without it.
    #[error("the log is damaged at position {position}")]
    Damaged {
        /// The first position that is not as it must be.
        position: Position,
    },
    /// The log has been closed.
    #[error("the log is closed")]
    Closed,
}

impl From<tokio_postgres::Error> for ReadError {
    fn from(error: tokio_postgres::Error) -> Self {
        Self::Unavailable(Box::new(error))
    }
}

/// A page of the whole log.
pub(crate) struct Page {
    pub(crate) events: Vec<Arc<RecordedEvent>>,
    /// It was cut off at [`PAGE_BYTES_MAX`].
    pub(crate) cut: bool,
}

/// Columns of an event, in the order in which [`event`] reads them.
macro_rules! select_from {
    ($from:literal) => {
        concat!(
            "SELECT position, category, stream, version, event_id, type, schema_version, payload::text, metadata::text, ",
            "recorded_at, command_id, command_index, hash FROM ",
            $from
        )
    };
}

macro_rules! select {
    ($rest:literal) => {
        concat!(select_from!("log.events "), $rest)
    };
}

/// A part of one stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StreamPart {
    /// Which stream.
    pub id: Uuid,
    /// It begins after this version.
    pub after: Version,
    /// It ends with this one.
    pub upto: Version,
}

/// A stream's first event and its last one, which may be the same.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEnds {
    /// The first.
    pub first: RecordedEvent,
    /// The last one so far.
    pub last: RecordedEvent,
}

/// At most `limit` events after a position, in order, without a gap.
pub(crate) async fn page(client: &Object, after: Position, limit: usize) -> Result<Page, ReadError> {
    // Positions have no gaps, so a range says the same as LIMIT; and whatever the table's size was when the
    // statement was planned, a range is looked up in the index.
    let sql = select!("WHERE position > $1 AND position <= $2 ORDER BY position");
    let last = after.saturating_add(i64::try_from(limit).unwrap_or(i64::MAX));
    let statement = client.prepare_cached(sql).await?;
    let mut rows = pin!(client.query_raw(&statement, [&after, &last]).await?);
    let mut page = Page {
        events: Vec::new(),
        cut: false,
    };
    let mut bytes = 0;
    while let Some(row) = rows.try_next().await? {
        let event = event(&row)?;
        let position = after + 1 + i64::try_from(page.events.len()).unwrap_or(i64::MAX);
        if event.position != position {
            return Err(ReadError::Damaged { position });
        }
        bytes += event.payload.len() + event.metadata.len();
        page.events.push(Arc::new(event));
        if bytes > PAGE_BYTES_MAX {
            page.cut = true;
            break;
        }
    }
    Ok(page)
}

/// At most `limit` events of one stream after a version, in order, without a gap.
pub(crate) async fn stream(
    client: &Object,
    stream: &StreamId,
    after: Version,
    limit: usize,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let sql = select!("WHERE stream = $1 AND version > $2 AND category = $3 ORDER BY version LIMIT $4");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    let events = query(
        client,
        sql,
        &[&stream.id, &after, &stream.category.as_ref(), &limit],
    )
    .await?;
    let mut last = (after, 0);
    for event in &events {
        if event.version != last.0 + 1 || event.position <= last.1 {
            return Err(ReadError::Damaged {
                position: event.position,
            });
        }
        last = (event.version, event.position);
    }
    Ok(events)
}

/// Hands the events of several parts of a category's streams to `each`: stream by stream, each in order and whole.
pub(crate) async fn parts(
    client: &Object,
    category: &str,
    parts: &[StreamPart],
    mut each: impl FnMut(RecordedEvent) + Send,
) -> Result<(), ReadError> {
    // OFFSET 0 keeps every part a look-up of its own in the index, whatever the table's size was when the statement was
    // planned.
    let sql = select_from!(
        "unnest($1::uuid[], $2::bigint[], $3::bigint[]) AS part (id, after, upto) CROSS JOIN LATERAL \
         (SELECT * FROM log.events WHERE stream = part.id AND version > part.after AND version <= part.upto \
         AND category = $4 ORDER BY version OFFSET 0) AS events ORDER BY stream, version"
    );
    let ids: Vec<Uuid> = parts.iter().map(|part| part.id).collect();
    let after: Vec<Version> = parts.iter().map(|part| part.after).collect();
    let upto: Vec<Version> = parts.iter().map(|part| part.upto).collect();
    let statement = client.prepare_cached(sql).await?;
    let parameters: [&(dyn ToSql + Sync); 4] = [&ids, &after, &upto, &category];
    let mut rows = pin!(client.query_raw(&statement, parameters).await?);
    let begins: HashMap<Uuid, Version> = parts.iter().map(|part| (part.id, part.after)).collect();
    let mut last: Option<(Uuid, Version)> = None;
    while let Some(row) = rows.try_next().await? {
        let event = event(&row)?;
        let before = match last {
            Some((id, version)) if id == event.stream.id => Some(version),
            Some(_) | None => begins.get(&event.stream.id).copied(),
        };
        if before != Some(event.version - 1) {
            return Err(ReadError::Damaged {
                position: event.position,
            });
        }
        last = Some((event.stream.id, event.version));
        each(event);
    }
    Ok(())
}

/// The first and the last event of each of these streams, as far as they are there.
pub(crate) async fn ends(
    client: &Object,
    category: &str,
    ids: &[Uuid],
) -> Result<Vec<StreamEnds>, ReadError> {
    let sql = select_from!(
        "unnest($1::uuid[]) AS wanted (id) CROSS JOIN LATERAL \
         ((SELECT * FROM log.events WHERE stream = wanted.id AND category = $2 ORDER BY version LIMIT 1) UNION ALL \
         (SELECT * FROM log.events WHERE stream = wanted.id AND category = $2 ORDER BY version DESC LIMIT 1)) \
         AS events ORDER BY stream, version"
    );
    let events = query(client, sql, &[&ids, &category]).await?;
    let mut events = events.into_iter();
    let mut ends = Vec::new();
    while let (Some(first), Some(last)) = (events.next(), events.next()) {
        if first.version != 1 || first.stream != last.stream {
            return Err(ReadError::Damaged {
                position: first.position,
            });
        }
        ends.push(StreamEnds { first, last });
    }
    Ok(ends)
}

/// At most `limit` events of a category after a position, in order.
pub(crate) async fn category(
    client: &Object,
    category: &str,
    after: Position,
    limit: usize,
) -> Result<Vec<RecordedEvent>, ReadError> {
    let sql = select!("WHERE category = $1 AND position > $2 ORDER BY position LIMIT $3");
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    query(client, sql, &[&category, &after, &limit]).await
}

/// The events of one command; none if the log does not know it.
pub(crate) async fn command(client: &Object, command_id: Uuid) -> Result<Vec<RecordedEvent>, ReadError> {
    let sql = select!("WHERE command_id = $1 ORDER BY command_index");
    query(client, sql, &[&command_id]).await
}

/// The events of several commands, each command's in order. For the appender, which has no pooled connection.
pub(crate) async fn commands(client: &Client, ids: &[Uuid]) -> Result<Vec<RecordedEvent>, ReadError> {
    let sql = select!("WHERE command_id = ANY ($1) ORDER BY command_id, command_index");
    client.query(sql, &[&ids]).await?.iter().map(event).collect()
}

/// The largest position of a walk down the powers of two at which the event was recorded at `time` or before it.
///
/// The walk begins at 0 and takes each step whose event is there and not too late: at most as many look-ups of the
/// primary key as a position has bits, however long the log is. What it ends at is certain: that event is not later than
/// `time`, and the next one is, or is not there.
pub(crate) async fn position_at(client: &Object, time: Timestamp) -> Result<Position, ReadError> {
    let sql = "WITH RECURSIVE walk (step, position) AS ( \
               SELECT 1::bigint << 62, 0::bigint \
               UNION ALL SELECT step >> 1, CASE WHEN EXISTS (SELECT FROM log.events e \
               WHERE e.position = walk.position + walk.step AND e.recorded_at <= $1) \
               THEN position + step ELSE position END FROM walk WHERE step > 0) \
               SELECT position FROM walk WHERE step = 0";
    let statement = client.prepare_cached(sql).await?;
    let time = SqlTime(time.max(TIME_MIN));
    let row = client.query_one(&statement, &[&time]).await?;
    Ok(row.try_get(0)?)
}

/// The end of the log.
pub(crate) async fn head(client: &Client) -> Result<Head, ReadError> {
    let sql = "SELECT position, hash FROM log.events ORDER BY position DESC LIMIT 1";
    client
        .query_opt(sql, &[])
        .await?
        .map_or(Ok(Head::EMPTY), |row| head_of(&row, 0))
}

/// Position and hash in two neighbouring columns.
pub(crate) fn head_of(row: &Row, first: usize) -> Result<Head, ReadError> {
    let position = row.try_get(first)?;
    let hash = <[u8; 32]>::try_from(row.try_get::<_, &[u8]>(first + 1)?);
    hash.map(|hash| Head { position, hash })
        .map_err(|_| ReadError::Damaged { position })
}

/// A connection of the pool. All in all within its time limit: each of many dead connections takes a while to be
/// found out.
pub(crate) async fn client(pool: &Pool) -> Result<Object, ReadError> {
    let client = timeout(POOL_WAIT, pool.get())
        .await
        .map_err(|elapsed| ReadError::Unavailable(Box::new(elapsed)))?;
    client.map_err(|error| ReadError::Unavailable(Box::new(error)))
}

/// A row of `log.events` as an event.
fn event(row: &Row) -> Result<RecordedEvent, ReadError> {
    let position = row.try_get(0)?;
    let SqlTime(recorded_at) = row.try_get(9)?;
    Ok(RecordedEvent {
        position,
        stream: StreamId {
            category: row.try_get::<_, String>(1)?.into(),
            id: row.try_get(2)?,
        },
        version: row.try_get(3)?,
        event_id: row.try_get(4)?,
        event_type: row.try_get(5)?,
        schema_version: row.try_get(6)?,
        payload: row.try_get(7)?,
        metadata: row.try_get(8)?,
        recorded_at,
        command_id: row.try_get(10)?,
        command_index: row.try_get(11)?,
        hash: <[u8; 32]>::try_from(row.try_get::<_, &[u8]>(12)?)
            .map_err(|_| ReadError::Damaged { position })?,
    })
}

async fn query(
    client: &Object,
    sql: &str,
    parameters: &[&(dyn ToSql + Sync)],
) -> Result<Vec<RecordedEvent>, ReadError> {
    let statement = client.prepare_cached(sql).await?;
    client
        .query(&statement, parameters)
        .await?
        .iter()
        .map(event)
        .collect()
}
