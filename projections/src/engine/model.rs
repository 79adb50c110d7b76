//! What a read model is to the engine.

use std::sync::Arc;

use domain::codec::CodecError;
use domain::decider::Decider;
use eventlog::{EventFacts, RecordedEvent};
use futures::future::BoxFuture;
use tokio_postgres::error::{Error as PostgresError, SqlState};
use tokio_postgres::types::ToSql;

use super::copy::Copies;
use super::session::Session;
use super::skips::Skips;

/// Folds events into tables that queries read. One value of it may serve several generations at once, so it keeps
/// no state of its own.
pub trait ReadModel: Send + Sync + 'static {
    /// Names it, and its schema `read_<name>`: a short lower-case word.
    fn name(&self) -> &'static str;

    /// Version of what it makes of the log. To be raised with every change of that; stored tables of a lower version
    /// are rebuilt when the program starts.
    fn version(&self) -> i32;

    /// The categories whose events it reads.
    fn categories(&self) -> &'static [&'static str];

    /// Its tables.
    fn tables(&self) -> &'static [Table];

    /// What `batch` changes: reads the rows concerned, writes nothing. The engine runs the writes in order, in one
    /// transaction with the checkpoint.
    ///
    /// The batch has events of its categories only, in order, and directly follows what has been applied, except
    /// that streams which are parked are left out. An event that `skips` passes over has no effect but that its row's
    /// version and position move on; if the stream has no row yet, it has none at all.
    fn apply<'a>(
        &'a self,
        rows: &'a Session,
        batch: &'a [Arc<RecordedEvent>],
        skips: &'a Skips,
    ) -> BoxFuture<'a, Result<Vec<Write>, ApplyError>>;

    /// A fold of the whole log from its beginning, in memory.
    fn fold(&self) -> Box<dyn Fold>;
}

/// A table of a read model.
#[derive(Clone, Copy, Debug)]
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// What stands between the brackets of CREATE TABLE, without keys.
    pub columns: &'static str,
    /// Storage parameters, such as `fillfactor = 85`.
    pub storage: &'static str,
    /// Statements that make its keys and whatever else belongs to it, in this order.
    pub keys: &'static [&'static str],
    /// CREATE INDEX statements, in any order or at once. `{trigram}` stands for the operator class of pg_trgm; a
    /// statement with it is left out where there is none.
    pub indexes: &'static [&'static str],
}

/// One statement with its parameters. Table names in it are unqualified.
pub struct Write {
    pub(crate) sql: &'static str,
    pub(crate) parameters: Vec<Parameter>,
}

/// A value to be bound to a statement.
pub type Parameter = Box<dyn ToSql + Send + Sync>;

impl Write {
    /// The statement `sql`, for which `parameters` are bound to `$1`, `$2`, ….
    pub fn new(sql: &'static str, parameters: Vec<Parameter>) -> Self {
        Self { sql, parameters }
    }
}

/// A read model that is being made in memory, by stream.
pub trait Fold: Send {
    /// Takes in one event. Rows that will never change may go out at once. An error of the data changes nothing.
    fn push(&mut self, event: &EventFacts<'_>, out: &mut Copies) -> Result<(), ApplyError>;

    /// Takes in one event that has no effect: of a stream that it knows the version and position move on, of any other
    /// nothing is remembered.
    fn pass_over(&mut self, event: &EventFacts<'_>, out: &mut Copies);

    /// Puts out all other rows, after the last event. Called repeatedly, so that memory stays bounded; says whether
    /// there are more.
    fn finish(&mut self, out: &mut Copies) -> More;
}

/// Whether [`Fold::finish`] wants to be called again.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum More {
    /// It does.
    Yes,
    /// Everything is out.
    No,
}

/// Why events could not be applied.
#[derive(Debug, thiserror::Error)]
pub enum ApplyError {
    /// The program is older than the log: nothing may be skipped, and nothing else can be done.
    #[error("{0}")]
    Unknown(CodecError),
    /// The event cannot be applied, however often it is tried. Its stream is parked.
    #[error("{0}")]
    Data(String),
    /// The code has a fault.
    #[error("panicked: {0}")]
    Panicked(String),
    /// The database refused a statement or is away.
    #[error("database: {}", described(.0))]
    Database(#[from] PostgresError),
}

fn described(error: &PostgresError) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |error| format!("{} ({})", error.message(), error.code().code()),
    )
}

impl ApplyError {
    /// The kind of reason, without anything of the events' contents: for whoever may not see those.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Unknown(_) => "the program does not know the event's type",
            Self::Data(_) => "the event does not fit",
            Self::Panicked(_) => "the program has a fault",
            Self::Database(_) if self.is_of_the_data() => "the database cannot hold it",
            Self::Database(_) => "the database refused or is away",
        }
    }

    /// Whether the reason is in the event itself, so that trying again cannot help and going on without it can.
    pub(crate) fn is_of_the_data(&self) -> bool {
        match self {
            Self::Data(_) => true,
            Self::Unknown(_) | Self::Panicked(_) => false,
            Self::Database(error) => error.code().is_some_and(is_of_the_data),
        }
    }
}

/// Data exceptions, broken constraints, limits of Postgres, and what triggers raise.
fn is_of_the_data(state: &SqlState) -> bool {
    ["22", "23", "54", "P0"]
        .iter()
        .any(|class| state.code().starts_with(class))
}

/// The event in the domain's form.
pub fn decode<D: Decider>(event: &EventFacts<'_>) -> Result<D::Event, ApplyError> {
    D::decode(event.event_type, event.schema_version, event.payload).map_err(|error| match error {
        unknown @ CodecError::Unknown { .. } => ApplyError::Unknown(unknown),
        malformed @ CodecError::Malformed { .. } => ApplyError::Data(chain(&malformed)),
    })
}

/// The error with all its causes, for people.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text.push_str(": ");
        text.push_str(&cause.to_string());
        source = cause.source();
    }
    text
}
