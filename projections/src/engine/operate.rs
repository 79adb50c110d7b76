//! What an operator does with read models, from the server or from a process of its own.

use std::sync::Arc;

use eventlog::EventLog;
use tokio::sync::Mutex;
use tokio_postgres::Config;
use uuid::Uuid;

use super::compare::{Comparison, compare};
use super::lease::Checkpoint;
use super::model::ReadModel;
use super::parking::{self, Retried};
use super::previous::{self, RolledBack};
use super::progress::Progress;
use super::rebuild::{Check, Rebuilt, rebuild};
use super::schema;
use super::session::{Session, limited};
use super::slot::Slot;
use super::status::{self, ParkedStream, StoredStatus};
use crate::error::EngineError;
use crate::registry;

/// The read models of one database and the log that they are made of. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    log: EventLog,
    config: Arc<Config>,
    models: Arc<[Arc<dyn ReadModel>]>,
    /// The connection of whoever asks for the status.
    watching: Arc<Mutex<Option<Session>>>,
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
            watching: Arc::default(),
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
    /// is called in; others go on applying and reading meanwhile. What a killed rebuild has made is gone on with.
    pub async fn rebuild(
        &self,
        name: &str,
        check: Check,
        progress: impl FnMut(Progress) + Send,
    ) -> Result<Rebuilt, EngineError> {
        rebuild(self, self.model(name)?, check, progress).await
    }

    /// Stops a rebuild, wherever it runs, and removes what it has made. False: there was none.
    pub async fn abort(&self, name: &str) -> Result<bool, EngineError> {
        previous::abort(self, self.model(name)?).await
    }

    /// Makes the generation before the live one live again.
    pub async fn rollback(&self, name: &str) -> Result<RolledBack, EngineError> {
        previous::rollback(self, self.model(name)?).await
    }

    /// Gives the generation before the live one up. False: there was none.
    pub async fn drop_old(&self, name: &str) -> Result<bool, EngineError> {
        previous::give_up(self, self.model(name)?).await
    }

    /// Applies what a parked stream has missed and lets it go on; in the generation that is kept as well, as far as that
    /// one goes on.
    pub async fn retry(&self, name: &str, stream: Uuid) -> Result<Retried, EngineError> {
        let model = self.model(name)?;
        let retried = self.retry_in(Slot::Live, model, stream).await;
        if let Err(error) = self.retry_in(Slot::Previous, model, stream).await {
            tracing::debug!(projection.name = name, %error, "the stream does not go on in the kept generation");
        }
        retried
    }

    async fn retry_in(
        &self,
        slot: Slot,
        model: &dyn ReadModel,
        stream: Uuid,
    ) -> Result<Retried, EngineError> {
        let session = Session::connect(&self.config, &slot.schema(model.name())).await?;
        let checkpoint = Checkpoint::read(&session, slot, model.name()).await?;
        let checkpoint = checkpoint.ok_or(EngineError::NoSuchGeneration)?;
        if !checkpoint.is_of(model) {
            return Err(EngineError::OfAnotherVersion {
                stored: checkpoint.version,
                own: model.version(),
            });
        }
        parking::retry(&session, slot, &self.log, model, stream).await
    }

    /// Compares the tables of a read model in two schemas at one moment. Neither may be changing.
    pub async fn compare(&self, name: &str, first: &str, second: &str) -> Result<Comparison, EngineError> {
        let session = Session::connect(&self.config, "pg_catalog").await?;
        Ok(compare(session.client(), self.model(name)?, first, second, 0).await?)
    }

    /// How all read models are doing, from the database. Those that were never made are left out. The connection is kept,
    /// so that asking often costs little.
    pub async fn status(&self) -> Result<Vec<StoredStatus>, EngineError> {
        let mut kept = self.watching.lock().await;
        let session = match kept.take() {
            Some(session) => session,
            None => Session::connect(&self.config, "pg_catalog").await?,
        };
        let statuses = status::read(&session, &self.log).await?;
        *kept = Some(session);
        Ok(statuses)
    }

    /// The stream of `name` that is parked, if it is.
    pub async fn parked(&self, name: &str, stream: Uuid) -> Result<ParkedStream, EngineError> {
        self.model(name)?;
        let status = self
            .status()
            .await?
            .into_iter()
            .find(|status| status.name == name);
        let mut parked = status.into_iter().flat_map(|status| status.parked);
        parked
            .find(|parked| parked.stream == stream)
            .ok_or(EngineError::NotParked)
    }

    pub(crate) fn shared_model(&self, name: &str) -> Result<Arc<dyn ReadModel>, EngineError> {
        let model = self.models.iter().find(|model| model.name() == name);
        model.map(Arc::clone).ok_or(EngineError::UnknownReadModel)
    }

    fn model(&self, name: &str) -> Result<&dyn ReadModel, EngineError> {
        let model = self.models.iter().find(|model| model.name() == name);
        model.map(AsRef::as_ref).ok_or(EngineError::UnknownReadModel)
    }
}
