//! Are the checkpoints where checkpoints can be?

use std::fmt;

use eventlog::{Findings, Position};
use tokio_postgres::Client;

use crate::error::EngineError;

/// A checkpoint that cannot be right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CheckpointFault {
    /// The read model.
    pub name: String,
    /// Where its checkpoint is.
    pub position: Position,
    /// Where the log ends.
    pub head: Position,
}

impl fmt::Display for CheckpointFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, position, head } = self;
        write!(
            f,
            "read model {name} is at {position}, but the log goes from 1 to {head}"
        )
    }
}

/// Whether read models were ever made in this database: they are not in a log that was only just imported.
pub async fn were_made(client: &Client) -> Result<bool, EngineError> {
    let sql = "SELECT to_regclass('read_engine.projections') IS NOT NULL";
    Ok(client.query_one(sql, &[]).await?.try_get(0)?)
}

/// How many checkpoints there are, and those that are before the log's beginning or beyond its end.
pub async fn verify_checkpoints(client: &Client) -> Result<(u64, Findings<CheckpointFault>), EngineError> {
    let sql = "SELECT name, position FROM read_engine.projections
               UNION ALL SELECT name || ', the generation before', position FROM read_engine.previous ORDER BY name";
    let rows = client.query(sql, &[]).await?;
    // Afterwards: the log only grows.
    let head = eventlog::last_position(client).await?;
    let mut findings = Findings::default();
    for row in &rows {
        let position = row.try_get(1)?;
        if !(0..=head).contains(&position) {
            findings.add(CheckpointFault {
                name: row.try_get(0)?,
                position,
                head,
            });
        }
    }
    Ok((rows.len() as u64, findings))
}
