//! All read models on one node.

use std::sync::Arc;
use std::time::Duration;

use eventlog::Position;
use tokio::time::{Instant, timeout_at};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::model::chain;
use super::monitor::{Monitor, Status};
use super::operate::Engine;
use super::rebuild::{Check, begin, go_through};
use super::runner::Runner;
use super::session::Session;
use super::slot::Slot;
use crate::error::{EngineError, Lagging};

/// What may be set about the projections of a node.
#[derive(Clone, Debug)]
pub struct Options {
    /// The node's name, for people who ask who applies events to a read model.
    pub node: String,
    /// An empty read model is made by a rebuild, rather than batch by batch, if the log has at least so many events.
    pub bulk_events_min: i64,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            node: "informejo".to_owned(),
            bulk_events_min: 100_000,
        }
    }
}

/// A runner for every read model, on this node. Dropping it stops them; [`Projections::stop`] also waits until they
/// have given their leases back.
pub struct Projections {
    engine: Engine,
    monitors: Vec<Arc<Monitor>>,
    stop: CancellationToken,
    tasks: TaskTracker,
}

impl Projections {
    /// Makes what is missing in the database and starts the runners.
    pub async fn start(engine: Engine, options: Options) -> Result<Self, EngineError> {
        engine.prepare().await?;
        let owner = owner(&engine, &options.node).await?;
        let stop = CancellationToken::new();
        let tasks = TaskTracker::new();
        let mut monitors = Vec::new();
        for model in engine.models() {
            let monitor = Arc::new(Monitor::new(model.name()));
            // The generation that is kept for a way back is nobody's business but its runner's.
            let aside = Arc::new(Monitor::new(model.name()));
            for (slot, monitor) in [(Slot::Live, &monitor), (Slot::Previous, &aside)] {
                let runner = Runner::new(
                    &engine,
                    model,
                    slot,
                    monitor,
                    &owner,
                    options.bulk_events_min,
                    &stop,
                );
                tasks.spawn(runner.supervise());
            }
            monitors.push(monitor);
        }
        tasks.close();
        Ok(Self {
            engine,
            monitors,
            stop,
            tasks,
        })
    }

    /// Waits until every read model has applied `position`, whichever node does it. Returns at once if it has.
    pub async fn wait_for(&self, position: Position, timeout: Duration) -> Result<(), Lagging> {
        self.wait(position, timeout, |_| true).await
    }

    /// The same of some read models only, by their names.
    pub async fn wait_for_some(
        &self,
        names: &[&str],
        position: Position,
        timeout: Duration,
    ) -> Result<(), Lagging> {
        self.wait(position, timeout, |name| names.contains(&name)).await
    }

    async fn wait(
        &self,
        position: Position,
        timeout: Duration,
        which: impl Fn(&str) -> bool,
    ) -> Result<(), Lagging> {
        let deadline = Instant::now() + timeout;
        for monitor in self.monitors.iter().filter(|monitor| which(monitor.name())) {
            let mut applied = monitor.applied();
            if *applied.borrow() >= position {
                continue;
            }
            let _waiting = monitor.await_position();
            let waited = timeout_at(deadline, applied.wait_for(|applied| *applied >= position)).await;
            let reached = matches!(waited, Ok(Ok(_)));
            drop(waited);
            if !reached {
                return Err(Lagging {
                    name: monitor.name(),
                    applied: *applied.borrow(),
                    wanted: position,
                });
            }
        }
        Ok(())
    }

    /// Begins a rebuild, which runs on this node until it is done or the node stops. How it goes on is part of
    /// [`Engine::status`].
    pub async fn start_rebuild(&self, name: &str, check: Check) -> Result<(), EngineError> {
        let engine = self.engine.clone();
        let model = engine.shared_model(name)?;
        let session = begin(&engine, model.as_ref()).await?;
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            let rebuilding = go_through(&engine, model.as_ref(), session, check, |_| ());
            let name = model.name();
            match stop.run_until_cancelled(rebuilding).await {
                Some(Ok(rebuilt)) => {
                    tracing::info!(
                        projection.name = name,
                        projection.generation = rebuilt.generation,
                        swapped = rebuilt.swapped.is_some(),
                        "a rebuild came to its end"
                    );
                }
                Some(Err(error)) => {
                    tracing::warn!(projection.name = name, error = chain(&error), "a rebuild failed");
                }
                None => tracing::info!(projection.name = name, "a rebuild is left in the middle"),
            }
        });
        Ok(())
    }

    /// How every read model is doing, as far as this node knows. Asks nobody, so it answers during an outage too.
    pub fn status(&self) -> Vec<Status> {
        let head = *self.engine.log().head_watch().borrow();
        self.monitors.iter().map(|monitor| monitor.status(head)).collect()
    }

    /// What operators do with read models.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Stops the runners and gives their leases back, so that another node takes over at once.
    pub async fn stop(&self) {
        self.stop.cancel();
        self.tasks.wait().await;
    }
}

impl Drop for Projections {
    fn drop(&mut self) {
        self.stop.cancel();
    }
}

/// A name that no other node has: the database adds something random to it.
async fn owner(engine: &Engine, node: &str) -> Result<Arc<str>, EngineError> {
    let session = Session::connect(engine.config(), "pg_catalog").await?;
    let rows = session
        .query("SELECT $1 || ' ' || gen_random_uuid()::text", &[&node])
        .await?;
    let owner: String = rows.first().ok_or(EngineError::Interrupted)?.try_get(0)?;
    Ok(owner.into())
}
