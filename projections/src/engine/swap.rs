//! Two generations change places, while the live one stands still for a moment.
//!
//! Renaming a schema locks no table: a reader finds the one or the other by its name, and finishes with the one that it
//! has found.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::apply::tell;
use super::model::ApplyError;
use super::previous;
use super::progress::{Phase, Report};
use super::shape::{definition, shape};
use super::side::{CLOSE_EVENTS, Side, Which};
use super::slot::{live_schema, next_schema, passing_schema, previous_schema};
use super::still::{PAUSE, STILL_MAX, TRY_FOR, WORK_MAX, hold, is_busy};
use crate::error::EngineError;

/// Puts `side` in the live one's place, and keeps that one as the previous. Returns how long the live one stood still.
pub(crate) async fn swap(side: &mut Side<'_>, report: &mut Report<'_>) -> Result<Duration, EngineError> {
    if side.which == Which::Next {
        previous::drop_old(&side.session, side.name()).await?;
    }
    report.at(Phase::Swap, side.position);
    let deadline = Instant::now() + TRY_FOR;
    while Instant::now() < deadline {
        side.bring_close(report).await?;
        if let Some(held) = attempt(side).await? {
            report.at(Phase::Swap, side.position);
            return Ok(held);
        }
        tokio::time::sleep(PAUSE).await;
    }
    Err(EngineError::Busy)
}

/// One try; none if something was not to be had in time, in which case nothing has happened.
async fn attempt(side: &mut Side<'_>) -> Result<Option<Duration>, EngineError> {
    let before = side.position;
    let Some(still) = hold(&side.session, side.name()).await? else {
        return Ok(None);
    };
    let work = async {
        side.lock().await?;
        if still.position - side.position > CLOSE_EVENTS {
            return Ok(false); // it has run ahead in between; it must not wait for so much
        }
        while side.position < still.position {
            side.page(still.position).await?;
        }
        side.save().await?;
        match side.which {
            Which::Next => exchange(side).await?,
            Which::Previous => go_back(side).await?,
        }
        Ok(true)
    };
    let done = match timeout(WORK_MAX, work).await {
        Ok(Ok(done)) => done && still.since.elapsed() < STILL_MAX,
        Ok(Err(EngineError::Database(error) | EngineError::Apply(ApplyError::Database(error))))
            if is_busy(&error) =>
        {
            false
        }
        Ok(Err(error)) => return Err(error),
        Err(_) => false,
    };
    if done {
        tell(&side.session, "COMMIT").await?;
        return Ok(Some(still.since.elapsed()));
    }
    tell(&side.session, "ROLLBACK").await?;
    side.position = before;
    side.let_skipped_go().await?;
    Ok(None)
}

/// Renames the schemas and moves the checkpoint. The lease is taken away, so that its owner looks again.
async fn exchange(side: &Side<'_>) -> Result<(), EngineError> {
    let name = side.name();
    let (live, made, previous) = (live_schema(name), next_schema(name), previous_schema(name));
    tell(
        &side.session,
        &format!("ALTER SCHEMA {live} RENAME TO {previous}; ALTER SCHEMA {made} RENAME TO {live}"),
    )
    .await?;
    side.session
        .query(
            "INSERT INTO read_engine.previous (name, generation, position, version, definition, shape)
             SELECT name, generation, position, version, definition, shape
             FROM read_engine.projections WHERE name = $1 RETURNING 1",
            &[&name],
        )
        .await?;
    side.session
        .query(
            "UPDATE read_engine.projections
             SET generation = $2, position = $3, version = $4, definition = $5, shape = $6, held_back = NULL,
                 lease_owner = NULL, lease_until = NULL, well_at = clock_timestamp(), last_error = NULL,
                 error_kind = NULL, error_at = NULL
             WHERE name = $1 RETURNING 1",
            &[
                &name,
                &side.parked.generation,
                &side.position,
                &side.model.version(),
                &definition(side.model),
                &shape(side.model),
            ],
        )
        .await?;
    side.session
        .query(
            "DELETE FROM read_engine.builds WHERE name = $1 RETURNING 1",
            &[&name],
        )
        .await?;
    Ok(())
}

/// The previous generation and the live one change places. A program of the version that is left must not make its own
/// again unasked.
async fn go_back(side: &Side<'_>) -> Result<(), EngineError> {
    let name = side.name();
    let (live, previous, passing) = (live_schema(name), previous_schema(name), passing_schema(name));
    tell(
        &side.session,
        &format!(
            "ALTER SCHEMA {live} RENAME TO {passing}; ALTER SCHEMA {previous} RENAME TO {live};
             ALTER SCHEMA {passing} RENAME TO {previous}"
        ),
    )
    .await?;
    side.session
        .query(
            "WITH live AS (SELECT * FROM read_engine.projections WHERE name = $1),
                  before AS (SELECT * FROM read_engine.previous WHERE name = $1),
                  back AS (
                      UPDATE read_engine.projections p
                      SET generation = before.generation, position = before.position, version = before.version,
                          definition = before.definition, shape = before.shape,
                          held_back = nullif(live.version, before.version), lease_owner = NULL, lease_until = NULL,
                          well_at = clock_timestamp(), last_error = NULL, error_kind = NULL, error_at = NULL
                      FROM before, live WHERE p.name = $1 RETURNING 1)
             UPDATE read_engine.previous q
             SET generation = live.generation, position = live.position, version = live.version,
                 definition = live.definition, shape = live.shape, lease_owner = NULL, lease_until = NULL,
                 well_at = clock_timestamp(), last_error = NULL, error_kind = NULL, error_at = NULL
             FROM live, back WHERE q.name = $1 RETURNING 1",
            &[&name],
        )
        .await?;
    Ok(())
}
