//! What is different about a table that is not the same in two generations: in which columns, and some of the rows.

use tokio_postgres::{Error as PostgresError, GenericClient};

use super::compare::{Difference, Sample, SampleKind};

/// Most rows that are shown of a table.
const SAMPLES_MAX: i64 = 10;
/// Most characters that are shown of a value.
const VALUE_CHARS_MAX: usize = 120;

/// Fills in columns and samples. Of a table without a primary key nothing more can be said than how many rows differ.
pub(crate) async fn describe(
    client: &impl GenericClient,
    difference: &mut Difference,
    first: &str,
    second: &str,
) -> Result<(), PostgresError> {
    let table = difference.table.clone();
    let columns = columns(client, &format!("{first}.{table}")).await?;
    let (keys, values): (Vec<_>, Vec<_>) = columns.into_iter().partition(|(_, key)| *key);
    let names =
        |columns: Vec<(String, bool)>| -> Vec<String> { columns.into_iter().map(|(name, _)| name).collect() };
    let (keys, values) = (names(keys), names(values));
    let Some(key) = keys.first() else { return Ok(()) };
    let same: Vec<String> = keys.iter().map(|key| format!("f.{key} = s.{key}")).collect();
    let both = format!(
        "{first}.{table} f FULL JOIN {second}.{table} s ON {} WHERE f IS DISTINCT FROM s",
        same.join(" AND ")
    );
    let counts: Vec<String> = values
        .iter()
        .map(|value| {
            format!(
                "count(*) FILTER (WHERE f.{key} IS NOT NULL AND s.{key} IS NOT NULL AND f.{value} IS DISTINCT FROM s.{value})"
            )
        })
        .collect();
    if !counts.is_empty() {
        let row = client
            .query_one(&format!("SELECT {} FROM {both}", counts.join(", ")), &[])
            .await?;
        for (place, value) in values.iter().enumerate() {
            let rows: i64 = row.try_get(place)?;
            if rows > 0 {
                difference.columns.push((value.clone(), rows));
            }
        }
    }
    difference.samples = samples(client, &both, &keys, &values).await?;
    Ok(())
}

async fn samples(
    client: &impl GenericClient,
    both: &str,
    keys: &[String],
    values: &[String],
) -> Result<Vec<Sample>, PostgresError> {
    let mut wanted: Vec<String> = vec![format!("f.{} IS NULL", keys[0]), format!("s.{} IS NULL", keys[0])];
    wanted.extend(keys.iter().map(|key| format!("coalesce(f.{key}, s.{key})::text")));
    for value in values {
        wanted.push(format!("f.{value} IS DISTINCT FROM s.{value}"));
        wanted.extend(["f", "s"].map(|side| format!("left({side}.{value}::text, {VALUE_CHARS_MAX})")));
    }
    let order: Vec<String> = (0..keys.len()).map(|place| (place + 3).to_string()).collect();
    let sql = format!(
        "SELECT {} FROM {both} ORDER BY {} LIMIT {SAMPLES_MAX}",
        wanted.join(", "),
        order.join(", ")
    );
    let mut samples = Vec::new();
    for row in client.query(&sql, &[]).await? {
        let mut key = Vec::new();
        for (place, name) in keys.iter().enumerate() {
            key.push((name.clone(), row.try_get(place + 2)?));
        }
        let kind = match (row.try_get(0)?, row.try_get(1)?) {
            (true, _) => SampleKind::OnlySecond,
            (_, true) => SampleKind::OnlyFirst,
            (false, false) => {
                let mut changed = Vec::new();
                for (place, name) in values.iter().enumerate() {
                    let at = 2 + keys.len() + 3 * place;
                    if row.try_get(at)? {
                        changed.push((name.clone(), row.try_get(at + 1)?, row.try_get(at + 2)?));
                    }
                }
                SampleKind::Changed(changed)
            }
        };
        samples.push(Sample { key, kind });
    }
    Ok(samples)
}

/// The columns of a table, and whether each is part of its primary key.
async fn columns(client: &impl GenericClient, table: &str) -> Result<Vec<(String, bool)>, PostgresError> {
    let rows = client
        .query(
            "SELECT quote_ident(a.attname), coalesce(a.attnum = ANY (i.indkey), false)
             FROM pg_catalog.pg_attribute a
             LEFT JOIN pg_catalog.pg_index i ON i.indrelid = a.attrelid AND i.indisprimary
             WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped ORDER BY a.attnum",
            &[&table],
        )
        .await?;
    rows.iter()
        .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
        .collect()
}
