//! The lease of a generation: one node at a time applies events to it. The checkpoint is moved by compare-and-set
//! under it, so that a node that has lost the lease without noticing cannot write a row.

use std::sync::Arc;

use eventlog::Position;
use tokio_postgres::error::SqlState;
use tokio_postgres::{Error as PostgresError, Row};

use super::model::{ReadModel, Write};
use super::session::Session;
use super::shape::{covers, shape};
use super::slot::Slot;

/// How often the owner renews its lease while there is nothing to apply. It lasts three times as long.
pub(crate) const RENEWAL: std::time::Duration = std::time::Duration::from_secs(1);

struct Statements {
    acquire: &'static str,
    renew: &'static str,
    release: &'static str,
    advance: &'static str,
    read: &'static str,
    failed: &'static str,
}

// Times are the database's alone. clock_timestamp() because now() is the beginning of the transaction, and an update
// may have waited for a lock since. A lease that lasts longer than any is given was given before that clock was set back.
//
// `well_at` is the heartbeat: when the owner last applied something or found that there was nothing to apply. The rate is
// counted over a second or more.
//
// `advance` fails if there is no such row, so that the COMMIT that was sent right behind it becomes a ROLLBACK.
macro_rules! statements {
    ($table:literal) => {
        Statements {
            acquire: concat!(
                "UPDATE ", $table, " SET lease_owner = $2, lease_until = clock_timestamp() + interval '3 seconds'
                 WHERE name = $1 AND version = $3 AND shape = $4
                   AND (lease_owner IS NULL OR lease_owner = $2
                        OR lease_until NOT BETWEEN clock_timestamp() AND clock_timestamp() + interval '6 seconds')
                 RETURNING generation, position"
            ),
            renew: concat!(
                "UPDATE ", $table, "
                 SET lease_until = clock_timestamp() + interval '3 seconds', well_at = clock_timestamp(),
                     rate = (position - rate_position)
                            / greatest(extract(epoch FROM clock_timestamp() - rate_at)::float8, 0.001),
                     rate_position = position, rate_at = clock_timestamp()
                 WHERE name = $1 AND generation = $2 AND lease_owner = $3 RETURNING position"
            ),
            release: concat!(
                "UPDATE ", $table, " SET lease_owner = NULL, lease_until = NULL
                 WHERE name = $1 AND lease_owner = $2 RETURNING position"
            ),
            advance: concat!(
                "WITH moved AS (
                     UPDATE ", $table, "
                     SET position = $1, lease_until = clock_timestamp() + interval '3 seconds',
                         well_at = clock_timestamp(),
                         rate = CASE WHEN clock_timestamp() - rate_at < interval '1 second' THEN rate
                                     ELSE ($1 - rate_position) / extract(epoch FROM clock_timestamp() - rate_at)::float8
                                END,
                         rate_position = CASE WHEN clock_timestamp() - rate_at < interval '1 second' THEN rate_position
                                              ELSE $1 END,
                         rate_at = CASE WHEN clock_timestamp() - rate_at < interval '1 second' THEN rate_at
                                        ELSE clock_timestamp() END
                     WHERE name = $2 AND generation = $3 AND position = $4 AND lease_owner = $5 RETURNING 1)
                 SELECT 1 / count(*) FROM moved"
            ),
            read: concat!(
                "SELECT generation, position, version, coalesce(shape, ''), lease_owner, held_back
                 FROM ", $table, " WHERE name = $1"
            ),
            failed: concat!(
                "UPDATE ", $table, " SET last_error = $2, error_kind = $3, error_at = clock_timestamp()
                 WHERE name = $1 RETURNING position"
            ),
        }
    };
}

const LIVE: Statements = statements!("read_engine.projections");
const PREVIOUS: Statements = statements!("read_engine.previous");

const fn statements(slot: Slot) -> &'static Statements {
    match slot {
        Slot::Live => &LIVE,
        Slot::Previous => &PREVIOUS,
    }
}

/// The right to apply events to one generation of a read model, and how far it has come.
#[derive(Clone, Debug)]
pub(crate) struct Lease {
    slot: Slot,
    name: &'static str,
    owner: Arc<str>,
    pub(crate) generation: i64,
    pub(crate) position: Position,
}

/// The row of a generation, as any node may see it.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) generation: i64,
    pub(crate) position: Position,
    pub(crate) version: i32,
    /// Empty if a program made it that did not know of shapes.
    pub(crate) shape: String,
    pub(crate) owner: Option<String>,
    /// The version that was left by going back to this generation; not to be made again unasked.
    pub(crate) held_back: Option<i32>,
}

impl Checkpoint {
    pub(crate) async fn read(
        session: &Session,
        slot: Slot,
        name: &str,
    ) -> Result<Option<Self>, PostgresError> {
        let rows = session.query(statements(slot).read, &[&name]).await?;
        rows.first().map(Self::of).transpose()
    }

    fn of(row: &Row) -> Result<Self, PostgresError> {
        Ok(Self {
            generation: row.try_get(0)?,
            position: row.try_get(1)?,
            version: row.try_get(2)?,
            shape: row.try_get(3)?,
            owner: row.try_get(4)?,
            held_back: row.try_get(5)?,
        })
    }

    /// Whether this program makes the same tables in the same way.
    pub(crate) fn is_of(&self, model: &dyn ReadModel) -> bool {
        self.version == model.version() && self.shape == shape(model)
    }

    /// Whether this program's queries can be answered from the tables, whichever program makes them.
    pub(crate) fn is_readable_by(&self, model: &dyn ReadModel) -> bool {
        self.is_of(model) || covers(&self.shape, &shape(model))
    }

    /// Whether this program is to replace the tables by its own.
    pub(crate) fn is_outdated_for(&self, model: &dyn ReadModel) -> bool {
        let older = self.version < model.version();
        let unknown = self.version == model.version() && self.shape.is_empty();
        (older || unknown) && self.held_back != Some(model.version())
    }
}

impl Lease {
    /// Takes the lease if it is free or has run out, and if the generation is this program's.
    pub(crate) async fn acquire(
        session: &Session,
        slot: Slot,
        model: &dyn ReadModel,
        owner: &Arc<str>,
    ) -> Result<Option<Self>, PostgresError> {
        let rows = session
            .query(
                statements(slot).acquire,
                &[&model.name(), &&**owner, &model.version(), &shape(model)],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Self {
            slot,
            name: model.name(),
            owner: Arc::clone(owner),
            generation: row.try_get(0)?,
            position: row.try_get(1)?,
        }))
    }

    /// Keeps the lease. False: it is lost.
    pub(crate) async fn renew(&self, session: &Session) -> Result<bool, PostgresError> {
        let rows = session
            .query(
                statements(self.slot).renew,
                &[&self.name, &self.generation, &&*self.owner],
            )
            .await?;
        Ok(!rows.is_empty())
    }

    /// Writes down why a node could not go on.
    pub(crate) async fn failed(
        session: &Session,
        slot: Slot,
        name: &str,
        error: &str,
        kind: &str,
    ) -> Result<(), PostgresError> {
        session
            .query(statements(slot).failed, &[&name, &error, &kind])
            .await
            .map(drop)
    }

    /// Gives the lease back if `owner` has it, so that nobody has to wait until it runs out.
    pub(crate) async fn release(
        session: &Session,
        slot: Slot,
        name: &str,
        owner: &str,
    ) -> Result<(), PostgresError> {
        session
            .query(statements(slot).release, &[&name, &owner])
            .await
            .map(drop)
    }

    /// Moves the checkpoint to `to`; fails with what [`is_lost`] recognises if the lease is lost.
    pub(crate) fn advance(&self, to: Position) -> Write {
        Write::new(
            statements(self.slot).advance,
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
