//! Taking over a log that was exported: into an empty database, or one that has the beginning of it already. The only
//! way into the table beside `log.append_events`, and not open to the server: it needs the role that migrates.

use std::collections::HashMap;
use std::pin::pin;

use serde_json::value::RawValue;
use tokio_postgres::binary_copy::BinaryCopyInWriter;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};
use uuid::Uuid;

use crate::chain::link;
use crate::entry;
use crate::envelope::{Head, Position, RecordedEvent, Version};
use crate::read::{self, ReadError};
use crate::sql_time::SqlTime;
use crate::verify::versions_at;

/// The lock under which everybody appends: that of `log.lock_head`, held for as long as the import goes on.
const APPEND_LOCK: i64 = 7_813_579_206_431_827;
/// Longest wait for that lock.
const LOCK_WAIT_MS: u32 = 5_000;

/// The columns and their types, in the order in which rows are written. `payload` and `metadata` are sent as text, which
/// is what `json` is on the wire.
const COLUMNS: &str = "position, category, stream, version, event_id, type, schema_version, payload, metadata, \
                       recorded_at, command_id, command_index, hash";
const TYPES: [Type; 13] = [
    Type::INT8,
    Type::TEXT,
    Type::UUID,
    Type::INT8,
    Type::UUID,
    Type::TEXT,
    Type::INT4,
    Type::TEXT,
    Type::TEXT,
    Type::TIMESTAMPTZ,
    Type::UUID,
    Type::INT4,
    Type::BYTEA,
];

/// Why an event is not taken over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is not the next one.
    #[error("the position is {found} instead of {expected}")]
    Position {
        /// What it must be.
        expected: Position,
        /// What it is.
        found: Position,
    },
    /// Its hash is not that of its predecessor and its content.
    #[error("the hash does not fit")]
    Hash,
    /// Its version does not follow that of its stream's previous event.
    #[error("the version is {found} instead of {expected}")]
    Version {
        /// What it must be.
        expected: Version,
        /// What it is.
        found: Version,
    },
    /// It has something that the log never writes.
    #[error("a column holds what the log never writes")]
    Malformed,
    /// It says that it follows the event before it in one command, and does not: no other begins in the middle.
    #[error("the event does not go on with the command of the one before it")]
    Command,
    /// The id of its command has been taken before.
    #[error("the command is in the log already")]
    Repeated,
}

/// Why an import did not go on. What was taken over before stays, and is a beginning to go on from.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The database is away, or refuses: only the role that migrates may import.
    #[error("the database refused the import")]
    Database(#[from] tokio_postgres::Error),
    /// The end of the log could not be read.
    #[error("the end of the log cannot be read")]
    Read(#[from] ReadError),
    /// Somebody else is appending, or importing.
    #[error("somebody else is writing to this log")]
    Busy,
    /// Somebody else has appended since.
    #[error("the log has another end than was left there: {0:?} is not the last position any more")]
    Moved(Position),
    /// This event is not taken over.
    #[error("position {position}: {unfit}")]
    Unfit {
        /// Which one.
        position: Position,
        /// Why.
        unfit: Unfit,
    },
}

/// An import under way. Nobody else can append before it is dropped together with its connection.
pub struct Import<'a> {
    client: &'a mut Client,
    head: Head,
    last: Option<InCommand>,
}

/// The place of an event in its command and its stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct InCommand {
    command: Uuid,
    index: i32,
    stream: Uuid,
    version: Version,
}

impl InCommand {
    const fn of(event: &RecordedEvent) -> Self {
        Self {
            command: event.command_id,
            index: event.command_index,
            stream: event.stream.id,
            version: event.version,
        }
    }

    /// Whether it may come after `last`: it begins a command, or goes on with that one on the same stream.
    fn follows(self, last: Option<Self>) -> bool {
        self.index == 0
            || last.is_some_and(|last| {
                let (index, version) = (self.index - 1, self.version - 1);
                last == Self {
                    index,
                    version,
                    ..self
                }
            })
    }
}

impl<'a> Import<'a> {
    /// Keeps everybody else from appending, and looks where the log ends. The connection's role must be a member of
    /// `informejo_owner`.
    pub async fn begin(client: &'a mut Client) -> Result<Self, ImportError> {
        let transaction = client.transaction().await?;
        let wait = format!("SET LOCAL lock_timeout = {LOCK_WAIT_MS}");
        transaction.execute(&wait, &[]).await?;
        // Of the session, not of the transaction: it is held from one batch to the next.
        let locked = transaction
            .execute("SELECT pg_advisory_lock($1)", &[&APPEND_LOCK])
            .await;
        match locked {
            Err(error) if error.code() == Some(&SqlState::LOCK_NOT_AVAILABLE) => {
                return Err(ImportError::Busy);
            }
            locked => locked?,
        };
        transaction.commit().await?;
        let head = read::head(client).await?;
        let last = last_in_command(client).await?;
        Ok(Self { client, head, last })
    }

    /// Where the log ends now.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// Takes over the next events, all or none of them, and says where the log ends then. They are durable when this
    /// returns.
    pub async fn append(&mut self, events: &[RecordedEvent]) -> Result<Head, ImportError> {
        let head = follow(self.head, events)?;
        let streams: Vec<Uuid> = events.iter().map(|event| event.stream.id).collect();
        let versions = versions_at(self.client, self.head.position, &streams).await?;
        versions_follow(versions, events)?;
        let last = commands_follow(self.last, events)?;
        let transaction = self.client.transaction().await?;
        transaction.execute("SET LOCAL ROLE informejo_owner", &[]).await?;
        transaction
            .execute("SET LOCAL synchronous_commit = on", &[])
            .await?;
        let end = transaction
            .query_opt("SELECT head_position, head_hash FROM log.lock_head()", &[])
            .await?
            .map_or(Ok(Head::EMPTY), |row| read::head_of(&row, 0))?;
        if end != self.head {
            return Err(ImportError::Moved(self.head.position));
        }
        let written = match write(&transaction, events).await {
            Err(error) if error.code() == Some(&SqlState::UNIQUE_VIOLATION) => {
                let position = self.head.position + 1;
                let unfit = Unfit::Repeated;
                return Err(ImportError::Unfit { position, unfit });
            }
            written => written?,
        };
        debug_assert_eq!(written, events.len() as u64);
        transaction
            .execute("SELECT pg_notify('informejo_log', '')", &[])
            .await?;
        transaction.commit().await?;
        (self.head, self.last) = (head, last);
        Ok(head)
    }
}

/// The head after `events`, if each of them follows the one before it.
pub fn follow(mut head: Head, events: &[RecordedEvent]) -> Result<Head, ImportError> {
    for event in events {
        let expected = head.position + 1;
        let unfit = if event.position != expected {
            Some(Unfit::Position {
                expected,
                found: event.position,
            })
        } else if !is_writable(event) {
            Some(Unfit::Malformed)
        } else if link(&head.hash, event) != event.hash {
            Some(Unfit::Hash)
        } else {
            None
        };
        if let Some(unfit) = unfit {
            let position = expected;
            return Err(ImportError::Unfit { position, unfit });
        }
        head = Head {
            position: event.position,
            hash: event.hash,
        };
    }
    Ok(head)
}

/// Whether the log could have written it: what the table's conditions and `append` ask for.
fn is_writable(event: &RecordedEvent) -> bool {
    let json = |text: &str| entry::check(text).is_ok() && serde_json::from_str::<&RawValue>(text).is_ok();
    event.schema_version > 0
        && event.command_index >= 0
        && !event.stream.category.contains('\0')
        && !event.event_type.contains('\0')
        && json(&event.payload)
        && json(&event.metadata)
}

fn versions_follow(
    mut versions: HashMap<Uuid, Version>,
    events: &[RecordedEvent],
) -> Result<(), ImportError> {
    for event in events {
        let last = versions.entry(event.stream.id).or_insert(0);
        let (expected, found) = (*last + 1, event.version);
        if expected != found {
            return Err(ImportError::Unfit {
                position: event.position,
                unfit: Unfit::Version { expected, found },
            });
        }
        *last = found;
    }
    Ok(())
}

/// The last event's place in its command, if the events of each command are neighbours in their order, as the log writes
/// them and looks for them.
fn commands_follow(
    mut last: Option<InCommand>,
    events: &[RecordedEvent],
) -> Result<Option<InCommand>, ImportError> {
    for event in events {
        let this = InCommand::of(event);
        if !this.follows(last) {
            return Err(ImportError::Unfit {
                position: event.position,
                unfit: Unfit::Command,
            });
        }
        last = Some(this);
    }
    Ok(last)
}

async fn last_in_command(client: &Client) -> Result<Option<InCommand>, tokio_postgres::Error> {
    let sql =
        "SELECT command_id, command_index, stream, version FROM log.events ORDER BY position DESC LIMIT 1";
    let row = client.query_opt(sql, &[]).await?;
    row.map(|row| {
        Ok(InCommand {
            command: row.try_get(0)?,
            index: row.try_get(1)?,
            stream: row.try_get(2)?,
            version: row.try_get(3)?,
        })
    })
    .transpose()
}

async fn write(
    transaction: &Transaction<'_>,
    events: &[RecordedEvent],
) -> Result<u64, tokio_postgres::Error> {
    let sql = format!("COPY log.events ({COLUMNS}) FROM STDIN (FORMAT binary)");
    let sink = transaction.copy_in(sql.as_str()).await?;
    let mut writer = pin!(BinaryCopyInWriter::new(sink, &TYPES));
    for event in events {
        writer
            .as_mut()
            .write(&[
                &event.position,
                &event.stream.category.as_ref(),
                &event.stream.id,
                &event.version,
                &event.event_id,
                &event.event_type,
                &event.schema_version,
                &event.payload,
                &event.metadata,
                &SqlTime(event.recorded_at),
                &event.command_id,
                &event.command_index,
                &event.hash.as_slice(),
            ])
            .await?;
    }
    writer.finish().await
}
