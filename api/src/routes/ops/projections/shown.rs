//! What a read model looks like to operators.

use std::str::FromStr;

use projections::engine::{BuildStatus, Difference, ParkedStream, SampleKind, StoredStatus};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::extract::InPath;
use crate::problem::{self, ApiResult};
use crate::state::{AppState, READ_WAIT};

/// The name of a read model in a path. Whether there is one is found out later, by whoever may know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Name(pub(super) String);

impl FromStr for Name {
    type Err = std::convert::Infallible;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Ok(Self(text.to_owned()))
    }
}

impl InPath for Name {
    const PARAMETER: &'static str = "name";
    const MISSING: &'static str = "Projection not found";
}

/// The id of a parked stream in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Stream(pub(super) Uuid);

impl FromStr for Stream {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

impl InPath for Stream {
    const PARAMETER: &'static str = "stream";
    const MISSING: &'static str = "Stream not found";
}

/// A read model.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Projection {
    /// Which one.
    #[schema(example = "tickets")]
    name: String,
    /// `well`, `behind`, `building`, `parked`, `failing` or `dead`.
    #[schema(example = "well")]
    health: &'static str,
    /// `green`, `yellow` or `red`.
    #[schema(example = "green")]
    colour: &'static str,
    /// The live generation.
    generation: i64,
    /// The version of the program's read model that made it.
    version: i32,
    /// The last position that it has applied.
    position: i64,
    /// The last position of the log.
    head: i64,
    /// How many events it is behind.
    lag: i64,
    /// How long the oldest of them has waited.
    lag_seconds: f64,
    /// Events per second, lately.
    rate: f64,
    /// The node that applies events to it.
    owner: Option<String>,
    /// Seconds since that node last gave a sign of life.
    silent_seconds: f64,
    /// The kind of the last error, if there was any since this generation became live.
    last_error: Option<String>,
    /// When that was.
    last_error_at: Option<String>,
    /// The streams that wait.
    parked: Vec<Parked>,
    /// The generation before, if it is kept.
    previous: Option<Previous>,
    /// The next generation, if it is being made or waits to be accepted.
    build: Option<Build>,
}

/// A stream that waits because of an event that could not be applied.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
pub(super) struct Parked {
    /// The stream, such as a ticket's id.
    stream: Uuid,
    /// What the stream is about.
    #[schema(example = "ticket")]
    category: String,
    /// The event's place in the stream.
    version: i64,
    /// The event's place in the log.
    position: i64,
    /// The event's type.
    r#type: String,
    /// The kind of reason.
    reason: String,
    /// Since when.
    since: String,
}

/// The generation before the live one.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Previous {
    generation: i64,
    version: i32,
    position: i64,
    /// Whether a program keeps it current; if not, none of its version runs.
    kept_current: bool,
}

/// The next generation.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct Build {
    generation: i64,
    /// Whether somebody works on it.
    running: bool,
    /// Whether it differs from the live one, and waits to be accepted or aborted.
    different: bool,
    /// `fold`, `index`, `catch-up`, `compare` or `swap`.
    phase: String,
    position: i64,
    target: i64,
    rate: f64,
    seconds_left: Option<f64>,
    /// The tables that differ.
    differences: Vec<TableDifference>,
}

/// How a table differs.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase")]
struct TableDifference {
    table: String,
    /// Rows that only the live generation has as they are.
    rows_only_live: i64,
    /// Rows that only the next one has as they are.
    rows_only_next: i64,
    /// In how many rows of both each column differs.
    columns: Vec<ColumnDifference>,
    /// Some of the rows.
    samples: Vec<RowDifference>,
}

/// In how many rows a column differs.
#[derive(Debug, Serialize, ToSchema)]
struct ColumnDifference {
    column: String,
    rows: i64,
}

/// A row that differs.
#[derive(Debug, Serialize, ToSchema)]
struct RowDifference {
    /// Its key.
    key: Vec<String>,
    /// `live` or `next`, if only that one has it.
    only: Option<&'static str>,
    /// The columns that differ, if both have it.
    columns: Vec<String>,
}

/// All read models, from the database.
pub(super) async fn statuses(app: &AppState) -> ApiResult<Vec<StoredStatus>> {
    match tokio::time::timeout(READ_WAIT, app.projections.engine().status()).await {
        Ok(statuses) => Ok(statuses?),
        Err(elapsed) => Err(problem::away(&elapsed)),
    }
}

/// One read model.
pub(super) async fn status(app: &AppState, name: &str) -> ApiResult<StoredStatus> {
    let statuses = statuses(app).await?;
    let found = statuses.into_iter().find(|status| status.name == name);
    found.ok_or_else(|| problem::not_found(Name::MISSING))
}

impl From<&StoredStatus> for Projection {
    fn from(status: &StoredStatus) -> Self {
        let error = status.last_error.as_ref();
        Self {
            name: status.name.clone(),
            health: status.health.as_str(),
            colour: status.health.colour(),
            generation: status.generation,
            version: status.version,
            position: status.position,
            head: status.head,
            lag: status.lag,
            lag_seconds: status.lag_seconds,
            rate: status.rate,
            owner: status.owner.clone(),
            silent_seconds: status.silent_seconds,
            last_error: error.map(|error| error.kind.clone()),
            last_error_at: error.map(|error| error.at.to_string()),
            parked: status.parked.iter().map(Parked::from).collect(),
            previous: status.previous.as_ref().map(|previous| Previous {
                generation: previous.generation,
                version: previous.version,
                position: previous.position,
                kept_current: previous.owner.is_some(),
            }),
            build: status.build.as_ref().map(Build::from),
        }
    }
}

impl From<&ParkedStream> for Parked {
    fn from(parked: &ParkedStream) -> Self {
        Self {
            stream: parked.stream,
            category: parked.category.clone(),
            version: parked.version,
            position: parked.position,
            r#type: parked.event_type.clone(),
            reason: parked.kind.clone(),
            since: parked.since.to_string(),
        }
    }
}

impl From<&BuildStatus> for Build {
    fn from(build: &BuildStatus) -> Self {
        let tables = build.comparison.iter().flat_map(|comparison| &comparison.tables);
        Self {
            generation: build.generation,
            running: build.running,
            different: build.different,
            phase: build.phase.clone(),
            position: build.position,
            target: build.target,
            rate: build.rate,
            seconds_left: build.seconds_left,
            differences: tables
                .filter(|table| table.only_first + table.only_second > 0)
                .map(TableDifference::from)
                .collect(),
        }
    }
}

impl From<&Difference> for TableDifference {
    fn from(table: &Difference) -> Self {
        let columns = table.columns.iter().map(|(column, rows)| ColumnDifference {
            column: column.clone(),
            rows: *rows,
        });
        let samples = table.samples.iter().map(|sample| {
            let (only, columns) = match &sample.kind {
                SampleKind::OnlyFirst => (Some("live"), Vec::new()),
                SampleKind::OnlySecond => (Some("next"), Vec::new()),
                SampleKind::Changed(columns) => {
                    (None, columns.iter().map(|(column, ..)| column.clone()).collect())
                }
            };
            RowDifference {
                key: sample.key.iter().map(|(_, value)| value.clone()).collect(),
                only,
                columns,
            }
        });
        Self {
            table: table.table.clone(),
            rows_only_live: table.only_first,
            rows_only_next: table.only_second,
            columns: columns.collect(),
            samples: samples.collect(),
        }
    }
}
