//! Making the next generation of a read model beside the live one, then swapping the two.
//!
//! Everything is done on one connection, which also holds the lock that keeps a second rebuild out: if it breaks, the
//! rebuild is over and has left the live generation alone. What it had made by then is taken up by the next one.

use std::time::Duration;

use eventlog::Position;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::Engine;
use super::apply::tell;
use super::builds::{Build, Stage, beat};
use super::compare::{Comparison, compare};
use super::fold::fold;
use super::lease::Checkpoint;
use super::model::ReadModel;
use super::previous::{drop_old, remove_next};
use super::progress::{Phase, Progress, Report};
use super::session::Session;
use super::side::{CLOSE_EVENTS, Side, Which};
use super::skips::Skips;
use super::slot::{Slot, live_schema, next_schema};
use super::still::{PAUSE, TRY_FOR, hold};
use super::swap::swap;
use crate::error::EngineError;

/// How long the lock is waited for: a rebuild that was killed has it until Postgres finds that out.
const LOCK_TRIES: u32 = 20;
/// The wait between two tries.
const LOCK_PAUSE: Duration = Duration::from_millis(100);

/// Whether the next generation is compared with the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is, if both are made by the same program; if they differ, they are not swapped.
    Compare,
    /// It is, but they are swapped whatever comes of it.
    Accept,
    /// It is not.
    Skip,
}

/// What a rebuild came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The generation that was made.
    pub generation: i64,
    /// Its position at the end.
    pub position: Position,
    /// How many streams are parked in it.
    pub parked: usize,
    /// How the live one (the first) and this one (the second) differ, if that was looked at.
    pub comparison: Option<Comparison>,
    /// How long the live generation stood still for the swap; none if this one waits to be accepted.
    pub swapped: Option<Duration>,
}

/// Rebuilds `model`. Readers and the live generation's runner notice nothing until the swap, which takes
/// milliseconds.
pub(crate) async fn rebuild(
    engine: &Engine,
    model: &dyn ReadModel,
    check: Check,
    progress: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, EngineError> {
    let session = begin(engine, model).await?;
    go_through(engine, model, session, check, progress).await
}

/// Takes the lock, so that nobody else rebuilds `model` as long as the session lasts.
pub(crate) async fn begin(engine: &Engine, model: &dyn ReadModel) -> Result<Session, EngineError> {
    let session = Session::connect(engine.config(), &next_schema(model.name())).await?;
    wait_for_lock(&session, model).await?;
    Ok(session)
}

/// Rebuilds `model` on a session that has its lock.
pub(crate) async fn go_through(
    engine: &Engine,
    model: &dyn ReadModel,
    session: Session,
    check: Check,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, EngineError> {
    let name = model.name();
    // Otherwise a killed rebuild would keep the lock until a long statement of it is done. Not all systems can do it.
    let _ = tell(&session, "SET client_connection_check_interval = '500ms'").await;
    let live = Checkpoint::read(&session, Slot::Live, name)
        .await?
        .ok_or(EngineError::UnknownReadModel)?;
    let made = Build::read(&session, name)
        .await?
        .filter(|build| can_go_on(build, model, check));
    // The live one is never before this position again, so both can be brought to the same place. If they need not be,
    // it may stand anywhere.
    let target = match check {
        Check::Compare | Check::Accept if live.is_of(model) => live.position,
        _ => engine.log().head().await?.position,
    };
    let from = made.as_ref().map_or(0, |build| build.position);
    let mut report = Report::new(from, target.max(from), &mut progress);
    let aborted = CancellationToken::new();
    let beating = beat(engine, name, report.watch(), aborted.clone());
    let working = async {
        let side = match made {
            Some(build) => take_up(engine, model, session, &build).await?,
            None => make(engine, model, session, live.generation, &mut report).await?,
        };
        finish(side, &live, check, &mut report).await
    };
    tokio::select! {
        rebuilt = working => rebuilt,
        () = beating => Err(EngineError::Aborted),
    }
}

/// What was made before is gone on with, unless this program would make something else or the operator did not like it.
fn can_go_on(build: &Build, model: &dyn ReadModel, check: Check) -> bool {
    build.is_of(model)
        && match build.stage {
            Stage::Folding => false,
            Stage::Made => true,
            Stage::Different => check == Check::Accept,
        }
}

async fn take_up<'a>(
    engine: &'a Engine,
    model: &'a dyn ReadModel,
    session: Session,
    build: &Build,
) -> Result<Side<'a>, EngineError> {
    let name = model.name();
    tracing::info!(
        projection.name = name,
        projection.generation = build.generation,
        event.position = build.position,
        "going on with the generation that was made before"
    );
    Build::resumes(&session, name).await?;
    Side::open(
        engine,
        model,
        session,
        Which::Next,
        build.generation,
        build.position,
    )
    .await
}

/// Makes the tables from the beginning.
async fn make<'a>(
    engine: &'a Engine,
    model: &'a dyn ReadModel,
    session: Session,
    live: i64,
    report: &mut Report<'_>,
) -> Result<Side<'a>, EngineError> {
    let (name, target) = (model.name(), report.target);
    remove_next(&session, name).await?;
    let previous = Checkpoint::read(&session, Slot::Previous, name).await?;
    let generation = previous.map_or(0, |previous| previous.generation).max(live) + 1;
    Build::begin(&session, model, generation, target).await?;
    report.at(Phase::Fold, 0);
    let skips = Skips::load(engine.log(), name).await?;
    let session = fold(engine, model, session, &skips, generation, report).await?;
    Build::is_made(&session, name, target).await?;
    Side::open(engine, model, session, Which::Next, generation, target).await
}

async fn finish(
    mut side: Side<'_>,
    live: &Checkpoint,
    check: Check,
    report: &mut Report<'_>,
) -> Result<Rebuilt, EngineError> {
    let (model, name) = (side.model, side.name());
    side.bring_close(report).await?;
    side.let_skipped_go().await?;
    let comparison = match check {
        Check::Compare | Check::Accept if live.is_of(model) => {
            Some(compare_with_live(&mut side, report).await?)
        }
        _ => None,
    };
    let different = comparison.as_ref().filter(|comparison| !comparison.is_equal());
    if let Some(comparison) = different {
        let tables = comparison.tables.iter();
        let rows: i64 = tables.map(|table| table.only_first.max(table.only_second)).sum();
        tracing::warn!(
            projection.name = name,
            rows,
            "the next generation differs from the live one"
        );
    }
    let swapped = if let (Some(comparison), Check::Compare) = (different, check) {
        Build::is_different(&side.session, name, comparison).await?;
        None
    } else {
        Some(swap(&mut side, report).await?)
    };
    if swapped.is_some() && live.position == 0 {
        // Nobody goes back to a generation without a row.
        drop_old(&side.session, name).await?;
    }
    Ok(Rebuilt {
        generation: side.parked.generation,
        position: side.position,
        parked: side.parked.len(),
        comparison,
        swapped,
    })
}

/// Compares both generations in a snapshot in which they are at the same position.
async fn compare_with_live(side: &mut Side<'_>, report: &mut Report<'_>) -> Result<Comparison, EngineError> {
    let (model, name) = (side.model, side.name());
    let mut snapshots = Session::connect(side.engine.config(), "pg_catalog").await?;
    let holder = Session::connect(side.engine.config(), "pg_catalog").await?;
    report.at(Phase::Compare, side.position);
    let deadline = Instant::now() + TRY_FOR;
    while Instant::now() < deadline {
        side.bring_close(report).await?;
        // While it is held, the live generation stands still: long enough to bring the next one to the same place and to
        // take a snapshot.
        let Some(still) = hold(&holder, name).await? else {
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        if (0..=CLOSE_EVENTS).contains(&(still.position - side.position)) {
            side.catch_up(still.position, report).await?;
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
            tell(&holder, "ROLLBACK").await?;
            report.at(Phase::Compare, still.position);
            let (live, made) = (live_schema(name), next_schema(name));
            return Ok(compare(&snapshot, model, &live, &made, still.position).await?);
        }
        tell(&holder, "ROLLBACK").await?;
        tokio::time::sleep(PAUSE).await;
    }
    Err(EngineError::Busy)
}

/// As [`lock`], and waits a little for whoever had it and is gone.
pub(crate) async fn wait_for_lock(session: &Session, model: &dyn ReadModel) -> Result<(), EngineError> {
    for _ in 1..LOCK_TRIES {
        match lock(session, model).await {
            Err(EngineError::AlreadyRebuilding) => tokio::time::sleep(LOCK_PAUSE).await,
            locked => return locked,
        }
    }
    lock(session, model).await
}

/// Keeps others from making, swapping and dropping generations of the read model, as long as the session lasts.
pub(crate) async fn lock(session: &Session, model: &dyn ReadModel) -> Result<(), EngineError> {
    let key = format!("rebuild of {}", live_schema(model.name()));
    let rows = session
        .query("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", &[&key])
        .await?;
    match rows.first().map(|row| row.try_get(0)).transpose()? {
        Some(true) => Ok(()),
        Some(false) | None => Err(EngineError::AlreadyRebuilding),
    }
}
