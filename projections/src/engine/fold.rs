//! The first step of a rebuild: the log is folded in memory, its rows go into new tables by COPY, and those are indexed.

use std::collections::{HashSet, VecDeque};

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
use super::copy::Copies;
use super::model::{ApplyError, More, ReadModel};
use super::parking::{Parked, Waiting};
use super::progress::{Phase, Report};
use super::schema;
use super::session::Session;
use super::skips::Skips;
use super::slot::next_schema;
use crate::error::EngineError;

/// Rows of a table go out in pieces of about this size.
const PIECE_BYTES: usize = 4 * 1024 * 1024;
/// The progress is told after so many events.
const PROGRESS_EVENTS: i64 = 10_000;

/// Folds the log up to the target into new tables, and indexes them.
pub(crate) async fn fold(
    engine: &Engine,
    model: &dyn ReadModel,
    session: Session,
    skips: &Skips,
    generation: i64,
    report: &mut Report<'_>,
) -> Result<Session, EngineError> {
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
    Ok(session)
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
