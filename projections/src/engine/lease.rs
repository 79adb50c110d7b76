//! The lease of a read model: one node at a time applies events to it. The checkpoint is moved by compare-and-set
//! under it, so that a node that has lost the lease without noticing cannot write a row.

use std::sync::Arc;

use eventlog::Position;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error as PostgresError, Row};

use super::model::{ReadModel, Write, definition};
use super::session::Session;

/// How often the owner renews its lease while there is nothing to apply. It lasts three times as long.
pub(crate) const RENEWAL: std::time::Duration = std::time::Duration::from_secs(1);

// Times are the database's alone. clock_timestamp() because now() is the beginning of the transaction, and an update
// may have waited for a lock since. A lease that lasts longer than any is given was given before that clock was set back.
const ACQUIRE: &str = "
    UPDATE read_engine.projections SET lease_owner = $2, lease_until = clock_timestamp() + interval '3 seconds'
    WHERE name = $1 AND version = $3 AND definition = $4
      AND (lease_owner IS NULL OR lease_owner = $2
           OR lease_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + interval '6 seconds')
    RETURNING generation, position";
const RENEW: &str = "
    UPDATE read_engine.projections SET lease_until = clock_timestamp() + interval '3 seconds'
    WHERE name = $1 AND generation = $2 AND lease_owner = $3 RETURNING position";
const RELEASE: &str = "
    UPDATE read_engine.projections SET lease_owner = NULL, lease_until = NULL
    WHERE name = $1 AND lease_owner = $2 RETURNING position";
// Fails if there is no such row, so that the COMMIT that was sent right behind it becomes a ROLLBACK.
const ADVANCE: &str = "
    WITH moved AS (
        UPDATE read_engine.projections SET position = $1, lease_until = clock_timestamp() + interval '3 seconds'
        WHERE name = $2 AND generation = $3 AND position = $4 AND lease_owner = $5 RETURNING 1)
    SELECT 1 / count(*) FROM moved";
const READ: &str = "
    SELECT generation, position, version, definition, lease_owner FROM read_engine.projections WHERE name = $1";

/// The right to apply events to one generation of a read model, and how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    name: &'static str,
    owner: Arc<str>,
    pub(crate) generation: i64,
    pub(crate) position: Position,
}

/// The row of a read model, as any node may see it.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) generation: i64,
    pub(crate) position: Position,
    pub(crate) version: i32,
    pub(crate) definition: String,
    pub(crate) owner: Option<String>,
}

impl Checkpoint {
    pub(crate) async fn read(session: &Session, name: &str) -> Result<Option<Self>, PostgresError> {
        let rows = session.query(READ, &[&name]).await?;
        rows.first().map(Self::of).transpose()
    }

    fn of(row: &Row) -> Result<Self, PostgresError> {
        Ok(Self {
            generation: row.try_get(0)?,
            position: row.try_get(1)?,
            version: row.try_get(2)?,
            definition: row.try_get(3)?,
            owner: row.try_get(4)?,
        })
    }

    /// Whether this program makes the same tables in the same way.
    pub(crate) fn is_of(&self, model: &dyn ReadModel) -> bool {
        self.version == model.version() && self.definition == definition(model)
    }
}

impl Lease {
    /// Takes the lease if it is free or has run out, and if the live generation is this program's.
    pub(crate) async fn acquire(
        session: &Session,
        model: &dyn ReadModel,
        owner: &Arc<str>,
    ) -> Result<Option<Self>, PostgresError> {
        let rows = session
            .query(
                ACQUIRE,
                &[&model.name(), &&**owner, &model.version(), &definition(model)],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Self {
            name: model.name(),
            owner: Arc::clone(owner),
            generation: row.try_get(0)?,
            position: row.try_get(1)?,
        }))
    }

    /// Keeps the lease. False: it is lost.
    pub(crate) async fn renew(&self, session: &Session) -> Result<bool, PostgresError> {
        let rows = session
            .query(RENEW, &[&self.name, &self.generation, &&*self.owner])
            .await?;
        Ok(!rows.is_empty())
    }

    /// Gives the lease back if `owner` has it, so that nobody has to wait until it runs out.
    pub(crate) async fn release(session: &Session, name: &str, owner: &str) -> Result<(), PostgresError> {
        session.query(RELEASE, &[&name, &owner]).await.map(drop)
    }

    /// Moves the checkpoint to `to`; fails with what [`is_lost`] recognises if the lease is lost.
    pub(crate) fn advance(&self, to: Position) -> Write {
        Write::new(
            ADVANCE,
            vec![
                Box::new(to),
                Box::new(self.name),
                Box::new(self.generation),
                Box::new(self.position),
                Box::new(self.owner.to_string()),
            ],
        )
    }
}

/// Whether this error of [`Lease::advance`] says that the lease is lost.
pub(crate) fn is_lost(error: &PostgresError) -> bool {
    error.code() == Some(&SqlState::DIVISION_BY_ZERO)
}
