//! How all read models are doing, from the database: the same for every process.

use std::collections::HashMap;

use domain::time::Timestamp;
use eventlog::{EventLog, Position, Version};
use tokio_postgres::Row;
use uuid::Uuid;

use super::compare::Comparison;
use super::health::{Health, Signs};
use super::progress::seconds_left;
use super::session::Session;
use crate::error::EngineError;

/// A read model in the database.
#[derive(Clone, Debug, PartialEq)]
pub struct StoredStatus {
    /// The read model.
    pub name: String,
    /// How it is.
    pub health: Health,
    /// The live generation, from 1.
    pub generation: i64,
    /// Version of the read model that made it.
    pub version: i32,
    /// The last position that is in its tables.
    pub position: Position,
    /// The last position of the log.
    pub head: Position,
    /// How many events are yet to be applied.
    pub lag: i64,
    /// How long the oldest of them has waited.
    pub lag_seconds: f64,
    /// Events per second, lately.
    pub rate: f64,
    /// The node that applies events to it, if its lease has not run out.
    pub owner: Option<String>,
    /// Seconds since that node last gave a sign of life.
    pub silent_seconds: f64,
    /// The streams that wait.
    pub parked: Vec<ParkedStream>,
    /// What went wrong last, if anything has since the generation became live.
    pub last_error: Option<LastError>,
    /// The generation before it, if that is kept.
    pub previous: Option<PreviousStatus>,
    /// The next generation, if it is being made or waits to be accepted.
    pub build: Option<BuildStatus>,
}

/// A failure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastError {
    /// In full. May quote an event.
    pub text: String,
    /// Its kind, without anything of the events' contents.
    pub kind: String,
    /// When.
    pub at: Timestamp,
}

/// The generation before the live one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PreviousStatus {
    /// Its number.
    pub generation: i64,
    /// Version of the read model that made it.
    pub version: i32,
    /// The last position that is in its tables.
    pub position: Position,
    /// The node that keeps it current; if there is none, it stands still.
    pub owner: Option<String>,
}

/// The next generation.
#[derive(Clone, Debug, PartialEq)]
pub struct BuildStatus {
    /// Its number.
    pub generation: i64,
    /// Whether it waits to be accepted or aborted, because it differs from the live one.
    pub different: bool,
    /// Whether a process works on it; if not, and it does not wait either, that process is gone.
    pub running: bool,
    /// What is being done.
    pub phase: String,
    /// How far it is.
    pub position: Position,
    /// Where it has to get.
    pub target: Position,
    /// Events per second.
    pub rate: f64,
    /// How long the rest takes at this rate.
    pub seconds_left: Option<f64>,
    /// Since when.
    pub begun: Timestamp,
    /// How it differs from the live one, if it does.
    pub comparison: Option<Comparison>,
}

/// A stream that waits because an event of it could not be applied.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParkedStream {
    /// The stream's id.
    pub stream: Uuid,
    /// The stream's category.
    pub category: String,
    /// Version of the event that could not be applied.
    pub version: Version,
    /// Its position.
    pub position: Position,
    /// Its type.
    pub event_type: String,
    /// Why, in full. May quote the event.
    pub error: String,
    /// The kind of reason, without anything of the event's contents.
    pub kind: String,
    /// Since when.
    pub since: Timestamp,
}

const STATUS: &str = "
    SELECT p.name, p.generation, p.version, p.position, CASE WHEN p.lease_until > clock_timestamp() THEN p.lease_owner END,
           extract(epoch FROM clock_timestamp() - p.well_at)::float8, p.rate, p.last_error, p.error_kind,
           (extract(epoch FROM p.error_at) * 1000)::bigint, coalesce(p.error_at > p.well_at, false),
           q.generation, q.version, q.position, CASE WHEN q.lease_until > clock_timestamp() THEN q.lease_owner END,
           b.generation, b.stage = 'different', b.beat_at > clock_timestamp() - interval '3 seconds', b.phase, b.done,
           b.target, b.rate, (extract(epoch FROM b.begun_at) * 1000)::bigint, b.comparison,
           (extract(epoch FROM clock_timestamp()) * 1000)::bigint
    FROM read_engine.projections p
    LEFT JOIN read_engine.previous q ON q.name = p.name
    LEFT JOIN read_engine.builds b ON b.name = p.name
    ORDER BY p.name";

/// Seconds without a heartbeat after which the rate is nought.
const RATE_SECONDS_MAX: f64 = 3.0;

/// How all read models are doing. Those that were never made are left out.
pub(crate) async fn read(session: &Session, log: &EventLog) -> Result<Vec<StoredStatus>, EngineError> {
    let head = log.head().await?.position;
    let mut parked = parked(session).await?;
    let mut statuses = Vec::new();
    for row in session.query(STATUS, &[]).await? {
        let (name, generation): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
        let position: Position = row.try_get(3)?;
        let waiting = waiting(log, position, head, row.try_get(24)?).await?;
        let parked = parked.remove(&(name.clone(), generation)).unwrap_or_default();
        let (silent_seconds, rate): (f64, f64) = (row.try_get(5)?, row.try_get(6)?);
        let build = build(&row)?;
        let signs = Signs {
            parked: parked.len(),
            failing: row.try_get(10)?,
            silent_seconds,
            lag_seconds: waiting,
            building: build.as_ref().is_some_and(|build| build.running),
        };
        statuses.push(StoredStatus {
            name,
            health: Health::of(&signs),
            generation,
            version: row.try_get(2)?,
            position,
            head: head.max(position),
            lag: (head - position).max(0),
            lag_seconds: waiting,
            rate: if silent_seconds > RATE_SECONDS_MAX {
                0.0
            } else {
                rate
            },
            owner: row.try_get(4)?,
            silent_seconds,
            parked,
            last_error: last_error(&row)?,
            previous: previous(&row)?,
            build,
        });
    }
    Ok(statuses)
}

/// How long the event after `position` has waited, in seconds at the time `now` of the database.
async fn waiting(log: &EventLog, position: Position, head: Position, now: i64) -> Result<f64, EngineError> {
    if position >= head {
        return Ok(0.0);
    }
    let next = log.read_all(position, 1).await?;
    let recorded = next.first().map(|event| event.recorded_at.as_millis());
    #[expect(clippy::cast_precision_loss, reason = "a time for people to look at")]
    Ok(recorded.map_or(0.0, |recorded| (now - recorded).max(0) as f64 / 1_000.0))
}

fn last_error(row: &Row) -> Result<Option<LastError>, EngineError> {
    let (text, kind): (Option<String>, Option<String>) = (row.try_get(7)?, row.try_get(8)?);
    let at: Option<i64> = row.try_get(9)?;
    Ok(text.zip(kind).zip(at).map(|((text, kind), at)| LastError {
        text,
        kind,
        at: Timestamp::from_millis(at),
    }))
}

fn previous(row: &Row) -> Result<Option<PreviousStatus>, EngineError> {
    let Some(generation) = row.try_get(11)? else {
        return Ok(None);
    };
    Ok(Some(PreviousStatus {
        generation,
        version: row.try_get(12)?,
        position: row.try_get(13)?,
        owner: row.try_get(14)?,
    }))
}

fn build(row: &Row) -> Result<Option<BuildStatus>, EngineError> {
    let Some(generation) = row.try_get(15)? else {
        return Ok(None);
    };
    let (position, target, rate) = (row.try_get(19)?, row.try_get(20)?, row.try_get(21)?);
    let different: bool = row.try_get(16)?;
    let comparison: Option<&str> = row.try_get(23)?;
    Ok(Some(BuildStatus {
        generation,
        different,
        running: !different && row.try_get(17)?,
        phase: row.try_get(18)?,
        position,
        target,
        rate,
        seconds_left: seconds_left(position, target, rate),
        begun: Timestamp::from_millis(row.try_get(22)?),
        comparison: comparison.and_then(|text| serde_json::from_str(text).ok()),
    }))
}

/// The parked streams of each generation, in the order of their events.
async fn parked(session: &Session) -> Result<HashMap<(String, i64), Vec<ParkedStream>>, EngineError> {
    let rows = session
        .query(
            "SELECT name, generation, stream, category, version, position, event_type, error, kind,
                    (extract(epoch FROM since) * 1000)::bigint
             FROM read_engine.parked ORDER BY position",
            &[],
        )
        .await?;
    let mut parked: HashMap<_, Vec<_>> = HashMap::new();
    for row in rows {
        parked
            .entry((row.try_get(0)?, row.try_get(1)?))
            .or_default()
            .push(ParkedStream {
                stream: row.try_get(2)?,
                category: row.try_get(3)?,
                version: row.try_get(4)?,
                position: row.try_get(5)?,
                event_type: row.try_get(6)?,
                error: row.try_get(7)?,
                kind: row.try_get(8)?,
                since: Timestamp::from_millis(row.try_get(9)?),
            });
    }
    Ok(parked)
}
