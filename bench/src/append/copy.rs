//! COPY in its binary form: the fastest way into a table that Postgres has.

use std::pin::pin;
use std::time::Instant;

use bytes::{BufMut, Bytes, BytesMut};
use domain::time::Clock;
use eventlog::Append;
use futures::SinkExt;
use ops::clock::SystemClock;
use tokio_postgres::Config;

use crate::database::connect;
use crate::load::count;
use crate::outcome::Outcome;
use crate::tickets::Tickets;

const ROWS: usize = 300_000;
/// How much is sent at once.
const CHUNK_BYTES: usize = 64 * 1024;
/// Microseconds from the Unix epoch to the year 2000, where Postgres' own begins.
const EPOCH_2000_MICROS: i64 = 946_684_800_000_000;

/// Rows in a second, from the first byte to the end of the one commit.
pub(super) async fn measure(database: &Config) -> Outcome<f64> {
    let connection = connect(database).await?;
    let mut tickets = Tickets::new();
    let start = Instant::now();
    let copy = "COPY copied (position, category, stream, version, event_id, type, schema_version, payload, metadata, \
                recorded_at, command_id, command_index, hash) FROM STDIN (FORMAT binary)";
    let mut sink = pin!(connection.client.copy_in::<_, Bytes>(copy).await?);
    let mut buffer = BytesMut::with_capacity(2 * CHUNK_BYTES);
    buffer.put_slice(b"PGCOPY\n\xff\r\n\0");
    buffer.put_i64(0); // flags, and the length of an extension
    for position in 1..=ROWS {
        row(&mut buffer, i64::try_from(position)?, &tickets.append()?)?;
        if buffer.len() >= CHUNK_BYTES {
            sink.send(buffer.split().freeze()).await?;
        }
    }
    buffer.put_i16(-1);
    sink.send(buffer.freeze()).await?;
    let rows = sink.finish().await?;
    let time = start.elapsed();
    assert_eq!(rows, u64::try_from(ROWS)?, "COPY lost rows");
    connection.client.batch_execute("TRUNCATE copied").await?;
    Ok(count(ROWS) / time.as_secs_f64())
}

fn row(buffer: &mut BytesMut, position: i64, append: &Append) -> Outcome<()> {
    let event = &append.events[0];
    let recorded_at = SystemClock.now().as_millis() * 1_000 - EPOCH_2000_MICROS;
    buffer.put_i16(13);
    field(buffer, &position.to_be_bytes())?;
    field(buffer, append.stream.category.as_bytes())?;
    field(buffer, append.stream.id.as_bytes())?;
    field(buffer, &1_i64.to_be_bytes())?;
    field(buffer, event.event_id.as_bytes())?;
    field(buffer, event.event_type.as_bytes())?;
    field(buffer, &event.schema_version.to_be_bytes())?;
    field(buffer, event.payload.as_bytes())?;
    field(buffer, serde_json::to_string(&append.metadata)?.as_bytes())?;
    field(buffer, &recorded_at.to_be_bytes())?;
    field(buffer, append.metadata.command_id.as_bytes())?;
    field(buffer, &0_i32.to_be_bytes())?;
    field(buffer, &[7; 32])
}

fn field(buffer: &mut BytesMut, value: &[u8]) -> Outcome<()> {
    buffer.put_i32(i32::try_from(value.len())?);
    buffer.put_slice(value);
    Ok(())
}
