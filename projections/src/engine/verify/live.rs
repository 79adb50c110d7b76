//! The live generation as it is at one moment.

use std::collections::HashMap;

use eventlog::{CopyOut, CopyOutError, Position, Version};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Error as PostgresError};
use uuid::Uuid;

use super::Divergence;
use crate::engine::model::ReadModel;
use crate::engine::shape::shape;
use crate::engine::slot::live_schema;
use crate::error::EngineError;

/// How often it is tried to see one generation from beginning to end.
const TRIES: usize = 3;

/// Whose the transaction is in which the tables are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Snapshot {
    /// Begun and ended here, each time that the tables are looked at.
    Own,
    /// The caller has begun it, and ends it.
    Callers,
}

/// What is known of the live generation.
#[derive(Debug)]
pub(super) struct Live {
    pub(super) generation: i64,
    pub(super) position: Position,
    /// The streams that wait, and the version of the event that each waits at.
    pub(super) parked: HashMap<Uuid, Version>,
    /// Tables that could not be read.
    pub(super) unreadable: Vec<&'static str>,
}

/// What a look at the live generation came to.
pub(super) enum Look {
    At(Live),
    /// There is nothing to compare.
    Nothing(Divergence),
}

/// What takes the rows of the live tables.
pub(super) trait Rows: Send {
    /// Forgets those it has: they are read again.
    fn restart(&mut self);

    /// Takes a row of the table with this place among the model's.
    fn row(&mut self, table: usize, row: &[u8]);
}

/// Reads the live tables.
pub(super) async fn look(
    client: &Client,
    model: &dyn ReadModel,
    snapshot: Snapshot,
    rows: &mut dyn Rows,
) -> Result<Look, EngineError> {
    if snapshot == Snapshot::Callers {
        return once(client, model, rows).await;
    }
    for _ in 0..TRIES {
        rows.restart();
        client
            .batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            .await?;
        let looked = once(client, model, rows).await;
        let end = if looked.is_ok() { "COMMIT" } else { "ROLLBACK" };
        client.batch_execute(end).await?;
        let look = looked?;
        // A snapshot shows old rows, but names mean what they mean now: if the generations were swapped in between, the
        // checkpoint is of one and the rows are of the other.
        match &look {
            Look::At(live) if generation(client, model).await? != Some(live.generation) => {}
            Look::At(_) | Look::Nothing(_) => return Ok(look),
        }
    }
    Ok(Look::Nothing(Divergence::Unsteady))
}

async fn generation(client: &Client, model: &dyn ReadModel) -> Result<Option<i64>, PostgresError> {
    let sql = "SELECT generation FROM read_engine.projections WHERE name = $1";
    let row = client.query_opt(sql, &[&model.name()]).await?;
    row.map(|row| row.try_get(0)).transpose()
}

async fn once(client: &Client, model: &dyn ReadModel, rows: &mut dyn Rows) -> Result<Look, EngineError> {
    let sql = "SELECT generation, position, version, coalesce(shape, '') FROM read_engine.projections WHERE name = $1";
    let Some(row) = client.query_opt(sql, &[&model.name()]).await? else {
        return Ok(Look::Nothing(Divergence::NotMade));
    };
    let (version, made_by): (i32, String) = (row.try_get(2)?, row.try_get(3)?);
    if version != model.version() || made_by != shape(model) {
        return Ok(Look::Nothing(Divergence::OtherVersion));
    }
    let mut live = Live {
        generation: row.try_get(0)?,
        position: row.try_get(1)?,
        parked: HashMap::new(),
        unreadable: Vec::new(),
    };
    let sql = "SELECT stream, version FROM read_engine.parked WHERE name = $1 AND generation = $2";
    for row in client.query(sql, &[&model.name(), &live.generation]).await? {
        live.parked.insert(row.try_get(0)?, row.try_get(1)?);
    }
    for (place, table) in model.tables().iter().enumerate() {
        client.batch_execute("SAVEPOINT look").await?;
        let sql = format!(
            "COPY {}.{} TO STDOUT (FORMAT binary)",
            live_schema(model.name()),
            table.name
        );
        match copy(client, &sql, place, rows).await {
            Ok(()) => client.batch_execute("RELEASE look").await?,
            Err(CopyOutError::Database(error)) if !error.code().is_some_and(is_of_the_table) => {
                return Err(error.into());
            }
            Err(CopyOutError::Database(_) | CopyOutError::Format) => {
                client.batch_execute("ROLLBACK TO look; RELEASE look").await?;
                live.unreadable.push(table.name);
            }
        }
    }
    Ok(Look::At(live))
}

async fn copy(client: &Client, sql: &str, table: usize, rows: &mut dyn Rows) -> Result<(), CopyOutError> {
    let mut copy = CopyOut::start(client, sql).await?;
    while let Some(row) = copy.next().await? {
        rows.row(table, row);
    }
    Ok(())
}

/// Missing tables, columns, schemas and rights.
fn is_of_the_table(state: &SqlState) -> bool {
    ["42", "3F"].iter().any(|class| state.code().starts_with(class))
}
