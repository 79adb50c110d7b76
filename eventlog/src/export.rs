//! Reading a long stretch of the log at once, for whoever folds all of it: COPY out, in binary, without the parts of
//! the envelope that a fold does not need. About three times as fast as paging.

use domain::time::Timestamp;
use tokio_postgres::Client;
use uuid::Uuid;

use crate::copy_out::{CopyOut, CopyOutError, Fields};
use crate::envelope::{Position, RecordedEvent, Version};
use crate::read::ReadError;
use crate::sql_time;

/// What a fold needs of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventFacts<'a> {
    /// Its place in the whole log.
    pub position: Position,
    /// The category of its stream.
    pub category: &'a str,
    /// The id of its stream.
    pub stream: Uuid,
    /// Its place in the stream.
    pub version: Version,
    /// Its type.
    pub event_type: &'a str,
    /// Version of the type's payload.
    pub schema_version: i32,
    /// JSON text.
    pub payload: &'a str,
    /// When it was recorded.
    pub recorded_at: Timestamp,
}

impl<'a> From<&'a RecordedEvent> for EventFacts<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        Self {
            position: event.position,
            category: &event.stream.category,
            stream: event.stream.id,
            version: event.version,
            event_type: &event.event_type,
            schema_version: event.schema_version,
            payload: &event.payload,
            recorded_at: event.recorded_at,
        }
    }
}

/// A stretch of the log on its way out of the database, in the order of positions.
pub struct Export {
    rows: CopyOut,
    last: Position,
}

/// Starts to read the events of `categories` whose position is after `after` and not after `until`.
///
/// `client` can do nothing else until the export has come to its end or been dropped. It sees the log as of now.
pub async fn export(
    client: &Client,
    categories: &[&str],
    after: Position,
    until: Position,
) -> Result<Export, ReadError> {
    let categories: Vec<String> = categories.iter().map(|category| quoted(category)).collect();
    let which = format!("category = ANY (ARRAY[{}]::text[])", categories.join(", "));
    start(client, &which, after, until).await
}

/// As [`export`], the events of one type in one category.
pub async fn export_type(
    client: &Client,
    category: &str,
    event_type: &str,
    after: Position,
    until: Position,
) -> Result<Export, ReadError> {
    let which = format!(
        "category = {} AND type = {}",
        quoted(category),
        quoted(event_type)
    );
    start(client, &which, after, until).await
}

async fn start(client: &Client, which: &str, after: Position, until: Position) -> Result<Export, ReadError> {
    let sql = format!(
        "COPY (SELECT position, category, stream, version, type, schema_version, payload, recorded_at FROM log.events
               WHERE position > {after} AND position <= {until} AND {which} ORDER BY position)
         TO STDOUT (FORMAT binary)"
    );
    Ok(Export {
        rows: CopyOut::start(client, &sql).await?,
        last: after,
    })
}

/// As a literal: COPY takes no parameters.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

impl Export {
    /// The next event, or `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<EventFacts<'_>>, ReadError> {
        let damaged = ReadError::Damaged {
            position: self.last + 1,
        };
        match self.rows.next().await {
            Ok(None) => Ok(None),
            Ok(Some(row)) => match event(row) {
                Some(event) if event.position > self.last => {
                    self.last = event.position;
                    Ok(Some(event))
                }
                Some(_) | None => Err(damaged),
            },
            Err(CopyOutError::Database(error)) => Err(error.into()),
            Err(CopyOutError::Format) => Err(damaged),
        }
    }
}

fn event(row: &[u8]) -> Option<EventFacts<'_>> {
    let mut fields = Fields::of(row, 8)?;
    Some(EventFacts {
        position: fields.int8()?,
        category: fields.text()?,
        stream: fields.uuid()?,
        version: fields.int8()?,
        event_type: fields.text()?,
        schema_version: fields.int4()?,
        payload: fields.text()?,
        recorded_at: sql_time::from_micros(fields.int8()?)?,
    })
}
