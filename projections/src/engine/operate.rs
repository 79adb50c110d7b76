//! What an operator does with read models, from the server or from a process of its own.

use std::sync::Arc;

use domain::time::Timestamp;
use eventlog::{EventLog, Position, Version};
use tokio_postgres::Config;
use uuid::Uuid;

use super::compare::{Comparison, compare};
use super::model::ReadModel;
use super::parking::{self, Retried};
use super::rebuild::{Check, Progress, Rebuilt, rebuild};
use super::schema;
use super::session::{Session, limited};
use crate::error::EngineError;
use crate::registry;

/// The read models of one database and the log that they are made of. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    log: EventLog,
    config: Arc<Config>,
    models: Arc<[Arc<dyn ReadModel>]>,
}

/// A read model's row in the database.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredStatus {
    /// The read model.
    pub name: String,
    /// The live generation, from 1.
    pub generation: i64,
    /// The last position that is in its tables.
    pub position: Position,
    /// The last position of the log.
    pub head: Position,
    /// How many events are yet to be applied.
    pub lag: i64,
    /// The node that applies events to it, if its lease has not run out.
    pub owner: Option<String>,
    /// The streams that wait.
    pub parked: Vec<ParkedStream>,
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
    /// Why.
    pub error: String,
    /// Since when.
    pub since: Timestamp,
}

impl Engine {
    /// The engine of all registered read models on the database of `config`.
    pub fn new(log: EventLog, config: &Config) -> Self {
        Self::with_models(log, config, registry::read_models())
    }

    /// The engine of some read models.
    pub fn with_models(log: EventLog, config: &Config, models: Vec<Arc<dyn ReadModel>>) -> Self {
        Self {
            log,
            config: Arc::new(limited(config)),
            models: models.into(),
        }
    }

    /// The read models.
    pub fn models(&self) -> &[Arc<dyn ReadModel>] {
        &self.models
    }

    /// The log.
    pub fn log(&self) -> &EventLog {
        &self.log
    }

    pub(crate) fn config(&self) -> &Config {
        &self.config
    }

    /// Makes the schemas and tables that are missing. Several nodes may do it at once.
    pub async fn prepare(&self) -> Result<(), EngineError> {
        let mut session = Session::connect(&self.config, "pg_catalog").await?;
        schema::prepare(session.client_mut(), &self.models).await?;
        Ok(())
    }

    /// Makes the next generation of a read model beside the live one, and swaps the two. Runs in whatever process it
    /// is called in; others go on applying and reading meanwhile.
    pub async fn rebuild(
        &self,
        name: &str,
        check: Check,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Rebuilt, EngineError> {
        rebuild(self, self.model(name)?, check, progress).await
    }

    /// Applies what a parked stream has missed and lets it go on.
    pub async fn retry(&self, name: &str, stream: Uuid) -> Result<Retried, EngineError> {
        let model = self.model(name)?;
        let session = Session::connect(&self.config, &parking::retry_schema(model)).await?;
        parking::retry(&session, &self.log, model, stream).await
    }

    /// Compares the tables of a read model in two schemas at one moment. Neither may be changing.
    pub async fn compare(&self, name: &str, first: &str, second: &str) -> Result<Comparison, EngineError> {
        let session = Session::connect(&self.config, "pg_catalog").await?;
        Ok(compare(session.client(), self.model(name)?, first, second, 0).await?)
    }

    /// How all read models are doing, from the database. Those that were never made are left out.
    pub async fn status(&self) -> Result<Vec<StoredStatus>, EngineError> {
        let session = Session::connect(&self.config, "pg_catalog").await?;
        let head = self.log.head().await?.position;
        let rows = session
            .query(
                "SELECT name, generation, position,
                        CASE WHEN lease_until > clock_timestamp() THEN lease_owner END
                 FROM read_engine.projections ORDER BY name",
                &[],
            )
            .await?;
        let mut statuses = Vec::new();
        for row in rows {
            let (name, generation): (String, i64) = (row.try_get(0)?, row.try_get(1)?);
            let position = row.try_get(2)?;
            let parked = parked(&session, &name, generation).await?;
            statuses.push(StoredStatus {
                name,
                generation,
                position,
                head: head.max(position),
                lag: (head - position).max(0),
                owner: row.try_get(3)?,
                parked,
            });
        }
        Ok(statuses)
    }

    fn model(&self, name: &str) -> Result<&dyn ReadModel, EngineError> {
        let model = self.models.iter().find(|model| model.name() == name);
        model.map(AsRef::as_ref).ok_or(EngineError::UnknownReadModel)
    }
}

async fn parked(session: &Session, name: &str, generation: i64) -> Result<Vec<ParkedStream>, EngineError> {
    let rows = session
        .query(
            "SELECT stream, category, version, position, event_type, error,
                    (extract(epoch FROM since) * 1000)::bigint
             FROM read_engine.parked WHERE name = $1 AND generation = $2 ORDER BY position",
            &[&name, &generation],
        )
        .await?;
    rows.iter()
        .map(|row| {
            Ok(ParkedStream {
                stream: row.try_get(0)?,
                category: row.try_get(1)?,
                version: row.try_get(2)?,
                position: row.try_get(3)?,
                event_type: row.try_get(4)?,
                error: row.try_get(5)?,
                since: Timestamp::from_millis(row.try_get(6)?),
            })
        })
        .collect()
}
