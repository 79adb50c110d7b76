//! The engine's own tables (schema `read_engine`) and the schemas of the read models. Made by the program itself, by
//! whichever node comes first: `migrations/` knows nothing of them, and all of them can be dropped and made again.

use std::fmt::Write as _;
use std::sync::Arc;

use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Error as PostgresError, GenericClient, Transaction};

use super::model::ReadModel;
use super::shape::{definition, shape};
use super::slot::live_schema;

/// Nodes that start at once make the schemas one after the other. The number means nothing; it must only stay.
const SCHEMA_LOCK: i64 = 0x1f0_2e4d;

const ENGINE_TABLES: &str = "
CREATE SCHEMA IF NOT EXISTS read_engine;

-- One row is one read model: what its live generation is, how far it has come, and which node applies events to it.
CREATE TABLE IF NOT EXISTS read_engine.projections (
    name        text        NOT NULL PRIMARY KEY,
    generation  bigint      NOT NULL CHECK (generation > 0),
    position    bigint      NOT NULL CHECK (position >= 0), -- the checkpoint: the last event that is in the tables
    version     int         NOT NULL, -- of the read model that made this generation
    definition  text        NOT NULL, -- of its tables, in full
    lease_owner text,                 -- null: nobody, or it was taken away so that the owner looks again
    lease_until timestamptz
) WITH (fillfactor = 50);

-- One row is one stream that waits because of its event at `position`.
CREATE TABLE IF NOT EXISTS read_engine.parked (
    name       text        NOT NULL,
    generation bigint      NOT NULL,
    stream     uuid        NOT NULL,
    category   text        NOT NULL,
    version    bigint      NOT NULL,
    position   bigint      NOT NULL,
    event_type text        NOT NULL,
    error      text        NOT NULL,
    since      timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (name, generation, stream)
)";

/// What came after the first release, in one step.
const ENGINE_TABLES_NOW: &str = "
ALTER TABLE read_engine.projections
    ADD COLUMN shape         text,             -- of its tables; null: made by a program that did not know of shapes
    ADD COLUMN held_back     int,              -- the version that was left by going back to this generation
    ADD COLUMN well_at       timestamptz NOT NULL DEFAULT clock_timestamp(), -- heartbeat of whoever applies events
    ADD COLUMN rate          float8      NOT NULL DEFAULT 0, -- events a second, lately
    ADD COLUMN rate_position bigint      NOT NULL DEFAULT 0,
    ADD COLUMN rate_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    ADD COLUMN last_error    text,             -- in full, for those who have the database anyway
    ADD COLUMN error_kind    text,             -- without anything of the events' contents
    ADD COLUMN error_at      timestamptz;

ALTER TABLE read_engine.parked ADD COLUMN kind text NOT NULL DEFAULT 'it cannot be applied'; -- as error_kind

-- One row is one read model whose generation before the live one is kept: all as above.
CREATE TABLE read_engine.previous (LIKE read_engine.projections INCLUDING ALL);

-- One row is one read model whose next generation is being made, or waits to be accepted.
CREATE TABLE read_engine.builds (
    name       text        NOT NULL PRIMARY KEY,
    generation bigint      NOT NULL,
    version    int         NOT NULL,
    shape      text        NOT NULL,
    stage      text        NOT NULL CHECK (stage IN ('folding', 'made', 'different')),
    position   bigint      NOT NULL, -- of its tables, once they are made
    phase      text        NOT NULL, -- what is being done, and how far it is: told by the heartbeat
    done       bigint      NOT NULL,
    target     bigint      NOT NULL,
    rate       float8      NOT NULL DEFAULT 0,
    begun_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    beat_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    aborted    boolean     NOT NULL DEFAULT false, -- whoever makes it is to stop
    comparison text                                -- JSON, if it differs from the live one
)";

/// Makes what is missing. Does nothing where everything is there, however many nodes do it at once.
pub(crate) async fn prepare(client: &mut Client, models: &[Arc<dyn ReadModel>]) -> Result<(), PostgresError> {
    let transaction = client.transaction().await?;
    transaction
        .batch_execute("SET LOCAL lock_timeout = 0; SET LOCAL client_min_messages = warning")
        .await?;
    transaction
        .execute("SELECT pg_advisory_xact_lock($1)", &[&SCHEMA_LOCK])
        .await?;
    transaction.batch_execute(ENGINE_TABLES).await?;
    let now: bool = transaction
        .query_one("SELECT to_regclass('read_engine.builds') IS NOT NULL", &[])
        .await?
        .try_get(0)?;
    if !now {
        transaction.batch_execute(ENGINE_TABLES_NOW).await?;
    }
    let trigram = install_trigram(&transaction).await?;
    for model in models {
        let known = transaction
            .query_opt(
                "SELECT 1 FROM read_engine.projections WHERE name = $1",
                &[&model.name()],
            )
            .await?;
        if known.is_some() {
            know_shape(&transaction, model.as_ref()).await?;
            continue;
        }
        let schema = live_schema(model.name());
        transaction
            .batch_execute(&create(model.as_ref(), &schema))
            .await?;
        transaction.batch_execute(&keys(model.as_ref()).join(";")).await?;
        transaction
            .batch_execute(&indexes(model.as_ref(), trigram.as_deref()).join(";"))
            .await?;
        transaction
            .execute(
                "INSERT INTO read_engine.projections (name, generation, position, version, definition, shape)
                 VALUES ($1, 1, 0, $2, $3, $4)",
                &[
                    &model.name(),
                    &model.version(),
                    &definition(model.as_ref()),
                    &shape(model.as_ref()),
                ],
            )
            .await?;
    }
    transaction.commit().await
}

/// Says of which shape the tables are, if a program made them that did not know of shapes but means the same tables.
async fn know_shape(transaction: &Transaction<'_>, model: &dyn ReadModel) -> Result<(), PostgresError> {
    let sql = "UPDATE read_engine.projections SET shape = $3
               WHERE name = $1 AND version = $2 AND definition = $4 AND shape IS NULL";
    let parameters: [&(dyn ToSql + Sync); 4] =
        [&model.name(), &model.version(), &shape(model), &definition(model)];
    transaction.execute(sql, &parameters).await.map(drop)
}

/// SQL that makes a schema anew with a model's tables, without keys and indexes, and makes it the search path.
pub(crate) fn create(model: &dyn ReadModel, schema: &str) -> String {
    let mut sql = format!(
        "DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}; SET LOCAL search_path = {schema};"
    );
    for table in model.tables() {
        let storage = if table.storage.is_empty() {
            String::new()
        } else {
            format!(" WITH ({})", table.storage)
        };
        // Writing to a String cannot fail.
        let _ = write!(sql, "CREATE TABLE {} ({}\n){storage};", table.name, table.columns);
    }
    sql
}

/// The statements that make the keys of a model's tables in the search path, in this order.
pub(crate) fn keys(model: &dyn ReadModel) -> Vec<&'static str> {
    model
        .tables()
        .iter()
        .flat_map(|table| table.keys)
        .copied()
        .collect()
}

/// The statements that make the indexes of a model's tables in the search path, the slowest first.
pub(crate) fn indexes(model: &dyn ReadModel, trigram: Option<&str>) -> Vec<String> {
    let (mut slow, mut others) = (Vec::new(), Vec::new());
    for statement in model.tables().iter().flat_map(|table| table.indexes) {
        match trigram {
            _ if !statement.contains("{trigram}") => others.push((*statement).to_owned()),
            Some(class) => slow.push(statement.replace("{trigram}", class)),
            None => {}
        }
    }
    slow.append(&mut others);
    slow
}

/// The operator class of pg_trgm, if the extension is there.
pub(crate) async fn trigram(client: &impl GenericClient) -> Result<Option<String>, PostgresError> {
    let row = client
        .query_opt(
            "SELECT format('%I.gin_trgm_ops', n.nspname) FROM pg_catalog.pg_opclass c
             JOIN pg_catalog.pg_namespace n ON n.oid = c.opcnamespace WHERE c.opcname = 'gin_trgm_ops' LIMIT 1",
            &[],
        )
        .await?;
    row.map(|row| row.try_get(0)).transpose()
}

/// Substring search works without it, only slower; so a database where it cannot be installed will do.
async fn install_trigram(transaction: &Transaction<'_>) -> Result<Option<String>, PostgresError> {
    transaction.batch_execute("SAVEPOINT trigram").await?;
    if let Err(error) = transaction
        .batch_execute("CREATE EXTENSION IF NOT EXISTS pg_trgm SCHEMA read_engine")
        .await
    {
        transaction.batch_execute("ROLLBACK TO trigram").await?;
        tracing::info!(%error, "extension pg_trgm is not there; text search will be slower");
    }
    trigram(transaction).await
}
