//! A row of the log as the walk sees it: bytes that are to be hashed.

use crate::chain::Content;
use crate::copy_out::Fields;
use crate::envelope::{Hash, Position};
use crate::sql_time;

/// How many columns a row has.
const COLUMNS: i16 = 13;

/// The row's position, which is there whatever else is wrong with it.
pub(super) fn position(row: &[u8]) -> Option<Position> {
    Fields::of(row, COLUMNS)?.int8()
}

/// What is hashed, and the hash; `None` if a column holds what the log never writes.
pub(super) fn parse(row: &[u8]) -> Option<(Content<'_>, Hash)> {
    let mut fields = Fields::of(row, COLUMNS)?;
    let content = Content {
        position: fields.int8()?,
        category: fields.field()?,
        stream: fields.field()?.try_into().ok()?,
        version: fields.int8()?,
        event_id: fields.field()?.try_into().ok()?,
        event_type: fields.field()?,
        schema_version: fields.int4()?,
        payload: fields.field()?,
        metadata: fields.field()?,
        recorded_at: {
            let micros = fields.int8()?;
            // Anything finer than milliseconds would not be in the hash.
            if micros.rem_euclid(1_000) != 0 {
                return None;
            }
            sql_time::from_micros(micros)?
        },
        command_id: fields.field()?.try_into().ok()?,
        command_index: fields.int4()?,
    };
    let hash = fields.field()?.try_into().ok()?;
    Some((content, hash))
}
