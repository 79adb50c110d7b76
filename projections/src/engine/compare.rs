//! Comparing two generations of a read model at the same position: every row of every table, both ways.

use eventlog::Position;
use tokio_postgres::{Error as PostgresError, GenericClient};

use super::model::ReadModel;

/// How two generations differ.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The position that both were at.
    pub position: Position,
    /// One entry for each table.
    pub tables: Vec<Difference>,
}

/// How one table differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The table.
    pub table: &'static str,
    /// Rows that only the first generation has.
    pub only_first: i64,
    /// Rows that only the second generation has.
    pub only_second: i64,
}

impl Comparison {
    /// Whether every row is the same.
    pub fn is_equal(&self) -> bool {
        self.tables
            .iter()
            .all(|table| table.only_first == 0 && table.only_second == 0)
    }
}

/// Compares the tables of `model` in two schemas, which are to be at `position` in the snapshot of `client`.
pub async fn compare(
    client: &impl GenericClient,
    model: &dyn ReadModel,
    first: &str,
    second: &str,
    position: Position,
) -> Result<Comparison, PostgresError> {
    let mut tables = Vec::new();
    for table in model.tables() {
        let name = table.name;
        let row = client
            .query_one(
                &format!(
                    "SELECT (SELECT count(*) FROM (TABLE {first}.{name} EXCEPT ALL TABLE {second}.{name}) d),
                            (SELECT count(*) FROM (TABLE {second}.{name} EXCEPT ALL TABLE {first}.{name}) d)"
                ),
                &[],
            )
            .await?;
        tables.push(Difference {
            table: name,
            only_first: row.try_get(0)?,
            only_second: row.try_get(1)?,
        });
    }
    Ok(Comparison { position, tables })
}
