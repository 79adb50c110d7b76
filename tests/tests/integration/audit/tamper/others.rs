//! Tampering with signed heads, read models and checkpoints.

use projections::registry;
use tests::dice::Dice;
use tokio_postgres::Client;

use super::column::Cell;
use super::desk::EVENTS;

pub(super) async fn flip_head(client: &Client, dice: &mut Dice) -> String {
    let heads = client
        .query("SELECT position FROM log.signed_heads ORDER BY position", &[])
        .await
        .unwrap();
    let position: i64 = heads[dice.below(heads.len())].get(0);
    let row = format!("position = {position}");
    let cell = Cell {
        table: "log.signed_heads",
        column: "note",
        kind: "text",
        row: &row,
    };
    cell.flip(client, dice).await
}

/// A table of a read model that has rows, and one of its rows.
async fn row(client: &Client, dice: &mut Dice) -> (String, String) {
    loop {
        let models = registry::read_models();
        let model = &models[dice.below(models.len())];
        let table = model.tables()[dice.below(model.tables().len())].name;
        let table = format!("read_{}.{table}", model.name());
        let count = format!("SELECT count(*) FROM {table}");
        let count: i64 = client.query_one(&count, &[]).await.unwrap().get(0);
        if count == 0 {
            continue;
        }
        let at = dice.from(0, count - 1);
        let sql = format!("SELECT ctid::text FROM {table} ORDER BY ctid OFFSET {at} LIMIT 1");
        let ctid: String = client.query_one(&sql, &[]).await.unwrap().get(0);
        return (table, format!("ctid = '{ctid}'"));
    }
}

/// Any column of it that has bits.
pub(super) async fn change_row(client: &Client, dice: &mut Dice) -> String {
    let (table, row) = row(client, dice).await;
    let sql = "SELECT attname::text, format_type(atttypid, NULL) FROM pg_attribute
                WHERE attrelid = $1::text::regclass AND attnum > 0 AND NOT attisdropped
                  AND format_type(atttypid, NULL) IN ('uuid', 'bigint', 'integer', 'text', 'boolean')
                ORDER BY attnum";
    let columns = client.query(sql, &[&table]).await.unwrap();
    loop {
        let column = &columns[dice.below(columns.len())];
        let (column, kind): (String, String) = (column.get(0), column.get(1));
        let empty = format!("SELECT coalesce({column}::text, 'x') = '' FROM {table} WHERE {row}");
        if client.query_one(&empty, &[]).await.unwrap().get(0) {
            continue;
        }
        let cell = Cell {
            table: &table,
            column: &column,
            kind: &kind,
            row: &row,
        };
        return cell.flip(client, dice).await;
    }
}

pub(super) async fn delete_row(client: &Client, dice: &mut Dice) -> String {
    let (table, row) = row(client, dice).await;
    let sql = format!("DELETE FROM {table} WHERE {row}");
    assert_eq!(client.execute(&sql, &[]).await.unwrap(), 1);
    sql
}

/// Without the key that would keep it out.
pub(super) async fn repeat_row(client: &Client, dice: &mut Dice) -> String {
    let (table, row) = row(client, dice).await;
    let sql = "SELECT conname::text FROM pg_constraint WHERE conrelid = $1::text::regclass AND contype IN ('p', 'u', 'x')";
    for constraint in client.query(sql, &[&table]).await.unwrap() {
        let name: String = constraint.get(0);
        let drop = format!("ALTER TABLE {table} DROP CONSTRAINT {name}");
        client.batch_execute(&drop).await.unwrap();
    }
    let sql = format!("INSERT INTO {table} SELECT * FROM {table} WHERE {row}");
    assert_eq!(client.execute(&sql, &[]).await.unwrap(), 1);
    sql
}

async fn checkpoint(client: &Client, name: &str, position: i64) -> String {
    let sql = "UPDATE read_engine.projections SET position = $2 WHERE name = $1";
    assert_eq!(client.execute(sql, &[&name, &position]).await.unwrap(), 1);
    format!("{name} to {position}")
}

pub(super) async fn checkpoint_beyond(client: &Client, dice: &mut Dice) -> String {
    let models = registry::read_models();
    let name = models[dice.below(models.len())].name();
    let position = EVENTS + dice.one_of(&[1, 2, 1_000, 1 << 40]);
    checkpoint(client, name, position).await
}

/// Behind an event that the tables have already: where they have none since, they are right at either place.
pub(super) async fn checkpoint_back(client: &Client, dice: &mut Dice) -> String {
    let models = registry::read_models();
    let model = &models[dice.below(models.len())];
    let sql = "SELECT max(position) FROM log.events WHERE category = ANY ($1)";
    let categories: Vec<&str> = model.categories().to_vec();
    let last: i64 = client.query_one(sql, &[&categories]).await.unwrap().get(0);
    let position = dice.from(0, last - 1);
    checkpoint(client, model.name(), position).await
}
