//! The handle of the log: open it, append, read, subscribe, close.

use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::{Object, Pool};
use domain::time::{Clock, Timestamp};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::error::Elapsed;
use tokio::time::{Instant, timeout, timeout_at};
use tokio_postgres::Config;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::append::{Append, AppendError, Appended};
use crate::appender::Appender;
use crate::entry::{self, Entry};
use crate::envelope::{Head, Position, RecordedEvent, StreamId, Version};
use crate::listener;
use crate::meters::Meters;
use crate::read::{self, ReadError, StreamEnds, StreamPart};
use crate::safety::{self, OpenError};
use crate::shared::Shared;
use crate::subscription::Subscription;
use crate::tail::Tail;

/// Longest wait for a short read: one stream, one command, the head.
pub const SHORT_READ_WAIT: Duration = Duration::from_millis(1500);
/// Longest wait for a page of the whole log, or for a category.
pub const LONG_READ_WAIT: Duration = Duration::from_secs(10);

/// What may be set about a log. The defaults are those that were measured.
#[derive(Clone, Debug)]
pub struct Options {
    /// How often to look whether another process has appended, in case its notification was lost.
    pub poll_interval: Duration,
    /// How long an append may take before its caller is told that the log is unavailable.
    pub append_wait: Duration,
    /// Most commands that wait for the appender; further ones wait for a place.
    pub queue_max: usize,
    /// Most of the newest events that are kept in memory.
    pub tail_events_max: usize,
    /// Most bytes of them.
    pub tail_bytes_max: usize,
    /// What counts.
    pub meters: Meters,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            poll_interval: Duration::from_millis(250),
            append_wait: Duration::from_millis(1500),
            queue_max: 4096,
            tail_events_max: 4096,
            tail_bytes_max: 8 * 1024 * 1024,
            meters: Meters::default(),
        }
    }
}

/// The log of one database. Clones are handles of the same log; when the last one is dropped its tasks end.
#[derive(Clone)]
pub struct EventLog {
    inner: Arc<Inner>,
}

/// A command that may append something soon; see [`EventLog::expect_append`].
pub struct UnderWay(Arc<Shared>);

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.0.under_way.send_modify(|count| *count -= 1);
    }
}

struct Inner {
    pool: Pool,
    shared: Arc<Shared>,
    commands: mpsc::Sender<Entry>,
    append_wait: Duration,
    tasks: TaskTracker,
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.shared.closing.cancel();
    }
}

impl EventLog {
    /// Opens the log: checks that the server keeps what it acknowledges, and starts the appender and the listener,
    /// each with a connection of its own made from `connect`. Reads go through `pool` (see [`pool`](crate::pool)).
    pub async fn open(
        pool: Pool,
        connect: Config,
        clock: Arc<dyn Clock>,
        options: Options,
    ) -> Result<Self, OpenError> {
        let head = safety::inspect(&connect).await?;
        let tail = Tail::new(options.tail_events_max, options.tail_bytes_max);
        let shared = Arc::new(Shared::new(tail, options.meters));
        shared.publish(head.position);
        let (commands, queue) = mpsc::channel(options.queue_max);
        let tasks = TaskTracker::new();
        tasks.spawn(Appender::new(queue, &connect, clock, Arc::clone(&shared)).supervise());
        tasks.spawn(listener::listen(
            connect,
            pool.clone(),
            Arc::clone(&shared),
            options.poll_interval,
        ));
        tasks.close();
        let inner = Inner {
            pool,
            shared,
            commands,
            append_wait: options.append_wait,
            tasks,
        };
        Ok(Self {
            inner: Arc::new(inner),
        })
    }

    /// Appends the events of one command: all or none, at the version that it was decided on.
    ///
    /// A command id that is in the log already appends nothing and is answered with the events of the first time.
    /// `Unavailable` comes after [`Options::append_wait`] at the latest; the same command may then be tried again.
    /// Dropping the future takes the command back if it has not been sent yet.
    pub async fn append(&self, append: Append) -> Result<Appended, AppendError> {
        let began = Instant::now();
        let outcome = self.send(append, began + self.inner.append_wait).await;
        self.meters().count(&outcome, began.elapsed());
        outcome
    }

    /// Says that a command is under way that may append something soon, until what is given back is dropped.
    pub fn expect_append(&self) -> UnderWay {
        self.inner.shared.under_way.send_modify(|count| *count += 1);
        UnderWay(Arc::clone(&self.inner.shared))
    }

    /// Waits until no command of this process is under way.
    pub async fn idle(&self) {
        let mut under_way = self.inner.shared.under_way.subscribe();
        // Only fails if the sender is gone, which is held here.
        let _ = under_way.wait_for(|count| *count == 0).await;
    }

    /// What counts.
    pub fn meters(&self) -> &Meters {
        &self.inner.shared.meters
    }

    async fn send(&self, append: Append, deadline: Instant) -> Result<Appended, AppendError> {
        if self.inner.shared.closing.is_cancelled() {
            return Err(AppendError::Closed);
        }
        let late = |_| AppendError::Unavailable("no answer in time".to_owned());
        let (answer, outcome) = oneshot::channel();
        let entry = entry::entry(append, answer)?;
        let sent = timeout_at(deadline, self.inner.commands.send(entry))
            .await
            .map_err(late)?;
        sent.map_err(|_| AppendError::Closed)?;
        let failed = |_| AppendError::Unavailable("the appender failed".to_owned());
        timeout_at(deadline, outcome)
            .await
            .map_err(late)?
            .map_err(failed)?
    }

    /// At most `limit` events of a stream after a version (0: from its beginning), in order; none if there is no such
    /// stream.
    pub async fn read_stream(
        &self,
        stream: &StreamId,
        after: Version,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(SHORT_READ_WAIT, read::stream(&client, stream, after, limit)).await;
        in_time(client, outcome)
    }

    /// Hands the events of parts of several streams of a category to `each`, in one read: stream by stream, each part in
    /// order and without a gap. A stream that is not there, or shorter, has fewer. A part must not be there twice.
    ///
    /// After an error some events may have been handed out.
    pub async fn read_streams(
        &self,
        category: &str,
        parts: &[StreamPart],
        each: impl FnMut(RecordedEvent) + Send,
    ) -> Result<(), ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(LONG_READ_WAIT, read::parts(&client, category, parts, each)).await;
        in_time(client, outcome)
    }

    /// The first and the last event of each of these streams of a category, in one read; nothing of those that are not
    /// there. An id must not be there twice.
    pub async fn stream_ends(&self, category: &str, ids: &[Uuid]) -> Result<Vec<StreamEnds>, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(SHORT_READ_WAIT, read::ends(&client, category, ids)).await;
        in_time(client, outcome)
    }

    /// At most `limit` events of the whole log after a position, in order and without a gap. A page may be shorter
    /// because of [`PAGE_BYTES_MAX`](crate::PAGE_BYTES_MAX); an empty one is the end.
    pub async fn read_all(
        &self,
        after: Position,
        limit: usize,
    ) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(LONG_READ_WAIT, read::page(&client, after, limit)).await;
        in_time(client, outcome).map(|page| page.events)
    }

    /// At most `limit` events of a category after a position, in order; fewer than that are the last ones.
    pub async fn read_category(
        &self,
        category: &str,
        after: Position,
        limit: usize,
    ) -> Result<Vec<RecordedEvent>, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(LONG_READ_WAIT, read::category(&client, category, after, limit)).await;
        in_time(client, outcome)
    }

    /// The events of a command, in order; none if the log does not know it.
    pub async fn command(&self, command_id: Uuid) -> Result<Vec<RecordedEvent>, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(SHORT_READ_WAIT, read::command(&client, command_id)).await;
        in_time(client, outcome)
    }

    /// The end of the log.
    pub async fn head(&self) -> Result<Head, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(SHORT_READ_WAIT, read::head(&client)).await;
        in_time(client, outcome)
    }

    /// How far the log had come at a time: the position of an event that was recorded at that time or before it, whose
    /// successor was recorded later or is not there; 0 if there is none.
    ///
    /// Clocks ascend, as a rule, and then there is only one such position. Where a clock was set back, or those of two
    /// nodes differ, there may be several; which one is told is fixed by the log alone (see `read::position_at`), and
    /// the same for everybody who asks.
    pub async fn position_at(&self, time: Timestamp) -> Result<Position, ReadError> {
        let client = read::client(&self.inner.pool).await?;
        let outcome = timeout(SHORT_READ_WAIT, read::position_at(&client, time)).await;
        in_time(client, outcome)
    }

    /// A connection of its pool.
    pub(crate) async fn client(&self) -> Result<Object, ReadError> {
        read::client(&self.inner.pool).await
    }

    /// Every event after a position: first the past, then live.
    pub fn subscribe(&self, after: Position) -> Subscription {
        Subscription::new(Arc::clone(&self.inner.shared), self.inner.pool.clone(), after)
    }

    /// The last position that this process knows to be committed, and when it changes. It never goes back.
    pub fn head_watch(&self) -> watch::Receiver<Position> {
        self.inner.shared.head.subscribe()
    }

    /// Takes no further commands, settles those that wait, and ends subscriptions and tasks.
    pub async fn close(&self) {
        self.inner.shared.closing.cancel();
        self.inner.tasks.wait().await;
    }
}

/// The outcome of a read on a pooled connection. One that is late leaves its connection in the middle of an answer:
/// that connection does not go back into the pool.
pub(crate) fn in_time<T>(
    client: Object,
    outcome: Result<Result<T, ReadError>, Elapsed>,
) -> Result<T, ReadError> {
    outcome.unwrap_or_else(|elapsed| {
        drop(Object::take(client));
        Err(ReadError::Unavailable(Box::new(elapsed)))
    })
}
