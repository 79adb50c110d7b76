//! Making the next generation of a read model beside the live one, then swapping the two.
//!
//! Everything is done on one connection, which also holds the lock that keeps a second rebuild out: if it breaks, the
//! rebuild is over and has left the live generation alone.

use std::collections::{HashSet, VecDeque};
use std::time::Instant;

use bytes::Bytes;
use eventlog::{EventFacts, Position, export};
use futures::SinkExt;
use futures::future::join;
use parking_lot::Mutex;
use tokio::sync::mpsc;
use tokio_postgres::Error as PostgresError;
use tokio_util::task::AbortOnDropHandle;

use super::Engine;
use super::apply::tell;
use super::compare::Comparison;
use super::copy::Copies;
use super::model::{ApplyError, More, ReadModel, live_schema, next_schema};
use super::parking::{Parked, Waiting};
use super::schema;
use super::session::Session;
use super::skips::Skips;
use super::swap;
use crate::error::EngineError;

/// Rows of a table go out in pieces of about this size.
const PIECE_BYTES: usize = 4 * 1024 * 1024;
/// The progress is told after so many events.
const PROGRESS_EVENTS: i64 = 10_000;

/// What a rebuild is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Folds the log in memory.
    Fold,
    /// Makes keys and indexes.
    Index,
    /// Applies what has been appended since.
    CatchUp,
    /// Compares the next generation with the live one.
    Compare,
    /// Puts the next generation in the live one's place.
    Swap,
}

/// How far a rebuild has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What it is doing.
    pub phase: Phase,
    /// The last position that is in the next generation.
    pub position: Position,
    /// Where it has to get.
    pub target: Position,
    /// Log positions per second since it began.
    pub events_per_second: f64,
}

/// Whether the next generation is compared with the live one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Check {
    /// It is, if both are made by the same program and the live one keeps up.
    Compare,
    /// It is not.
    Skip,
}

/// What a rebuild came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rebuilt {
    /// The generation that is live now.
    pub generation: i64,
    /// Its position at the moment of the swap.
    pub position: Position,
    /// How many streams are parked in it.
    pub parked: usize,
    /// How it differs from the generation before, if that was looked at.
    pub comparison: Option<Comparison>,
}

/// Rebuilds `model`. Readers and the live generation's runner notice nothing until the swap, which takes
/// milliseconds.
pub(crate) async fn rebuild(
    engine: &Engine,
    model: &dyn ReadModel,
    check: Check,
    mut progress: impl FnMut(Progress) + Send,
) -> Result<Rebuilt, EngineError> {
    let session = Session::connect(engine.config(), &next_schema(model.name())).await?;
    lock(&session, model).await?;
    let generation = live_generation(&session, model).await? + 1;
    session
        .query(
            "DELETE FROM read_engine.parked WHERE name = $1 AND generation >= $2 RETURNING 1",
            &[&model.name(), &generation],
        )
        .await?;
    let target = engine.log().head().await?.position;
    let skips = Skips::load(engine.log(), model.name()).await?;
    let mut report = Report {
        began: Instant::now(),
        target,
        tell: &mut progress,
    };
    report.at(Phase::Fold, 0);
    let (session, parked) = fold(engine, model, session, &skips, generation, &mut report).await?;
    let mut next = swap::Next {
        engine,
        model,
        session,
        parked,
        skips,
        position: target,
    };
    swap::bring_close(&mut next, &mut report).await?;
    next.let_skipped_go().await?;
    let comparison = match check {
        Check::Compare => swap::compare_with_live(&mut next, &mut report).await?,
        Check::Skip => None,
    };
    if let Some(comparison) = comparison.as_ref().filter(|comparison| !comparison.is_equal()) {
        tracing::warn!(
            projection.name = model.name(),
            ?comparison,
            "the next generation differs from the live one"
        );
    }
    swap::swap(next, &mut report, comparison).await
}

/// Tells the progress.
pub(crate) struct Report<'a> {
    began: Instant,
    pub(crate) target: Position,
    tell: &'a mut (dyn FnMut(Progress) + Send),
}

impl Report<'_> {
    pub(crate) fn at(&mut self, phase: Phase, position: Position) {
        self.target = self.target.max(position);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people to look at")]
        let events_per_second = position as f64 / self.began.elapsed().as_secs_f64().max(0.001);
        (self.tell)(Progress {
            phase,
            position,
            target: self.target,
            events_per_second,
        });
    }
}

async fn lock(session: &Session, model: &dyn ReadModel) -> Result<(), EngineError> {
    let key = format!("rebuild of {}", live_schema(model.name()));
    let rows = session
        .query("SELECT pg_try_advisory_lock(hashtextextended($1, 0))", &[&key])
        .await?;
    match rows.first().map(|row| row.try_get(0)).transpose()? {
        Some(true) => Ok(()),
        Some(false) | None => Err(EngineError::AlreadyRebuilding),
    }
}

async fn live_generation(session: &Session, model: &dyn ReadModel) -> Result<i64, EngineError> {
    let rows = session
        .query(
            "SELECT generation FROM read_engine.projections WHERE name = $1",
            &[&model.name()],
        )
        .await?;
    let row = rows.first().ok_or(EngineError::UnknownReadModel)?;
    Ok(row.try_get(0)?)
}

/// Folds the log up to the target into new tables, and indexes them.
async fn fold(
    engine: &Engine,
    model: &dyn ReadModel,
    session: Session,
    skips: &Skips,
    generation: i64,
    report: &mut Report<'_>,
) -> Result<(Session, Parked), EngineError> {
    let target = report.target;
    let quiet = "SET LOCAL client_min_messages = warning";
    tell(
        &session,
        &format!(
            "BEGIN; {quiet}; {}",
            schema::create(model, &next_schema(model.name()))
        ),
    )
    .await?;
    let (pieces, incoming) = mpsc::channel(4);
    let tables: Vec<_> = model.tables().iter().map(|table| table.name).collect();
    let loader = AbortOnDropHandle::new(tokio::spawn(load(session, tables, incoming)));
    let refused = read(engine, model, skips, pieces, report).await;
    // If the loader failed, reading failed because of it: its error is the one to tell.
    let session = loader.await.map_err(|_| EngineError::Interrupted)??;
    report.at(Phase::Index, target);
    let mut parked = Parked::none(model.name(), generation);
    for refused in refused? {
        parked.park(&session, &refused.waiting(), &refused.error).await?;
    }
    tell(&session, "COMMIT").await?;
    index(engine, model, &session).await?;
    Ok((session, parked))
}

/// Makes keys, then indexes on two connections at once: each statement keeps one core busy.
async fn index(engine: &Engine, model: &dyn ReadModel, session: &Session) -> Result<(), EngineError> {
    const MEMORY: &str = "SET maintenance_work_mem = '256MB'";
    let helper = Session::connect(engine.config(), &next_schema(model.name())).await?;
    tell(session, MEMORY).await?;
    tell(&helper, MEMORY).await?;
    for key in schema::keys(model) {
        tell(session, key).await?;
    }
    let trigram = schema::trigram(session.client()).await?;
    let mut statements = schema::indexes(model, trigram.as_deref());
    statements.extend(
        model
            .tables()
            .iter()
            .map(|table| format!("ANALYZE {}", table.name)),
    );
    let queue = Mutex::new(VecDeque::from(statements));
    let work = async |session: &Session| {
        while let Some(statement) = { queue.lock().pop_front() } {
            tell(session, &statement).await?;
        }
        Ok::<_, PostgresError>(())
    };
    let (one, other) = join(work(session), work(&helper)).await;
    one?;
    Ok(other?)
}

/// Puts pieces of rows into their tables. FREEZE, because the tables were made in this transaction: nothing needs to
/// visit the rows again.
async fn load(
    session: Session,
    tables: Vec<&'static str>,
    mut pieces: mpsc::Receiver<(usize, Bytes)>,
) -> Result<Session, PostgresError> {
    while let Some((table, rows)) = pieces.recv().await {
        let sql = format!("COPY {} FROM STDIN (FORMAT binary, FREEZE)", tables[table]);
        let mut sink = Box::pin(session.client().copy_in(sql.as_str()).await?);
        sink.send(rows).await?;
        sink.as_mut().finish().await?;
    }
    Ok(session)
}

/// An event that the fold could not take in.
struct Refused {
    stream: uuid::Uuid,
    category: String,
    version: i64,
    position: Position,
    event_type: String,
    error: ApplyError,
}

impl Refused {
    fn of(event: &EventFacts<'_>, error: ApplyError) -> Self {
        Self {
            stream: event.stream,
            category: event.category.to_owned(),
            version: event.version,
            position: event.position,
            event_type: event.event_type.to_owned(),
            error,
        }
    }

    fn waiting(&self) -> Waiting<'_> {
        Waiting {
            stream: self.stream,
            category: &self.category,
            version: self.version,
            position: self.position,
            event_type: &self.event_type,
        }
    }
}

async fn read(
    engine: &Engine,
    model: &dyn ReadModel,
    skips: &Skips,
    pieces: mpsc::Sender<(usize, Bytes)>,
    report: &mut Report<'_>,
) -> Result<Vec<Refused>, EngineError> {
    let session = Session::connect(engine.config(), "pg_catalog").await?;
    let mut events = export(session.client(), model.categories(), 0, report.target).await?;
    let mut fold = model.fold();
    let mut out = Copies::new(model.tables().len());
    let mut refused: Vec<Refused> = Vec::new();
    let mut parked = HashSet::new();
    let mut told = 0;
    while let Some(event) = events.next().await? {
        if !parked.is_empty() && parked.contains(&event.stream) {
            continue;
        }
        match skips.push(&mut *fold, &event, &mut out) {
            Ok(()) => {}
            Err(error) if error.is_of_the_data() => {
                parked.insert(event.stream);
                refused.push(Refused::of(&event, error));
            }
            Err(error) => return Err(error.into()),
        }
        if event.position - told >= PROGRESS_EVENTS {
            told = event.position;
            report.at(Phase::Fold, told);
            send(&mut out, PIECE_BYTES, &pieces).await?;
        }
    }
    while fold.finish(&mut out) == More::Yes {
        send(&mut out, PIECE_BYTES, &pieces).await?;
    }
    send(&mut out, 0, &pieces).await?;
    Ok(refused)
}

async fn send(
    out: &mut Copies,
    bytes_min: usize,
    pieces: &mpsc::Sender<(usize, Bytes)>,
) -> Result<(), EngineError> {
    for piece in out.take(bytes_min) {
        pieces.send(piece).await.map_err(|_| EngineError::Interrupted)?;
    }
    Ok(())
}
