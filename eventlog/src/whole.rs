//! The whole log on its way out of the database, event by event or hash by hash, for whoever copies or proves all of it.

use crate::copy_out::{CopyOut, CopyOutError, Fields};
use crate::envelope::{Hash, Position, RecordedEvent, StreamId};
use crate::read::ReadError;
use crate::reader::Reader;
use crate::sql_time;

/// Events that are read by one statement. Short ones, so that a slow taker does not make the database keep old rows.
const STRETCH_EVENTS: i64 = 20_000;

/// All events of a stretch of the log, whole, in order and without a gap.
pub struct WholeEvents {
    stretches: Stretches,
}

/// The hashes of all events of a stretch of the log, in order and without a gap.
pub struct Hashes {
    stretches: Stretches,
}

impl WholeEvents {
    /// The events after `after` up to `until`, which the log has reached.
    pub fn new(reader: Reader, after: Position, until: Position) -> Self {
        let columns = "position, category, stream, version, event_id, type, schema_version, payload, metadata, \
                       recorded_at, command_id, command_index, hash";
        Self {
            stretches: Stretches::new(reader, columns, after, until),
        }
    }

    /// The next event, or `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<RecordedEvent>, ReadError> {
        self.stretches.next(event).await
    }
}

impl Hashes {
    /// The hashes of the events after `after` up to `until`, which the log has reached.
    pub fn new(reader: Reader, after: Position, until: Position) -> Self {
        Self {
            stretches: Stretches::new(reader, "position, hash", after, until),
        }
    }

    /// The next hash, or `None` after the last one.
    pub async fn next(&mut self) -> Result<Option<Hash>, ReadError> {
        let hash = |row: &[u8]| {
            let mut fields = Fields::of(row, 2)?;
            Some((fields.int8()?, fields.field()?.try_into().ok()?))
        };
        self.stretches.next(hash).await
    }
}

/// One COPY after the other.
struct Stretches {
    reader: Reader,
    columns: &'static str,
    rows: Option<CopyOut>,
    last: Position,
    until: Position,
}

impl Stretches {
    fn new(reader: Reader, columns: &'static str, after: Position, until: Position) -> Self {
        Self {
            reader,
            columns,
            rows: None,
            last: after.max(0),
            until,
        }
    }

    /// The next row, as `parse` reads it: its position and what is wanted of it. A row that is missing is damage.
    async fn next<T>(
        &mut self,
        parse: impl Fn(&[u8]) -> Option<(Position, T)>,
    ) -> Result<Option<T>, ReadError> {
        let damaged = ReadError::Damaged {
            position: self.last + 1,
        };
        let mut fresh = false;
        while self.last < self.until {
            let rows = match &mut self.rows {
                Some(rows) => rows,
                none => {
                    let to = self.until.min(self.last.saturating_add(STRETCH_EVENTS));
                    let sql = format!(
                        "COPY (SELECT {} FROM log.events WHERE position > {} AND position <= {to} ORDER BY position) \
                         TO STDOUT (FORMAT binary)",
                        self.columns, self.last
                    );
                    fresh = true;
                    none.insert(CopyOut::start(&self.reader, &sql).await?)
                }
            };
            let row = rows.next().await.map_err(|error| match error {
                CopyOutError::Database(error) => error.into(),
                CopyOutError::Format => ReadError::Damaged {
                    position: self.last + 1,
                },
            })?;
            match row.map(&parse) {
                Some(Some((position, wanted))) if position == self.last + 1 => {
                    self.last = position;
                    return Ok(Some(wanted));
                }
                Some(_) => return Err(damaged),
                // A stretch that begins with nothing, although the log is longer.
                None if fresh => return Err(damaged),
                None => self.rows = None,
            }
        }
        Ok(None)
    }
}

/// A row as an event; `None` if a column holds what the log never writes.
fn event(row: &[u8]) -> Option<(Position, RecordedEvent)> {
    let mut fields = Fields::of(row, 13)?;
    let position = fields.int8()?;
    let event = RecordedEvent {
        position,
        stream: StreamId {
            category: fields.text()?.to_owned().into(),
            id: fields.uuid()?,
        },
        version: fields.int8()?,
        event_id: fields.uuid()?,
        event_type: fields.text()?.to_owned(),
        schema_version: fields.int4()?,
        payload: fields.text()?.to_owned(),
        metadata: fields.text()?.to_owned(),
        recorded_at: {
            let micros = fields.int8()?;
            // Anything finer than milliseconds would be lost.
            if micros.rem_euclid(1_000) != 0 {
                return None;
            }
            sql_time::from_micros(micros)?
        },
        command_id: fields.uuid()?,
        command_index: fields.int4()?,
        hash: fields.field()?.try_into().ok()?,
    };
    Some((position, event))
}
