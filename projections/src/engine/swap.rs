//! The end of a rebuild: the next generation catches up, is compared, and takes the live one's place.

use std::sync::Arc;
use std::time::Duration;

use eventlog::{Position, RecordedEvent};
use tokio::time::Instant;
use tokio_postgres::error::SqlState;

use super::Engine;
use super::apply::tell;
use super::compare::{Comparison, compare};
use super::lease::Checkpoint;
use super::model::{ReadModel, definition, live_schema, next_schema, previous_schema};
use super::parking::{Panics, Parked, apply_sparing, go_on};
use super::rebuild::{Phase, Rebuilt, Report};
use super::runner::BATCH_EVENTS_MAX;
use super::session::Session;
use super::skips::Skips;
use crate::error::EngineError;

/// The swap is begun when at most so many events are missing: they are applied while the live runner waits.
const CLOSE_EVENTS: i64 = 100;
/// How long the live generation may take to come to where the next one is, so that both can be compared.
const COMPARE_WAIT: Duration = Duration::from_secs(3);
/// How often it is tried to drop the old generation, half a second each.
const DROP_TRIES: u32 = 20;

/// The generation that is being made.
pub(crate) struct Next<'a> {
    pub(crate) engine: &'a Engine,
    pub(crate) model: &'a dyn ReadModel,
    pub(crate) session: Session,
    pub(crate) parked: Parked,
    pub(crate) skips: Skips,
    pub(crate) position: Position,
}

impl Next<'_> {
    /// Applies the events up to `until`, each page in a transaction of its own.
    async fn catch_up(&mut self, until: Position, report: &mut Report<'_>) -> Result<(), EngineError> {
        while self.position < until {
            tell(&self.session, "BEGIN").await?;
            self.page(until).await?;
            tell(&self.session, "COMMIT").await?;
            report.at(Phase::CatchUp, self.position);
        }
        Ok(())
    }

    /// Applies at most a page of events within the transaction that is open.
    async fn page(&mut self, until: Position) -> Result<(), EngineError> {
        let limit = usize::try_from(until - self.position)
            .unwrap_or(0)
            .min(BATCH_EVENTS_MAX);
        let page = self.engine.log().read_all(self.position, limit).await?;
        let Some(last) = page.last().map(|event| event.position) else {
            return Ok(());
        };
        let categories = self.model.categories();
        let events: Vec<Arc<RecordedEvent>> = page
            .into_iter()
            .filter(|event| categories.contains(&&*event.stream.category))
            .collect();
        apply_sparing(
            &self.session,
            self.model,
            &self.skips,
            &mut self.parked,
            Panics::Fail,
            &events,
        )
        .await?;
        self.position = last;
        Ok(())
    }

    /// Lets streams go on whose event has been skipped since the rebuild began.
    pub(crate) async fn let_skipped_go(&mut self) -> Result<(), EngineError> {
        let (log, name) = (self.engine.log(), self.model.name());
        self.skips = Skips::load(log, name).await?;
        for stream in self.parked.released(&self.skips) {
            let parked = Parked::none(name, self.parked.generation);
            tell(&self.session, "BEGIN").await?;
            go_on(
                &self.session,
                log,
                self.model,
                &self.skips,
                parked,
                self.position,
                stream,
            )
            .await?;
            tell(&self.session, "COMMIT").await?;
        }
        self.parked = Parked::load(&self.session, name, self.parked.generation).await?;
        Ok(())
    }

    async fn live(&self) -> Result<Checkpoint, EngineError> {
        Checkpoint::read(&self.session, self.model.name())
            .await?
            .ok_or(EngineError::UnknownReadModel)
    }
}

/// Follows the live generation until only a few events are missing.
pub(crate) async fn bring_close(next: &mut Next<'_>, report: &mut Report<'_>) -> Result<(), EngineError> {
    loop {
        let live = next.live().await?.position;
        report.target = report.target.max(live);
        if live - next.position <= CLOSE_EVENTS {
            return Ok(());
        }
        next.catch_up(live, report).await?;
    }
}

/// Compares both generations in a snapshot in which they are at the same position; `None` if there can be none,
/// because the live one is made by another program or does not get there.
pub(crate) async fn compare_with_live(
    next: &mut Next<'_>,
    report: &mut Report<'_>,
) -> Result<Option<Comparison>, EngineError> {
    let model = next.model;
    let deadline = Instant::now() + COMPARE_WAIT;
    loop {
        let live = next.live().await?;
        if !live.is_of(model) || live.position < next.position && Instant::now() >= deadline {
            return Ok(None);
        }
        if live.position >= next.position {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    bring_close(next, report).await?;
    report.at(Phase::Compare, next.position);
    let mut snapshots = Session::connect(next.engine.config(), "pg_catalog").await?;
    let mut holder = Session::connect(next.engine.config(), "pg_catalog").await?;
    // While the row is locked the live generation stands still: long enough to bring the next one to the same place
    // and to take a snapshot.
    let held = holder.client_mut().transaction().await?;
    let row = held
        .query_one(
            "SELECT position FROM read_engine.projections WHERE name = $1 FOR UPDATE",
            &[&model.name()],
        )
        .await?;
    let position: Position = row.try_get(0)?;
    next.catch_up(position, report).await?;
    let snapshot = snapshots
        .client_mut()
        .build_transaction()
        .isolation_level(tokio_postgres::IsolationLevel::RepeatableRead)
        .read_only(true)
        .start()
        .await?;
    snapshot
        .batch_execute("SELECT 1; SET LOCAL work_mem = '64MB'")
        .await?;
    held.rollback().await?;
    let (live, made) = (live_schema(model.name()), next_schema(model.name()));
    Ok(Some(compare(&snapshot, model, &live, &made, position).await?))
}

/// Puts the next generation in the live one's place, in one short transaction, and keeps the live one as the previous.
pub(crate) async fn swap(
    mut next: Next<'_>,
    report: &mut Report<'_>,
    comparison: Option<Comparison>,
) -> Result<Rebuilt, EngineError> {
    drop_previous(&next).await?;
    report.at(Phase::Swap, next.position);
    loop {
        bring_close(&mut next, report).await?;
        tell(&next.session, "BEGIN; SET LOCAL lock_timeout = '2s'").await?;
        let rows = next
            .session
            .query(
                "SELECT position FROM read_engine.projections WHERE name = $1 FOR UPDATE",
                &[&next.model.name()],
            )
            .await?;
        let live: Position = rows.first().ok_or(EngineError::UnknownReadModel)?.try_get(0)?;
        if live - next.position > CLOSE_EVENTS {
            // The live one has run ahead in between; it must not wait for so much.
            tell(&next.session, "ROLLBACK").await?;
            continue;
        }
        while next.position < live {
            next.page(live).await?;
        }
        let generation = exchange(&next).await?;
        tell(&next.session, "COMMIT").await?;
        report.at(Phase::Swap, next.position);
        return Ok(Rebuilt {
            generation,
            position: next.position,
            parked: next.parked.len(),
            comparison,
        });
    }
}

/// Renames the schemas and moves the checkpoint. The lease is taken away, so that its owner looks again.
async fn exchange(next: &Next<'_>) -> Result<i64, EngineError> {
    let name = next.model.name();
    let (live, made, previous) = (live_schema(name), next_schema(name), previous_schema(name));
    tell(
        &next.session,
        &format!("ALTER SCHEMA {live} RENAME TO {previous}; ALTER SCHEMA {made} RENAME TO {live}"),
    )
    .await?;
    next.session
        .query(
            "UPDATE read_engine.projections SET generation = $2, position = $3, version = $4, definition = $5,
                    lease_owner = NULL, lease_until = NULL
             WHERE name = $1 RETURNING generation",
            &[
                &name,
                &next.parked.generation,
                &next.position,
                &next.model.version(),
                &definition(next.model),
            ],
        )
        .await?;
    next.session
        .query(
            "DELETE FROM read_engine.parked WHERE name = $1 AND generation < $2 RETURNING 1",
            &[&name, &next.parked.generation],
        )
        .await?;
    Ok(next.parked.generation)
}

/// Drops the generation before the live one. A reader that is still in it is waited for, a little at a time: whoever
/// waits for a lock makes all who come after wait too.
async fn drop_previous(next: &Next<'_>) -> Result<(), EngineError> {
    let previous = previous_schema(next.model.name());
    let sql = format!(
        "BEGIN; SET LOCAL lock_timeout = '500ms'; SET LOCAL client_min_messages = warning;
         DROP SCHEMA IF EXISTS {previous} CASCADE; COMMIT"
    );
    for _ in 0..DROP_TRIES {
        match tell(&next.session, &sql).await {
            Ok(()) => return Ok(()),
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                tell(&next.session, "ROLLBACK").await?;
            }
            Err(error) => return Err(error.into()),
        }
    }
    Err(EngineError::PreviousInUse)
}
