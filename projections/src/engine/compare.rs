//! Comparing two generations of a read model at the same position: every row of every table, both ways.

use eventlog::Position;
use serde::{Deserialize, Serialize};
use tokio_postgres::{Error as PostgresError, GenericClient};

use super::differences;
use super::model::ReadModel;

/// How two generations differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Comparison {
    /// The position that both were at.
    pub position: Position,
    /// One entry for each table.
    pub tables: Vec<Difference>,
}

/// How one table differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Difference {
    /// The table.
    pub table: String,
    /// Rows that only the first generation has.
    pub only_first: i64,
    /// Rows that only the second generation has.
    pub only_second: i64,
    /// In how many rows each column differs, for rows that both have by their key; those that never do are left out.
    pub columns: Vec<(String, i64)>,
    /// Some of the rows that differ.
    pub samples: Vec<Sample>,
}

/// A row that differs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// Its key: columns and their values.
    pub key: Vec<(String, String)>,
    /// What is different about it.
    pub kind: SampleKind,
}

/// What is different about a row.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum SampleKind {
    /// Only the first generation has it.
    OnlyFirst,
    /// Only the second generation has it.
    OnlySecond,
    /// Both have it, with other values: column, and the beginning of what the first and the second have there.
    Changed(Vec<(String, Option<String>, Option<String>)>),
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
        let mut difference = Difference {
            table: name.to_owned(),
            only_first: row.try_get(0)?,
            only_second: row.try_get(1)?,
            columns: Vec::new(),
            samples: Vec::new(),
        };
        if difference.only_first + difference.only_second > 0 {
            differences::describe(client, &mut difference, first, second).await?;
        }
        tables.push(difference);
    }
    Ok(Comparison { position, tables })
}
