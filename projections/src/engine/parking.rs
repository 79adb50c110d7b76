//! Parking: the stream of an event that cannot be applied waits, all others go on.

use std::collections::HashMap;
use std::sync::Arc;

use eventlog::{EventLog, Position, RecordedEvent, StreamId, Version};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio_postgres::Error as PostgresError;
use uuid::Uuid;

use super::apply::{plan, tell};
use super::model::{ApplyError, ReadModel};
use super::session::Session;
use super::skips::Skips;
use super::slot::Slot;
use crate::error::EngineError;

const PARK: &str = "
    INSERT INTO read_engine.parked (name, generation, stream, category, version, position, event_type, error, kind)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (name, generation, stream) DO NOTHING RETURNING 1";
const PARKED: &str = "SELECT stream, version FROM read_engine.parked WHERE name = $1 AND generation = $2";

/// How many events of a parked stream are read at once when it is tried again.
const PAGE: usize = 500;

/// The streams that wait in one generation of a read model.
#[derive(Debug, Default)]
pub(crate) struct Parked {
    pub(crate) name: &'static str,
    pub(crate) generation: i64,
    /// With the version of the event that each waits at.
    streams: HashMap<Uuid, Version>,
}

impl Parked {
    /// No streams.
    pub(crate) fn none(name: &'static str, generation: i64) -> Self {
        Self {
            name,
            generation,
            streams: HashMap::new(),
        }
    }

    pub(crate) async fn load(
        session: &Session,
        name: &'static str,
        generation: i64,
    ) -> Result<Self, PostgresError> {
        let rows = session.query(PARKED, &[&name, &generation]).await?;
        let streams = rows
            .iter()
            .map(|row| Ok((row.try_get(0)?, row.try_get(1)?)))
            .collect::<Result<_, PostgresError>>()?;
        Ok(Self {
            name,
            generation,
            streams,
        })
    }

    pub(crate) fn contains(&self, stream: Uuid) -> bool {
        self.streams.contains_key(&stream)
    }

    /// The streams whose event is passed over by now, so that they can go on.
    pub(crate) fn released(&self, skips: &Skips) -> Vec<Uuid> {
        let released =
            |(stream, version): (&Uuid, &Version)| skips.pass_over(*stream, *version).then_some(*stream);
        self.streams.iter().filter_map(released).collect()
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
                    &error.kind(),
                ],
            )
            .await?;
        self.streams.insert(stream, version);
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
    skips: &'a Skips,
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
        let outcome = match plan(session, model, skips, &events).await {
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
        apply_sparing(session, model, skips, parked, panics, earlier).await?;
        apply_sparing(session, model, skips, parked, panics, later).await
    }
    .boxed()
}

/// What became of a parked stream that was tried again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retried {
    /// How many events were applied or passed over.
    pub applied: u64,
    /// Where it is parked again, if it is: a later event of it cannot be applied either.
    pub parked_at: Option<Version>,
}

/// The generation's row is locked and its owner's lease taken away: he waits for this transaction, finds that out, and
/// reads the parked streams anew.
const fn stop_owner(slot: Slot) -> &'static str {
    match slot {
        Slot::Live => {
            "UPDATE read_engine.projections SET lease_owner = NULL, lease_until = NULL WHERE name = $1
             RETURNING generation, position"
        }
        Slot::Previous => {
            "UPDATE read_engine.previous SET lease_owner = NULL, lease_until = NULL WHERE name = $1
             RETURNING generation, position"
        }
    }
}

/// Applies what a parked stream of a generation has missed, in order up to the checkpoint, and lets it go on:
/// all in one transaction. If it stops at the same event, nothing has happened.
pub(crate) async fn retry(
    session: &Session,
    slot: Slot,
    log: &EventLog,
    model: &dyn ReadModel,
    stream: Uuid,
) -> Result<Retried, EngineError> {
    let skips = Skips::load(log, model.name()).await?;
    tell(session, "BEGIN").await?;
    let outcome = async {
        let rows = session.query(stop_owner(slot), &[&model.name()]).await?;
        let row = rows.first().ok_or(EngineError::NoSuchGeneration)?;
        let parked = Parked::none(model.name(), row.try_get(0)?);
        go_on(session, log, model, &skips, parked, row.try_get(1)?, stream).await
    }
    .await;
    tell(session, if outcome.is_ok() { "COMMIT" } else { "ROLLBACK" }).await?;
    outcome
}

/// Applies what a parked stream has missed up to `until`, within a transaction that is open already. `parked` names the
/// generation, and no streams.
pub(crate) async fn go_on(
    session: &Session,
    log: &EventLog,
    model: &dyn ReadModel,
    skips: &Skips,
    mut parked: Parked,
    until: Position,
    stream: Uuid,
) -> Result<Retried, EngineError> {
    let (name, generation) = (parked.name, parked.generation);
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
    let first: Version = row.try_get(1)?;
    let mut last = first - 1;
    loop {
        let page = log.read_stream(&stream, last, PAGE).await?;
        let due: Vec<_> = page
            .into_iter()
            .take_while(|event| event.position <= until)
            .map(Arc::new)
            .collect();
        let Some(event) = due.last() else { break };
        last = event.version;
        apply_sparing(session, model, skips, &mut parked, Panics::Park, &due).await?;
        if let Some(version) = parked.streams.get(&stream.id) {
            last = version - 1;
            break;
        }
    }
    let parked_at = parked.streams.get(&stream.id).copied();
    if parked_at == Some(first) {
        return Err(EngineError::StillParked(
            error_of(session, &parked, stream.id).await?,
        ));
    }
    let applied = u64::try_from(last + 1 - first).unwrap_or(0);
    tracing::info!(projection.name = name, event.stream = %stream.id, events = applied, "a parked stream goes on");
    Ok(Retried { applied, parked_at })
}

async fn error_of(session: &Session, parked: &Parked, stream: Uuid) -> Result<String, PostgresError> {
    let rows = session
        .query(
            "SELECT error FROM read_engine.parked WHERE name = $1 AND generation = $2 AND stream = $3",
            &[&parked.name, &parked.generation, &stream],
        )
        .await?;
    rows.first()
        .map_or_else(|| Ok(String::new()), |row| row.try_get(0))
}
