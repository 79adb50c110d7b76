//! The appender's connection, and the two ways to append on it.

use futures::future::join;
use tokio::task::AbortHandle;
use tokio::time::timeout;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Config, NoTls, Row, Statement};

use std::time::Duration;

use crate::entry::Entry;
use crate::envelope::{Head, Position, RecordedEvent};
use crate::read::{self, ReadError};
use crate::safety::{self, OpenError};
use crate::sql_time::SqlTime;

/// Longest wait for the outcome of a batch. Callers are told earlier; this is for connections that died in silence.
const BATCH_WAIT: Duration = Duration::from_secs(6);

/// What became of a batch.
#[derive(Debug)]
pub(super) enum Outcome {
    /// It is in the log, and committed.
    Appended,
    /// Nothing was appended: the log ends elsewhere, because another process appended.
    Stale,
    /// Nothing was appended: these commands stand in the way of the batch.
    Refused(Vec<Finding>),
}

/// Why one command of a batch could not be appended.
#[derive(Debug)]
pub(super) struct Finding {
    /// The place of its first event among those of the batch, from 0.
    pub(super) first_event: usize,
    pub(super) kind: FindingKind,
}

#[derive(Debug)]
pub(super) enum FindingKind {
    Duplicate,
    Conflict { actual: i64 },
    CategoryChanged,
}

/// Why it is not known what became of a batch, or why nothing could.
#[derive(Debug, thiserror::Error)]
pub(super) enum SessionError {
    /// Postgres cannot store something in the batch; nothing was appended.
    #[error("{0}")]
    Data(String),
    /// Everything else: the connection is of no use any more and the outcome is unknown.
    #[error("{0}")]
    Lost(String),
}

impl From<tokio_postgres::Error> for SessionError {
    fn from(error: tokio_postgres::Error) -> Self {
        match error.as_db_error() {
            // Class 22 is data (NUL, not JSON, out of range), class 54 is what is too deep or too long for Postgres.
            Some(db) if db.code().code().starts_with("22") || db.code().code().starts_with("54") => {
                Self::Data(format!("{} ({})", db.message(), db.code().code()))
            }
            Some(db) if *db.code() == SqlState::UNIQUE_VIOLATION => {
                Self::Lost("somebody writes to the log without its lock".to_owned())
            }
            Some(db) => Self::Lost(format!("{} ({})", db.message(), db.code().code())),
            None => Self::Lost(error.to_string()),
        }
    }
}

impl From<ReadError> for SessionError {
    fn from(error: ReadError) -> Self {
        Self::Lost(error.to_string())
    }
}

/// A connection with its statements. Dropping it ends the connection.
pub(super) struct Session {
    client: Client,
    append: Statement,
    lock_head: Statement,
    driver: AbortHandle,
    /// Process id of its backend.
    pub(super) backend: i32,
}

impl Drop for Session {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Session {
    /// Connects, and refuses a server that has become unsafe since the log was opened.
    pub(super) async fn open(config: &Config) -> Result<Self, OpenError> {
        timeout(BATCH_WAIT, Self::connect(config))
            .await
            .unwrap_or_else(|_| Err(OpenError::Silent))
    }

    async fn connect(config: &Config) -> Result<Self, OpenError> {
        let (client, connection) = config.connect(NoTls).await.map_err(OpenError::Unavailable)?;
        let driver = tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(error = %error, "the appender's connection ended");
            }
        })
        .abort_handle();
        safety::check(&client).await?;
        let append = client
            .prepare_typed(APPEND, &APPEND_TYPES)
            .await
            .map_err(OpenError::Unavailable)?;
        let lock_head = client
            .prepare("SELECT * FROM log.lock_head()")
            .await
            .map_err(OpenError::Unavailable)?;
        let row = client
            .query_one("SELECT pg_backend_pid()", &[])
            .await
            .map_err(OpenError::Unavailable)?;
        Ok(Self {
            client,
            append,
            lock_head,
            driver,
            backend: row.get(0),
        })
    }

    /// Appends a batch whose hashes were computed on `head`: one statement, one transaction, one round trip.
    pub(super) async fn append(&self, head: &Head, batch: &[Entry]) -> Result<Outcome, SessionError> {
        within(self.call(head, batch)).await
    }

    /// Begins a transaction, takes the lock that all appenders take and returns the head, which stays what it is
    /// until [`Session::append_locked`] ends the transaction.
    pub(super) async fn lock(&self) -> Result<Head, SessionError> {
        within(async {
            // Sent together: one round trip.
            let (begun, locked) = join(
                self.client.batch_execute("BEGIN"),
                self.client.query_opt(&self.lock_head, &[]),
            )
            .await;
            begun?;
            Ok(locked?.map_or(Ok(Head::EMPTY), |row| read::head_of(&row, 0))?)
        })
        .await
    }

    /// Appends a batch and commits what [`Session::lock`] began. After a data error the transaction is rolled back
    /// and the session is as good as new.
    pub(super) async fn append_locked(&self, head: &Head, batch: &[Entry]) -> Result<Outcome, SessionError> {
        within(async {
            let (outcome, committed) =
                join(self.call(head, batch), self.client.batch_execute("COMMIT")).await;
            let outcome = outcome?;
            committed?;
            Ok(outcome)
        })
        .await
    }

    /// What the log has of the batch's commands that are in it already.
    pub(super) async fn recorded(&self, batch: &[Entry]) -> Result<Vec<RecordedEvent>, SessionError> {
        let ids: Vec<_> = batch.iter().map(Entry::command_id).collect();
        within(async { Ok(read::commands(&self.client, &ids).await?) }).await
    }

    async fn call(&self, head: &Head, batch: &[Entry]) -> Result<Outcome, SessionError> {
        let events: Vec<&RecordedEvent> = batch.iter().flat_map(|entry| &entry.events).collect();
        let guards = guards(batch);
        let rows = self
            .client
            .query(
                &self.append,
                &[
                    &head.position,
                    &head.hash.as_slice(),
                    &SqlTime(events[0].recorded_at),
                    &column(&events, |event| event.stream.category.as_ref()),
                    &column(&events, |event| event.stream.id),
                    &column(&events, |event| event.version),
                    &column(&events, |event| event.event_id),
                    &column(&events, |event| event.event_type.as_str()),
                    &column(&events, |event| event.schema_version),
                    &column(&events, |event| event.payload.as_str()),
                    &column(&events, |event| event.metadata.as_str()),
                    &column(&events, |event| event.command_id),
                    &column(&events, |event| event.command_index),
                    &column(&events, |event| event.hash.as_slice()),
                    &column(&guards, |guard| guard.0),
                    &column(&guards, |guard| guard.1),
                ],
            )
            .await?;
        outcome(&rows)
    }
}

const APPEND: &str = "SELECT outcome, ordinal, actual FROM log.append_events \
                      ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";

const APPEND_TYPES: [Type; 16] = [
    Type::INT8,
    Type::BYTEA,
    Type::TIMESTAMPTZ,
    Type::TEXT_ARRAY,
    Type::UUID_ARRAY,
    Type::INT8_ARRAY,
    Type::UUID_ARRAY,
    Type::TEXT_ARRAY,
    Type::INT4_ARRAY,
    Type::TEXT_ARRAY,
    Type::TEXT_ARRAY,
    Type::UUID_ARRAY,
    Type::INT4_ARRAY,
    Type::BYTEA_ARRAY,
    Type::INT4_ARRAY,
    Type::INT8_ARRAY,
];

fn column<'a, R, T>(rows: &'a [R], value: impl Fn(&'a R) -> T) -> Vec<T> {
    rows.iter().map(value).collect()
}

/// For each guarded command the place of its first event, from 1, and the position to look after.
fn guards(batch: &[Entry]) -> Vec<(i32, Position)> {
    let mut first = 1;
    let mut guards = Vec::new();
    for entry in batch {
        if let Some(after) = entry.category_unchanged_since {
            guards.push((first, after));
        }
        first += i32::try_from(entry.events.len()).unwrap_or(i32::MAX);
    }
    guards
}

fn outcome(rows: &[Row]) -> Result<Outcome, SessionError> {
    let mut findings = Vec::new();
    for row in rows {
        let kind = match row.try_get(0)? {
            "appended" => return Ok(Outcome::Appended),
            "stale" => return Ok(Outcome::Stale),
            "duplicate" => FindingKind::Duplicate,
            "conflict" => FindingKind::Conflict {
                actual: row.try_get(2)?,
            },
            "category" => FindingKind::CategoryChanged,
            other => return Err(SessionError::Lost(format!("unknown outcome {other}"))),
        };
        let ordinal: i32 = row.try_get(1)?;
        let first_event =
            usize::try_from(ordinal - 1).map_err(|error| SessionError::Lost(error.to_string()))?;
        findings.push(Finding { first_event, kind });
    }
    if findings.is_empty() {
        return Err(SessionError::Lost("no outcome".to_owned()));
    }
    Ok(Outcome::Refused(findings))
}

async fn within<T>(work: impl Future<Output = Result<T, SessionError>>) -> Result<T, SessionError> {
    timeout(BATCH_WAIT, work)
        .await
        .unwrap_or_else(|_| Err(SessionError::Lost("no answer in time".to_owned())))
}
