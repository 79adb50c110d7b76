//! Parking: the stream of an event that cannot be applied waits, all others go on.

use std::collections::HashSet;
use std::sync::Arc;

use eventlog::{EventLog, Position, RecordedEvent, StreamId, Version};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_postgres::Error as PostgresError;
use uuid::Uuid;

use super::apply::{plan, tell};
use super::model::{ApplyError, ReadModel, live_schema};
use super::session::Session;
use crate::error::EngineError;

const PARK: &str = "
    INSERT INTO read_engine.parked (name, generation, stream, category, version, position, event_type, error)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (name, generation, stream) DO NOTHING RETURNING 1";
const PARKED: &str = "SELECT stream FROM read_engine.parked WHERE name = $1 AND generation = $2";

/// How many events of a parked stream are read at once when it is tried again.
const PAGE: usize = 500;

/// The streams that wait in one generation of a read model.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    pub(crate) name: &'static str,
    pub(crate) generation: i64,
    streams: HashSet<Uuid>,
}

impl Parked {
    /// No streams.
    pub(crate) fn none(name: &'static str, generation: i64) -> Self {
        Self {
            name,
            generation,
            streams: HashSet::new(),
        }
    }

    pub(crate) async fn load(
        session: &Session,
        name: &'static str,
        generation: i64,
    ) -> Result<Self, PostgresError> {
        let rows = session.query(PARKED, &[&name, &generation]).await?;
        let streams = rows.iter().map(|row| row.try_get(0)).collect::<Result<_, _>>()?;
        Ok(Self {
            name,
            generation,
            streams,
        })
    }

    pub(crate) fn contains(&self, stream: Uuid) -> bool {
        self.streams.contains(&stream)
    }

    pub(crate) fn len(&self) -> usize {
        self.streams.len()
    }

    /// Parks the stream of `event`.
    pub(crate) async fn park(
        &mut self,
        session: &Session,
        event: &Waiting<'_>,
        error: &ApplyError,
    ) -> Result<(), PostgresError> {
        let Waiting {
            stream,
            category,
            version,
            position,
            event_type,
        } = *event;
        let reason = error.to_string();
        session
            .query(
                PARK,
                &[
                    &self.name,
                    &self.generation,
                    &stream,
                    &category,
                    &version,
                    &position,
                    &event_type,
                    &reason,
                ],
            )
            .await?;
        self.streams.insert(stream);
        tracing::error!(
            projection.name = self.name,
            event.position = position,
            event.stream = %stream,
            event.r#type = event_type,
            error = reason,
            "a stream is parked"
        );
        Ok(())
    }
}

/// An event that cannot be applied.
pub(crate) struct Waiting<'a> {
    pub(crate) stream: Uuid,
    pub(crate) category: &'a str,
    pub(crate) version: Version,
    pub(crate) position: Position,
    pub(crate) event_type: &'a str,
}

impl<'a> From<&'a RecordedEvent> for Waiting<'a> {
    fn from(event: &'a RecordedEvent) -> Self {
        Self {
            stream: event.stream.id,
            category: &event.stream.category,
            version: event.version,
            position: event.position,
            event_type: &event.event_type,
        }
    }
}

/// Whether an event whose application panics is parked. Not at first: a panic may come from anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Panics {
    Park,
    Fail,
}

/// Applies `events` within a transaction that is open already, and parks the streams that cannot be: halves what fails
/// until single events are left.
pub(crate) fn apply_sparing<'a>(
    session: &'a Session,
    model: &'a dyn ReadModel,
    parked: &'a mut Parked,
    panics: Panics,
    events: &'a [Arc<RecordedEvent>],
) -> BoxFuture<'a, Result<(), ApplyError>> {
    async move {
        let events: Vec<_> = events
            .iter()
            .filter(|event| !parked.contains(event.stream.id))
            .cloned()
            .collect();
        let Some(first) = events.first() else {
            return Ok(());
        };
        tell(session, "SAVEPOINT part").await?;
        let outcome = match plan(session, model, &events).await {
            Ok(writes) => session.write(&writes).await.map_err(ApplyError::from),
            Err(error) => Err(error),
        };
        let error = match outcome {
            Ok(()) => {
                tell(session, "RELEASE part").await?;
                return Ok(());
            }
            Err(error) => error,
        };
        let panicked = matches!(error, ApplyError::Panicked(_)) && panics == Panics::Park;
        if !panicked && !error.is_of_the_data() {
            return Err(error);
        }
        tell(session, "ROLLBACK TO part; RELEASE part").await?;
        if events.len() == 1 {
            parked.park(session, &Waiting::from(&**first), &error).await?;
            return Ok(());
        }
        let (earlier, later) = events.split_at(events.len() / 2);
        apply_sparing(session, model, parked, panics, earlier).await?;
        apply_sparing(session, model, parked, panics, later).await
    }
    .boxed()
}

/// Applies what a parked stream has missed, in order up to the checkpoint, and lets it go on: all in one transaction.
/// Returns how many events were applied. On an error of the data the stream stays parked.
pub(crate) async fn retry(
    session: &Session,
    log: &EventLog,
    model: &dyn ReadModel,
    stream: Uuid,
) -> Result<u64, EngineError> {
    tell(session, "BEGIN").await?;
    let outcome = retry_inside(session, log, model, stream).await;
    tell(session, if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    outcome
}

async fn retry_inside(
    session: &Session,
    log: &EventLog,
    model: &dyn ReadModel,
    stream: Uuid,
) -> Result<u64, EngineError> {
    let name = model.name();
    // The owner's lease is taken away: it waits for this transaction, finds that out, and reads the parked streams anew.
    let rows = session
        .query(
            "UPDATE read_engine.projections SET lease_owner = NULL, lease_until = NULL WHERE name = $1
             RETURNING generation, position",
            &[&name],
        )
        .await?;
    let row = rows.first().ok_or(EngineError::UnknownReadModel)?;
    let (generation, position): (i64, Position) = (row.try_get(0)?, row.try_get(1)?);
    let rows = session
        .query(
            "DELETE FROM read_engine.parked WHERE name = $1 AND generation = $2 AND stream = $3
             RETURNING category, version",
            &[&name, &generation, &stream],
        )
        .await?;
    let row = rows.first().ok_or(EngineError::NotParked)?;
    let stream = StreamId {
        category: row.try_get::<_, String>(0)?.into(),
        id: stream,
    };
    let mut applied = row.try_get::<_, Version>(1)? - 1;
    let mut count = 0;
    loop {
        let page = log.read_stream(&stream, applied, PAGE).await?;
        let due: Vec<_> = page
            .into_iter()
            .take_while(|event| event.position <= position)
            .map(Arc::new)
            .collect();
        let Some(last) = due.last() else { break };
        applied = last.version;
        let writes = plan(session, model, &due).await?;
        session.write(&writes).await.map_err(ApplyError::from)?;
        count += due.len() as u64;
    }
    tracing::info!(projection.name = name, event.stream = %stream.id, events = count, "a parked stream goes on");
    Ok(count)
}

/// The schema that [`retry`] needs as its session's search path.
pub(crate) fn retry_schema(model: &dyn ReadModel) -> String {
    live_schema(model.name())
}
