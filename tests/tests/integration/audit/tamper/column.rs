//! A bit of a value, whatever its type.

use tests::dice::Dice;
use tokio_postgres::{Client, Row};

/// How often another bit is tried where the database refuses a value (it is no JSON, or there is one like it).
const TRIES: usize = 200;

/// A column of a table, and how a row of it is found.
pub(super) struct Cell<'a> {
    pub(super) table: &'a str,
    pub(super) column: &'a str,
    /// `uuid`, `bigint`, …
    pub(super) kind: &'a str,
    /// A condition that one row fulfils.
    pub(super) row: &'a str,
}

impl Cell<'_> {
    /// Flips a bit; what was done.
    pub(super) async fn flip(&self, client: &Client, dice: &mut Dice) -> String {
        let Self {
            table,
            column,
            kind,
            row,
        } = self;
        // Everything can be written as text and read back, times by their milliseconds.
        let get = match *kind {
            "timestamp with time zone" => format!("(extract(epoch FROM {column}) * 1000)::bigint::text"),
            "bytea" => format!("encode({column}, 'hex')"),
            _ => format!("{column}::text"),
        };
        let found: Row = client
            .query_one(&format!("SELECT {get} FROM {table} WHERE {row}"), &[])
            .await
            .unwrap();
        let before: Option<String> = found.get(0);
        for _ in 0..TRIES {
            let Some(after) = flipped(kind, before.as_deref(), dice) else {
                continue;
            };
            let set = match *kind {
                "timestamp with time zone" => "to_timestamp($1::text::numeric / 1000)".to_owned(),
                "bytea" => "decode($1::text, 'hex')".to_owned(),
                kind => format!("$1::text::{kind}"),
            };
            client.batch_execute("SAVEPOINT bit").await.unwrap();
            let sql = format!("UPDATE {table} SET {column} = {set} WHERE {row}");
            match client.execute(&sql, &[&after]).await {
                Ok(1) => return format!("{table}.{column} of {row}: {before:?} becomes {after:?}"),
                Ok(count) => panic!("{sql}: {count} rows"),
                Err(_) => client.batch_execute("ROLLBACK TO bit").await.unwrap(),
            }
        }
        panic!("no bit of {table}.{column} of {row} can be flipped: {before:?}")
    }
}

/// The value with another bit; `None` if that is no value of its kind.
fn flipped(kind: &str, before: Option<&str>, dice: &mut Dice) -> Option<String> {
    let Some(before) = before else {
        // Nothing has no bits: something instead of it.
        return Some(match kind {
            "uuid" => "00000000-0000-4000-8000-000000000001".to_owned(),
            "text" => "x".to_owned(),
            "boolean" => "true".to_owned(),
            _ => "1".to_owned(),
        });
    };
    match kind {
        "boolean" => Some(if before == "true" { "false" } else { "true" }.to_owned()),
        "bigint" | "integer" | "timestamp with time zone" => {
            // As far as all of these reach, and times can be written.
            let bit = 1_i64 << dice.below(if kind == "integer" { 31 } else { 40 });
            Some((before.parse::<i64>().unwrap() ^ bit).to_string())
        }
        "uuid" | "bytea" => {
            let mut bytes = hex::decode(before.replace('-', "")).unwrap();
            flip_one(&mut bytes, dice)?;
            Some(hex::encode(bytes))
        }
        _ => {
            let mut bytes = before.as_bytes().to_vec();
            flip_one(&mut bytes, dice)?;
            String::from_utf8(bytes).ok().filter(|text| !text.contains('\0'))
        }
    }
}

fn flip_one(bytes: &mut [u8], dice: &mut Dice) -> Option<()> {
    if bytes.is_empty() {
        return None;
    }
    let at = dice.below(bytes.len());
    bytes[at] ^= 1 << dice.below(8);
    Some(())
}
