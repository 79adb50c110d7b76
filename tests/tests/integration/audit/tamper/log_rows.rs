//! Tampering with the rows of the log.

use eventlog::{Hash, RecordedEvent, StreamId};
use tests::dice::Dice;
use tokio_postgres::Client;
use uuid::Uuid;

use super::column::Cell;
use super::desk::EVENTS;
use super::{Case, Range};

/// Every column, with its type.
const COLUMNS: &[(&str, &str)] = &[
    ("position", "bigint"),
    ("category", "text"),
    ("stream", "uuid"),
    ("version", "bigint"),
    ("event_id", "uuid"),
    ("type", "text"),
    ("schema_version", "integer"),
    ("payload", "json"),
    ("metadata", "json"),
    ("recorded_at", "timestamp with time zone"),
    ("command_id", "uuid"),
    ("command_index", "integer"),
    ("hash", "bytea"),
];
/// Out of the way of all positions, while two are swapped.
const ASIDE: i64 = 1 << 40;

async fn run(client: &Client, sql: &str) {
    client
        .batch_execute(sql)
        .await
        .unwrap_or_else(|error| panic!("{sql}: {error:?}"));
}

pub(super) async fn flip(client: &Client, Range(first, last): Range, dice: &mut Dice) -> Case {
    let (column, kind) = dice.one_of(COLUMNS);
    let position = dice.from(first, last);
    let row = format!("position = {position}");
    let cell = Cell {
        table: "log.events",
        column,
        kind,
        row: &row,
    };
    Case::at(position, cell.flip(client, dice).await)
}

pub(super) async fn delete(client: &Client, Range(first, last): Range, dice: &mut Dice) -> Case {
    // The very last one would be a cut tail.
    let position = dice.from(first, last - 1);
    run(
        client,
        &format!("DELETE FROM log.events WHERE position = {position}"),
    )
    .await;
    Case::at(position, format!("position {position}"))
}

pub(super) async fn swap(client: &Client, Range(first, last): Range, dice: &mut Dice) -> Case {
    let one = dice.from(first, last - 1);
    let other = dice.from(one + 1, last);
    run(
        client,
        &format!(
            "UPDATE log.events SET position = {ASIDE} WHERE position = {one};
             UPDATE log.events SET position = {one} WHERE position = {other};
             UPDATE log.events SET position = {other} WHERE position = {ASIDE}"
        ),
    )
    .await;
    Case::at(one, format!("positions {one} and {other}"))
}

/// With or without a position of its own.
pub(super) async fn duplicate(client: &Client, dice: &mut Dice) -> String {
    let from = dice.from(1, EVENTS);
    let to = dice.one_of(&[from, EVENTS + 1]);
    run(
        client,
        &format!(
            "ALTER TABLE log.events DROP CONSTRAINT events_pkey, DROP CONSTRAINT events_stream_version_key,
                                    DROP CONSTRAINT events_command_id_command_index_key;
             INSERT INTO log.events SELECT {to}, category, stream, version, event_id, type, schema_version, payload,
                    metadata, recorded_at, command_id, command_index, hash FROM log.events WHERE position = {from}"
        ),
    )
    .await;
    format!("position {from} again at {to}")
}

/// At the end, or somewhere before it, where all later ones make place.
pub(super) async fn insert(client: &Client, dice: &mut Dice) -> String {
    let before_the_end = dice.from(EVENTS - 500, EVENTS);
    let at = dice.one_of(&[EVENTS + 1, before_the_end]);
    run(
        client,
        &format!(
            "UPDATE log.events SET position = position + {ASIDE} WHERE position >= {at};
             UPDATE log.events SET position = position - {ASIDE} + 1 WHERE position >= {ASIDE};
             INSERT INTO log.events SELECT {at}, category, gen_random_uuid(), 1, gen_random_uuid(), type, schema_version,
                    payload, metadata, recorded_at, gen_random_uuid(), 0, sha256(hash) FROM log.events WHERE position = 50"
        ),
    )
    .await;
    format!("at {at}")
}

/// The chain that is left is whole.
pub(super) async fn cut(client: &Client, dice: &mut Dice) -> String {
    let last = EVENTS - dice.from(1, 500);
    run(
        client,
        &format!(
            "DELETE FROM log.events WHERE position > {last};
             DELETE FROM log.signed_heads WHERE position > {last}"
        ),
    )
    .await;
    format!("after {last}")
}

/// By somebody who knows the format: changes an event, and computes every hash from there on anew.
pub(super) async fn write_anew(client: &Client, dice: &mut Dice) -> String {
    let from = dice.from(EVENTS - 200, EVENTS);
    run(
        client,
        &format!(
            "UPDATE log.events SET metadata = '{{\"actor\": \"somebody else\"}}' WHERE position = {from};
             DELETE FROM log.signed_heads WHERE position >= {from}"
        ),
    )
    .await;
    let sql = "SELECT hash FROM log.events WHERE position = $1";
    let before = client.query_one(sql, &[&(from - 1)]).await.unwrap();
    let mut hash: Hash = before.get::<_, &[u8]>(0).try_into().unwrap();
    let sql = "SELECT position, category, stream, version, event_id, type, schema_version, payload::text, metadata::text,
                      (extract(epoch FROM recorded_at) * 1000)::bigint, command_id, command_index
                 FROM log.events WHERE position >= $1 ORDER BY position";
    for row in client.query(sql, &[&from]).await.unwrap() {
        let event = RecordedEvent {
            position: row.get(0),
            stream: StreamId {
                category: row.get::<_, String>(1).into(),
                id: row.get::<_, Uuid>(2),
            },
            version: row.get(3),
            event_id: row.get(4),
            event_type: row.get(5),
            schema_version: row.get(6),
            payload: row.get(7),
            metadata: row.get(8),
            recorded_at: domain::time::Timestamp::from_millis(row.get(9)),
            command_id: row.get(10),
            command_index: row.get(11),
            hash,
        };
        hash = eventlog::link(&hash, &event);
        let update = "UPDATE log.events SET hash = $2 WHERE position = $1";
        client
            .execute(update, &[&event.position, &hash.as_slice()])
            .await
            .unwrap();
    }
    format!("from {from} on")
}
