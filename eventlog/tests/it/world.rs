//! What a test needs: a migrated database, logs on it as if they were several processes, and commands.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use domain::time::{Clock, Timestamp};
use eventlog::{Append, EventLog, Metadata, NewEvent, Options, Position, RecordedEvent, StreamId, Version};
use tokio_postgres::{Client, Config};
use uuid::Uuid;

use crate::server::{Server, connect};

/// Longest that a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A database of its own, with the migrations applied.
pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) admin: Client,
    pub(crate) clock: Arc<TestClock>,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::on(Server::shared()).await
    }

    pub(crate) async fn on(server: &Server) -> Self {
        let config = server.config(&server.empty_database().await);
        let mut admin = connect(&config).await;
        eventlog::migrate(&mut admin).await.unwrap();
        Self {
            config,
            admin,
            clock: Arc::default(),
        }
    }

    /// A log of its own, as another process would have it.
    pub(crate) async fn log(&self) -> EventLog {
        self.log_with(Options::default()).await
    }

    pub(crate) async fn log_with(&self, options: Options) -> EventLog {
        let pool = eventlog::pool(&self.config, 8).unwrap();
        EventLog::open(pool, self.config.clone(), self.clock.clone(), options)
            .await
            .unwrap()
    }

    /// A connection with the rights of the server and no others: as somebody who is not superuser underneath.
    pub(crate) async fn app(&self) -> Client {
        let name = format!("server_{}", id().simple());
        let sql = format!("CREATE ROLE {name} LOGIN NOINHERIT IN ROLE informejo_app");
        self.admin.batch_execute(&sql).await.unwrap();
        let mut config = self.config.clone();
        config.user(name).options("-c role=informejo_app");
        connect(&config).await
    }

    /// Ends the backends of this database whose last statement contains `part`; how many there were.
    pub(crate) async fn terminate(&self, part: &str) -> u64 {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                   WHERE datname = current_database() AND pid <> pg_backend_pid() AND strpos(query, $1) > 0";
        self.admin.execute(sql, &[&part]).await.unwrap()
    }

    /// Everything in the log, checked.
    pub(crate) async fn all(&self, log: &EventLog) -> Vec<Arc<RecordedEvent>> {
        let mut all: Vec<Arc<RecordedEvent>> = Vec::new();
        loop {
            let after = all.last().map_or(0, |event| event.position);
            let page = log.read_all(after, 1000).await.unwrap();
            if page.is_empty() {
                return all;
            }
            all.extend(page);
        }
    }

    /// Walks the chain; panics if it is broken.
    pub(crate) async fn verify(&self) -> eventlog::Verified {
        let verified = eventlog::verify(&self.admin, 0, &[], |_, _| {}).await.unwrap();
        assert!(verified.findings.is_empty(), "{:?}", verified.findings);
        verified
    }
}

/// A clock that moves one millisecond each time that it is asked, and can be made to fail.
#[derive(Default)]
pub(crate) struct TestClock {
    millis: AtomicI64,
    failures: AtomicI64,
}

impl TestClock {
    /// Moves it by so many milliseconds, back if they are negative.
    pub(crate) fn jump(&self, millis: i64) {
        self.millis.fetch_add(millis, Ordering::Relaxed);
    }

    /// Makes the next reading panic.
    pub(crate) fn fail_once(&self) {
        self.failures.fetch_add(1, Ordering::SeqCst);
    }
}

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        let failed = self
            .failures
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
                (left > 0).then(|| left - 1)
            });
        assert!(failed.is_err(), "the clock fails because the test wants it to");
        Timestamp::from_millis(1_795_393_955_000 + self.millis.fetch_add(1, Ordering::Relaxed))
    }
}

/// An id that no other call gives.
pub(crate) fn id() -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(
        0x0198_f3c2_7a00_7000_8000_0000_0000_0000 + u128::from(COUNT.fetch_add(1, Ordering::Relaxed)),
    )
}

/// A stream that does not exist yet.
pub(crate) fn stream() -> StreamId {
    StreamId::new("thing", id())
}

/// One command with one event.
pub(crate) fn command(stream: &StreamId, expected: Version) -> Append {
    payload(stream, expected, "{\"a\": 1}")
}

/// One command with one event that has this payload.
pub(crate) fn payload(stream: &StreamId, expected: Version, payload: &str) -> Append {
    Append {
        stream: stream.clone(),
        expected,
        events: vec![event(payload)],
        metadata: Metadata {
            actor: "system:test".to_owned(),
            command_id: id(),
            correlation_id: id(),
            causation_id: None,
            origin: "test".to_owned(),
            fingerprint: None,
            traceparent: None,
        },
        category_unchanged_since: None,
    }
}

pub(crate) fn event(payload: &str) -> NewEvent {
    NewEvent {
        event_id: id(),
        event_type: "Happened".to_owned(),
        schema_version: 1,
        payload: payload.to_owned(),
    }
}

pub(crate) fn positions(events: &[Arc<RecordedEvent>]) -> Vec<Position> {
    events.iter().map(|event| event.position).collect()
}

/// Whether positions count 1, 2, 3, … and versions do in every stream.
pub(crate) fn assert_gapless(events: &[Arc<RecordedEvent>]) {
    let mut versions = std::collections::HashMap::new();
    for (event, position) in events.iter().zip(1..) {
        assert_eq!(event.position, position);
        let version = versions.entry(event.stream.id).or_insert(0);
        *version += 1;
        assert_eq!(
            event.version, *version,
            "stream {} at position {position}",
            event.stream
        );
    }
}
