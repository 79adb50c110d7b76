//! What the database knows of a rebuild: how far it is, and what it has made. So another process can show it, stop it,
//! or take it up where a killed one left it.

use std::time::Duration;

use eventlog::Position;
use tokio::sync::watch;
use tokio::time::{MissedTickBehavior, interval};
use tokio_postgres::Error as PostgresError;
use tokio_util::sync::CancellationToken;

use super::Engine;
use super::compare::Comparison;
use super::model::ReadModel;
use super::progress::{Phase, Progress};
use super::session::Session;
use super::shape::shape;
use crate::error::EngineError;

/// How often a rebuild says that it is alive.
pub(crate) const BEAT: Duration = Duration::from_millis(500);

/// How far a next generation is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stage {
    /// Its tables are not whole.
    Folding,
    /// They are, up to its position.
    Made,
    /// They differ from the live ones, and wait to be accepted.
    Different,
}

/// The row of a rebuild.
#[derive(Clone, Debug)]
pub(crate) struct Build {
    pub(crate) generation: i64,
    version: i32,
    shape: String,
    pub(crate) stage: Stage,
    pub(crate) position: Position,
}

impl Build {
    pub(crate) async fn read(session: &Session, name: &str) -> Result<Option<Self>, PostgresError> {
        let rows = session
            .query(
                "SELECT generation, version, shape, stage, position FROM read_engine.builds WHERE name = $1",
                &[&name],
            )
            .await?;
        let Some(row) = rows.first() else { return Ok(None) };
        let stage = match row.try_get(3)? {
            "made" => Stage::Made,
            "different" => Stage::Different,
            _ => Stage::Folding,
        };
        Ok(Some(Self {
            generation: row.try_get(0)?,
            version: row.try_get(1)?,
            shape: row.try_get(2)?,
            stage,
            position: row.try_get(4)?,
        }))
    }

    /// Whether this program would make the same tables.
    pub(crate) fn is_of(&self, model: &dyn ReadModel) -> bool {
        self.version == model.version() && self.shape == shape(model)
    }

    /// Begins a new one, in place of any that was there.
    pub(crate) async fn begin(
        session: &Session,
        model: &dyn ReadModel,
        generation: i64,
        target: Position,
    ) -> Result<(), PostgresError> {
        let phase = Phase::Fold.as_str();
        session
            .query(
                "INSERT INTO read_engine.builds AS b (name, generation, version, shape, stage, position, phase, done, target)
                 VALUES ($1, $2, $3, $4, 'folding', 0, $5, 0, $6)
                 ON CONFLICT (name) DO UPDATE
                 SET generation = excluded.generation, version = excluded.version, shape = excluded.shape,
                     stage = 'folding', position = 0, phase = excluded.phase, done = 0, target = excluded.target,
                     rate = 0, begun_at = clock_timestamp(), beat_at = clock_timestamp(), aborted = false,
                     comparison = NULL
                 RETURNING 1",
                &[&model.name(), &generation, &model.version(), &shape(model), &phase, &target],
            )
            .await
            .map(drop)
    }

    /// Its tables are whole up to `position`.
    pub(crate) async fn is_made(
        session: &Session,
        name: &str,
        position: Position,
    ) -> Result<(), PostgresError> {
        let sql = "UPDATE read_engine.builds SET stage = 'made', position = $2 WHERE name = $1 RETURNING 1";
        session.query(sql, &[&name, &position]).await.map(drop)
    }

    /// It is taken up again.
    pub(crate) async fn resumes(session: &Session, name: &str) -> Result<(), PostgresError> {
        let sql = "UPDATE read_engine.builds
                   SET stage = 'made', aborted = false, comparison = NULL, begun_at = clock_timestamp(),
                       beat_at = clock_timestamp()
                   WHERE name = $1 RETURNING 1";
        session.query(sql, &[&name]).await.map(drop)
    }

    /// It differs from the live one and is kept.
    pub(crate) async fn is_different(
        session: &Session,
        name: &str,
        comparison: &Comparison,
    ) -> Result<(), EngineError> {
        let sql =
            "UPDATE read_engine.builds SET stage = 'different', comparison = $2 WHERE name = $1 RETURNING 1";
        let comparison = serde_json::to_string(comparison).map_err(|_| EngineError::Interrupted)?;
        session.query(sql, &[&name, &comparison]).await?;
        Ok(())
    }

    /// Tells whoever makes it to stop.
    pub(crate) async fn abort(session: &Session, name: &str) -> Result<(), PostgresError> {
        let sql = "UPDATE read_engine.builds SET aborted = true WHERE name = $1 RETURNING 1";
        session.query(sql, &[&name]).await.map(drop)
    }
}

/// Writes down the progress again and again, until it is dropped. Cancels `aborted` when it is told to.
pub(crate) async fn beat(
    engine: &Engine,
    name: &'static str,
    progress: watch::Receiver<Option<Progress>>,
    aborted: CancellationToken,
) {
    // What cannot be told now is told the next time.
    while !aborted.is_cancelled() {
        if let Err(error) = beating(engine, name, &progress, &aborted).await {
            tracing::debug!(projection.name = name, %error, "the progress of a rebuild could not be told");
        }
        tokio::time::sleep(BEAT).await;
    }
}

async fn beating(
    engine: &Engine,
    name: &'static str,
    progress: &watch::Receiver<Option<Progress>>,
    aborted: &CancellationToken,
) -> Result<(), PostgresError> {
    const BEATS: &str = "
        UPDATE read_engine.builds SET phase = $2, done = $3, target = $4, rate = $5, beat_at = clock_timestamp()
        WHERE name = $1 RETURNING aborted";
    let session = Session::connect(engine.config(), "pg_catalog").await?;
    let mut ticks = interval(BEAT);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        let Some(now) = *progress.borrow() else { continue };
        let rows = session
            .query(
                BEATS,
                &[
                    &name,
                    &now.phase.as_str(),
                    &now.position,
                    &now.target,
                    &now.events_per_second,
                ],
            )
            .await?;
        if rows.first().map(|row| row.try_get(0)).transpose()? == Some(true) {
            aborted.cancel();
            return Ok(());
        }
    }
}
