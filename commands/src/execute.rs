//! The one way in which anything changes: load, judge, decide, append.

use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::time::Duration;

use domain::Actor;
use domain::decider::Decider;
use domain::ids::{Entropy, uuid_v7};
use domain::time::Clock;
use eventlog::trace::{self, TraceParent};
use eventlog::{Append, AppendError, Appended, EventLog, Metadata, NewEvent, Position, RecordedEvent};
use tokio::sync::{Mutex, MutexGuard};
use tracing::{Instrument, trace_span};
use uuid::Uuid;

use crate::cache::{Folded, LoadError, States};
use crate::cause::Cause;
use crate::outcome::{CommandError, Executed, Expect, Outcome, Recorded};

/// How often a command is decided anew because somebody else was quicker.
const ATTEMPTS_MAX: usize = 16;
/// How long a command may take in all; HTTP promises an answer within 2 s even if the database is away.
const TIME_MAX: Duration = Duration::from_millis(1_900);
/// Commands of one process on one stream take turns, so that they do not conflict with each other. A lock serves
/// many streams; this many make it rare that two busy ones share one.
const TURNS: usize = 4_096;

/// One aggregate's states and turns.
pub(crate) struct Handler<D: Decider> {
    pub(crate) states: States<D>,
    turns: Turns,
}

impl<D: Decider> Handler<D> {
    pub(crate) fn new(log: EventLog) -> Self {
        Self {
            states: States::new(log),
            turns: Turns::new(),
        }
    }
}

/// A command that is permitted, with what it is decided on besides its stream.
pub(crate) struct Judged<D: Decider> {
    pub(crate) command: D::Command,
    pub(crate) circumstances: D::Circumstances,
    pub(crate) category_unchanged_since: Option<Position>,
}

/// Asks the policy, and finds out what deciding must know of other streams. Asked anew on each attempt.
pub(crate) trait Judge<D: Decider>: Sync {
    /// Whether the policy lets the actor, with the role that they have now, do this to what is in this state.
    fn permit(&self, state: Option<&D::State>) -> Result<(), CommandError<D::Refusal>>;

    /// The command, if it is permitted.
    fn judge(
        &self,
        state: Option<&D::State>,
    ) -> impl Future<Output = Result<Judged<D>, CommandError<D::Refusal>>> + Send;
}

/// Loads, has judged, decides and appends, for any aggregate.
pub(crate) struct Executor {
    pub(crate) log: EventLog,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) entropy: Arc<dyn Entropy>,
}

/// The result of `execution`, or that there was none in time.
pub(crate) async fn within_time<T, R: std::error::Error + 'static>(
    execution: impl Future<Output = Result<T, CommandError<R>>>,
) -> Result<T, CommandError<R>> {
    let late = || CommandError::Unavailable("no answer in time".to_owned());
    let span = trace_span!(target: trace::TARGET, "command");
    tokio::time::timeout(TIME_MAX, execution.instrument(span))
        .await
        .unwrap_or_else(|_| Err(late()))
}

impl Executor {
    /// Loads, has it judged, decides and appends, until it is done or hopeless.
    ///
    /// A state from memory may be older than the log's if another process appended. So a bad end is believed only
    /// on a state that was read from the log; a good one is checked by the append itself.
    pub(crate) async fn execute<D: Decider>(
        &self,
        handler: &Handler<D>,
        actor: &Actor,
        cause: &Cause,
        id: Uuid,
        expect: Expect,
        judge: &impl Judge<D>,
    ) -> Result<Executed<D>, CommandError<D::Refusal>> {
        if let Some(first) = self.first_time(handler, actor, cause, judge).await? {
            return Ok(first);
        }
        let _under_way = self.log.expect_append();
        let _turn = handler.turns.take(id).await;
        let mut cached = handler.states.cached(id).await;
        for _ in 0..ATTEMPTS_MAX {
            let fresh = cached.is_none();
            let folded = match cached.take() {
                Some(folded) => folded,
                None => handler.states.load(id).await?,
            };
            let end = match self.attempt(actor, cause, id, expect, &folded, judge).await {
                Ok(Attempt::Appended(appended)) => {
                    if appended.duplicate {
                        return repeated(handler, actor, cause, &appended.events, judge).await;
                    }
                    return Self::appended(handler, actor, id, &folded, &appended).await;
                }
                Err(error @ (CommandError::Unavailable(_) | CommandError::Unstorable(_))) => {
                    return Err(error);
                }
                Ok(Attempt::Unchanged) if fresh => executed(actor, &folded, &[], Outcome::Unchanged),
                Err(error) if fresh => Err(error),
                Ok(Attempt::Conflict | Attempt::Unchanged) | Err(_) => continue,
            };
            // Perhaps it is the effect of this very command that stands in its way: the first one was under way when
            // this repetition of it came.
            let first = self.first_time(handler, actor, cause, judge).await?;
            return first.map_or(end, Ok);
        }
        Err(CommandError::Contended)
    }

    async fn attempt<D: Decider>(
        &self,
        actor: &Actor,
        cause: &Cause,
        id: Uuid,
        expect: Expect,
        folded: &Folded<D::State>,
        judge: &impl Judge<D>,
    ) -> Result<Attempt, CommandError<D::Refusal>> {
        let state = folded.state.as_ref();
        let judged = judge.judge(state).await?;
        let actual = state.map_or(0, |state| D::shown_version(state, folded.version, actor));
        if let Expect::Exactly(expected) = expect
            && expected != actual
        {
            return Err(CommandError::Stale { expected, actual });
        }
        let events =
            D::decide(state, &judged.command, &judged.circumstances).map_err(CommandError::Refused)?;
        if events.is_empty() {
            return Ok(Attempt::Unchanged);
        }
        let events = events.iter().map(|event| self.new_event::<D>(event)).collect();
        let span = trace_span!(
            target: trace::TARGET, "append", otel.kind = "producer",
            log.category = D::CATEGORY,
        );
        let append = Append {
            stream: States::<D>::stream(id),
            expected: folded.version,
            events,
            metadata: Metadata {
                traceparent: TraceParent::of(&span).map(|place| place.to_string()),
                ..cause.metadata(actor)
            },
            category_unchanged_since: judged.category_unchanged_since,
        };
        match self.log.append(append).instrument(span).await {
            Ok(appended) => Ok(Attempt::Appended(appended)),
            Err(AppendError::Conflict { .. } | AppendError::CategoryChanged) => Ok(Attempt::Conflict),
            Err(AppendError::Refused(reason)) => Err(CommandError::Unstorable(reason)),
            Err(error @ (AppendError::Unavailable(_) | AppendError::Closed)) => {
                Err(CommandError::Unavailable(error.to_string()))
            }
        }
    }

    fn new_event<D: Decider>(&self, event: &D::Event) -> NewEvent {
        let encoded = D::encode(event);
        NewEvent {
            event_id: uuid_v7(&*self.clock, &*self.entropy),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            payload: encoded.payload,
        }
    }

    async fn appended<D: Decider>(
        handler: &Handler<D>,
        actor: &Actor,
        id: Uuid,
        before: &Folded<D::State>,
        appended: &Appended,
    ) -> Result<Executed<D>, CommandError<D::Refusal>> {
        let mut folded = before.clone();
        for event in &appended.events {
            folded = States::<D>::apply(folded, event)?;
        }
        let executed = executed(actor, &folded, &appended.events, Outcome::Appended);
        handler.states.remember(id, Arc::new(folded)).await;
        executed
    }

    /// The outcome of an earlier execution of the same command, if it may be a repetition and there was one.
    async fn first_time<D: Decider>(
        &self,
        handler: &Handler<D>,
        actor: &Actor,
        cause: &Cause,
        judge: &impl Judge<D>,
    ) -> Result<Option<Executed<D>>, CommandError<D::Refusal>> {
        if cause.fingerprint.is_none() {
            return Ok(None);
        }
        let events = self
            .log
            .command(cause.command_id)
            .await
            .map_err(LoadError::Read)?;
        if events.is_empty() {
            return Ok(None);
        }
        self.log.meters().duplicates.increment(1);
        let events: Vec<_> = events.into_iter().map(Arc::new).collect();
        repeated(handler, actor, cause, &events, judge).await.map(Some)
    }
}

enum Attempt {
    Appended(Appended),
    Unchanged,
    Conflict,
}

/// The answer of the first time, for whoever may still do what was done then: the key opens nothing to those who have lost
/// that right since.
async fn repeated<D: Decider>(
    handler: &Handler<D>,
    actor: &Actor,
    cause: &Cause,
    events: &[Arc<RecordedEvent>],
    judge: &impl Judge<D>,
) -> Result<Executed<D>, CommandError<D::Refusal>> {
    let Some(first) = events.first() else {
        return Err(CommandError::Unavailable("a command without events".to_owned()));
    };
    let same = first
        .parsed_metadata()
        .is_ok_and(|metadata| cause.repeats(&metadata));
    if !same || first.stream.category != D::CATEGORY {
        return Err(CommandError::KeyReused);
    }
    let mut folded = handler.states.load_at(first.stream.id, first.version - 1).await?;
    judge.permit(folded.state.as_ref())?;
    for event in events {
        folded = States::<D>::apply(folded, event)?;
    }
    executed(actor, &folded, events, Outcome::Repeated)
}

fn executed<D: Decider>(
    actor: &Actor,
    folded: &Folded<D::State>,
    events: &[Arc<RecordedEvent>],
    outcome: Outcome,
) -> Result<Executed<D>, CommandError<D::Refusal>> {
    let recorded = |event: &Arc<RecordedEvent>| {
        let (at, position, version) = (event.recorded_at, event.position, event.version);
        States::<D>::decode(event).map(|event| Recorded {
            event,
            at,
            position,
            version,
        })
    };
    let events = events.iter().map(recorded).collect::<Result<_, _>>()?;
    let state = folded.state.clone().ok_or_else(|| {
        CommandError::Unavailable("a command that was granted left no state behind".to_owned())
    })?;
    Ok(Executed {
        shown_version: D::shown_version(&state, folded.version, actor),
        state,
        version: folded.version,
        position: folded.position,
        events,
        outcome,
    })
}

/// Locks by which commands of this process on one stream take turns.
struct Turns {
    locks: Box<[Mutex<()>]>,
    hasher: RandomState,
}

impl Turns {
    fn new() -> Self {
        Self {
            locks: (0..TURNS).map(|_| Mutex::new(())).collect(),
            hasher: RandomState::new(),
        }
    }

    async fn take(&self, id: Uuid) -> MutexGuard<'_, ()> {
        let bucket = self.hasher.hash_one(id) % TURNS as u64;
        self.locks[usize::try_from(bucket).unwrap_or(0)].lock().await
    }
}
