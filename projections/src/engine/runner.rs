//! The runner of one read model on one node: leads it under the lease, or stands by to take over.

use std::panic::AssertUnwindSafe;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;

use eventlog::{Position, ReadError, RecordedEvent, Subscription, trace};
use futures::FutureExt;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_postgres::Error as PostgresError;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::Engine;
use super::apply::{Applied, Batch, apply, apply_parking, pass_over, said};
use super::lease::{Checkpoint, Lease, RENEWAL};
use super::model::{ApplyError, ReadModel, chain};
use super::monitor::{Monitor, State};
use super::parking::{Panics, Parked, retry};
use super::rebuild::{Check, rebuild};
use super::session::Session;
use super::skips::{self, Skips};
use super::slot::Slot;
use crate::error::EngineError;

/// Most events of one batch.
pub const BATCH_EVENTS_MAX: usize = 1_000;
/// How often a node that stands by looks whether the lease is free.
const STAND_BY: Duration = Duration::from_millis(500);
/// How often it looks at the checkpoint while somebody waits for a position: at first, and at the slowest.
const POLL: (Duration, Duration) = (Duration::from_millis(5), Duration::from_millis(50));
/// Waits between tries after a failure: the first, and the longest.
const BACKOFF: (Duration, Duration) = (Duration::from_millis(50), Duration::from_secs(2));
/// A batch that has panicked this often is applied event by event, and the one that panics is parked.
const PANICS_MAX: u32 = 3;

pub(crate) struct Runner {
    pub(crate) engine: Engine,
    pub(crate) model: Arc<dyn ReadModel>,
    pub(crate) slot: Slot,
    pub(crate) monitor: Arc<Monitor>,
    pub(crate) owner: Arc<str>,
    pub(crate) bulk_events_min: i64,
    pub(crate) stop: CancellationToken,
    /// Where a batch panicked last, and how often in a row.
    panics: parking_lot::Mutex<(Position, u32)>,
}

/// Why the runner begins again from the start.
enum Again {
    /// The lease is lost, or the generation is another.
    Lost,
    /// It was told to stop.
    Stopped,
}

impl Runner {
    pub(crate) fn new(
        engine: &Engine,
        model: &Arc<dyn ReadModel>,
        slot: Slot,
        monitor: &Arc<Monitor>,
        owner: &Arc<str>,
        bulk_events_min: i64,
        stop: &CancellationToken,
    ) -> Self {
        Self {
            engine: engine.clone(),
            model: Arc::clone(model),
            slot,
            monitor: Arc::clone(monitor),
            owner: Arc::clone(owner),
            bulk_events_min,
            stop: stop.clone(),
            panics: parking_lot::Mutex::new((0, 0)),
        }
    }

    /// Runs until it is told to stop, whatever happens: failures and panics only make it begin again, after a while.
    pub(crate) async fn supervise(self) {
        let mut pause = BACKOFF.0;
        loop {
            let before = *self.monitor.applied().borrow();
            let error = match AssertUnwindSafe(self.run()).catch_unwind().await {
                Ok(Ok(Again::Stopped)) => break,
                Ok(Ok(Again::Lost)) => {
                    pause = BACKOFF.0;
                    continue;
                }
                Ok(Err(error)) => (chain(&error), error.kind()),
                Err(panic) => (format!("panicked: {}", said(&*panic)), "the program has a fault"),
            };
            if *self.monitor.applied().borrow() > before {
                pause = BACKOFF.0;
            }
            tracing::warn!(
                projection.name = self.model.name(),
                error = error.0,
                "a projection failed and will try again"
            );
            let resting = async {
                self.tell_others(&error.0, error.1, pause > BACKOFF.0).await;
                self.monitor.failed(error.0);
                tokio::time::sleep(pause).await;
            };
            tokio::select! {
                () = self.stop.cancelled() => break,
                () = resting => pause = (pause * 2).min(BACKOFF.1),
            }
        }
        self.monitor.is(State::Stopped);
    }

    /// Writes the failure down, and gives the lease back after one failure upon another: this node would take it again
    /// before it runs out, for as long as it fails, and others may fare better (an older program meets an event that
    /// only newer ones know).
    async fn tell_others(&self, error: &str, kind: &str, leave: bool) {
        let name = self.model.name();
        let told = async {
            let session = Session::connect(self.engine.config(), "pg_catalog").await?;
            Lease::failed(&session, self.slot, name, error, kind).await?;
            if leave {
                Lease::release(&session, self.slot, name, &self.owner).await?;
            }
            Ok::<_, PostgresError>(())
        };
        // If it cannot be told, the database is away, and the lease runs out by itself.
        if let Ok(Err(error)) = tokio::time::timeout(RENEWAL, told).await {
            tracing::debug!(projection.name = name, %error, "a failure could not be written down");
        }
    }

    async fn run(&self) -> Result<Again, EngineError> {
        let model = self.model.as_ref();
        let session = Session::connect(self.engine.config(), &self.slot.schema(model.name())).await?;
        loop {
            if self.stop.is_cancelled() {
                return Ok(Again::Stopped);
            }
            let Some(checkpoint) = self.look(&session).await? else {
                self.stand_by(&session).await?;
                continue;
            };
            if self.slot == Slot::Live
                && let Some(again) = self.rebuild_if_needed(&session, &checkpoint).await?
            {
                return Ok(again);
            }
            if checkpoint.is_of(model)
                && let Some(lease) = Lease::acquire(&session, self.slot, model, &self.owner).await?
            {
                // Another generation may have other columns; statements that were prepared before cannot be trusted.
                return if lease.generation == checkpoint.generation {
                    self.lead(&session, lease).await
                } else {
                    Ok(Again::Lost)
                };
            }
            self.stand_by(&session).await?;
        }
    }

    /// The generation as it is now; none if there is no such generation.
    async fn look(&self, session: &Session) -> Result<Option<Checkpoint>, EngineError> {
        let model = self.model.as_ref();
        let checkpoint = Checkpoint::read(session, self.slot, model.name()).await?;
        if self.slot == Slot::Previous {
            return Ok(checkpoint);
        }
        let checkpoint = checkpoint.ok_or(EngineError::UnknownReadModel)?;
        self.monitor
            .is_at(State::StandingBy, checkpoint.generation, checkpoint.owner.clone());
        if checkpoint.is_readable_by(model) {
            // Whichever program makes them: a rolling upgrade has both.
            self.monitor.publish(checkpoint.position);
        } else if !checkpoint.is_outdated_for(model) {
            // Its tables are neither ours to write nor to read; a node with the other program does that.
            self.monitor.failed(format!(
                "the live generation is of version {}, this program makes version {} and cannot read it",
                checkpoint.version,
                model.version()
            ));
        }
        Ok(Some(checkpoint))
    }

    /// Makes the next generation if the live one is an older program's, or is empty while the log is long. Meanwhile the
    /// live one is served, if this program can read it.
    async fn rebuild_if_needed(
        &self,
        session: &Session,
        checkpoint: &Checkpoint,
    ) -> Result<Option<Again>, EngineError> {
        let model = self.model.as_ref();
        let head = *self.engine.log().head_watch().borrow();
        let empty = checkpoint.position == 0 && head >= self.bulk_events_min && checkpoint.is_of(model);
        if !checkpoint.is_outdated_for(model) && !empty {
            return Ok(None);
        }
        self.monitor
            .is_at(State::Rebuilding, checkpoint.generation, checkpoint.owner.clone());
        tracing::info!(
            projection.name = model.name(),
            log.head = head,
            "making the next generation"
        );
        let rebuilt = tokio::select! {
            rebuilt = rebuild(&self.engine, model, Check::Skip, |_| ()) => rebuilt,
            failed = self.publish_on(session) => return Err(failed),
            () = self.stop.cancelled() => return Ok(Some(Again::Stopped)),
        };
        match rebuilt {
            Ok(rebuilt) => {
                tracing::info!(
                    projection.name = model.name(),
                    projection.generation = rebuilt.generation,
                    event.position = rebuilt.position,
                    "the next generation is live"
                );
                Ok(Some(Again::Lost))
            }
            // Whoever does it will be done some time; an empty generation may be filled in the meantime.
            Err(EngineError::AlreadyRebuilding) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Tells how far the live generation is, for as long as this is polled.
    async fn publish_on(&self, session: &Session) -> EngineError {
        loop {
            let looked = async {
                self.stand_by(session).await?;
                Ok::<_, EngineError>(Checkpoint::read(session, self.slot, self.model.name()).await?)
            };
            match looked.await {
                Ok(Some(checkpoint)) if checkpoint.is_readable_by(self.model.as_ref()) => {
                    self.monitor.publish(checkpoint.position);
                }
                Ok(_) => {}
                Err(error) => return error,
            }
        }
    }

    /// Waits until it is worth looking at the lease again. While somebody waits for a position here, the checkpoint is
    /// looked at more often.
    async fn stand_by(&self, session: &Session) -> Result<(), EngineError> {
        let deadline = Instant::now() + STAND_BY;
        let mut pause = POLL.0;
        loop {
            tokio::select! {
                () = self.stop.cancelled() => return Ok(()),
                () = tokio::time::sleep_until(deadline) => return Ok(()),
                () = self.monitor.until_awaited() => {}
            }
            let before = *self.monitor.applied().borrow();
            if let Some(checkpoint) = Checkpoint::read(session, self.slot, self.model.name()).await?
                && checkpoint.is_readable_by(self.model.as_ref())
            {
                self.monitor.publish(checkpoint.position);
            }
            pause = if *self.monitor.applied().borrow() > before {
                POLL.0
            } else {
                (pause * 2).min(POLL.1)
            };
            tokio::time::sleep_until(deadline.min(Instant::now() + pause)).await;
        }
    }

    /// Applies events as long as the lease lasts.
    async fn lead(&self, session: &Session, mut lease: Lease) -> Result<Again, EngineError> {
        let (log, name) = (self.engine.log(), self.model.name());
        let mut parked = Parked::load(session, name, lease.generation).await?;
        let skips = Skips::load(log, name).await?;
        let released = parked.released(&skips);
        if !released.is_empty() {
            return self.let_go(session, released).await;
        }
        self.monitor
            .is_at(State::Running, lease.generation, Some(self.owner.to_string()));
        self.monitor.parks(parked.len());
        self.monitor.publish(lease.position);
        tracing::info!(
            projection.name = name,
            projection.generation = lease.generation,
            event.position = lease.position,
            "this node applies events to the read model"
        );
        let mut subscription = self.engine.log().subscribe(lease.position);
        loop {
            let Some(batch) = self.next(session, &lease, &mut subscription).await? else {
                if !self.stop.is_cancelled() {
                    return Ok(Again::Lost);
                }
                Lease::release(session, self.slot, name, &self.owner).await?;
                return Ok(Again::Stopped);
            };
            let spans = self.spans(&batch);
            let applied = self.batch(session, &lease, &skips, &mut parked, &batch).await?;
            drop(spans);
            match applied {
                Applied::All => lease.position = subscription.position(),
                Applied::Lost => return Ok(Again::Lost),
            }
            self.monitor.publish(lease.position);
            self.monitor.counts(batch.len());
            self.monitor.is_well();
            if batch.iter().any(|event| skips::concerns(event, name)) {
                return Ok(Again::Lost);
            }
        }
    }

    /// Lets parked streams go on whose event an operator has skipped. Takes the lease away, as any retry does.
    async fn let_go(&self, session: &Session, streams: Vec<Uuid>) -> Result<Again, EngineError> {
        for stream in streams {
            match retry(session, self.slot, self.engine.log(), self.model.as_ref(), stream).await {
                // Somebody else may have been quicker.
                Ok(_) | Err(EngineError::NotParked) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(Again::Lost)
    }

    /// The next events; none when the lease is lost or the runner is to stop. Renews the lease while it waits.
    async fn next(
        &self,
        session: &Session,
        lease: &Lease,
        subscription: &mut Subscription,
    ) -> Result<Option<Vec<Arc<RecordedEvent>>>, EngineError> {
        let mut renewal = tokio::time::interval_at(Instant::now() + RENEWAL, RENEWAL);
        renewal.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut next = pin!(subscription.next(BATCH_EVENTS_MAX));
        loop {
            tokio::select! {
                biased;
                () = self.stop.cancelled() => return Ok(None),
                batch = &mut next => return match batch {
                    Ok(batch) => Ok(Some(batch)),
                    // The log of this process is closed: so is everything that reads it.
                    Err(ReadError::Closed) => {
                        self.stop.cancel();
                        Ok(None)
                    }
                    Err(error) => Err(error.into()),
                },
                _ = renewal.tick() => {
                    if !lease.renew(session).await? {
                        return Ok(None);
                    }
                    self.monitor.is_well();
                }
            }
        }
    }

    /// A span for each event of the read model that belongs to a trace; they last until they are dropped.
    fn spans(&self, batch: &[Arc<RecordedEvent>]) -> Vec<tracing::Span> {
        let model = self.model.as_ref();
        let categories = model.categories();
        let ours = batch
            .iter()
            .map(AsRef::as_ref)
            .filter(|event: &&RecordedEvent| categories.contains(&&*event.stream.category));
        trace::following_all(ours, |event| {
            tracing::trace_span!(target: trace::TARGET, parent: None, "projection", otel.kind = "consumer",
                                 otel.name = format!("projection {}", model.name()), event.position = event.position)
        })
    }

    async fn batch(
        &self,
        session: &Session,
        lease: &Lease,
        skips: &Skips,
        parked: &mut Parked,
        batch: &[Arc<RecordedEvent>],
    ) -> Result<Applied, EngineError> {
        let model = self.model.as_ref();
        let Some(to) = batch.last().map(|event| event.position) else {
            return Ok(Applied::All);
        };
        let categories = model.categories();
        let mut events: Vec<_> = batch
            .iter()
            .filter(|event| categories.contains(&&*event.stream.category))
            .cloned()
            .collect();
        if events.is_empty() {
            // The tables are as far as `to` without them, whatever becomes of the checkpoint.
            self.monitor.publish(to);
            return Ok(pass_over(session, lease, to).await?);
        }
        events.retain(|event| !parked.contains(event.stream.id));
        if events.is_empty() {
            return Ok(pass_over(session, lease, to).await?);
        }
        let due = Batch {
            events: &events,
            skips,
            to,
        };
        let panics = self.panics_allowed(lease.position);
        if panics == Panics::Fail {
            match apply(session, model, lease, due).await {
                Err(error) if error.is_of_the_data() => {}
                Err(error) => {
                    self.note(&error, lease.position);
                    return Err(error.into());
                }
                Ok(applied) => return Ok(applied),
            }
        }
        let outcome = apply_parking(session, model, lease, parked, panics, due).await;
        self.monitor.parks(parked.len());
        if let Err(error) = &outcome {
            self.note(error, lease.position);
        }
        Ok(outcome?)
    }

    fn panics_allowed(&self, position: Position) -> Panics {
        let (at, times) = *self.panics.lock();
        if at == position && times >= PANICS_MAX {
            Panics::Park
        } else {
            Panics::Fail
        }
    }

    fn note(&self, error: &ApplyError, position: Position) {
        if matches!(error, ApplyError::Panicked(_)) {
            let mut panics = self.panics.lock();
            *panics = if panics.0 == position {
                (position, panics.1 + 1)
            } else {
                (position, 1)
            };
        }
    }
}
