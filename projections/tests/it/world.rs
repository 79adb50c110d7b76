//! What a test needs: a migrated database, a log on it, engines as if they were several processes.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use deadpool_postgres::Pool;
use domain::time::{Clock, Timestamp};
use eventlog::{Append, EventLog, Metadata, NewEvent, Position, StreamId, Version};
use projections::engine::{Comparison, ReadModel};
use projections::{Engine, Options, Projections};
use tokio_postgres::{Client, Config};
use uuid::Uuid;

use crate::server::{Server, connect};

/// Longest that a test waits for something that must happen.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A database of its own with the migrations applied, and a log on it.
pub(crate) struct World {
    pub(crate) config: Config,
    pub(crate) admin: Client,
    pub(crate) pool: Pool,
    pub(crate) log: EventLog,
}

impl World {
    pub(crate) async fn new() -> Self {
        let server = Server::shared();
        let config = server.config(&server.empty_database().await);
        let mut admin = connect(&config).await;
        eventlog::migrate(&mut admin).await.unwrap();
        let pool = eventlog::pool(&config, 8).unwrap();
        let log = log(&config).await;
        Self {
            config,
            admin,
            pool,
            log,
        }
    }

    /// The engine of all registered read models.
    pub(crate) fn engine(&self) -> Engine {
        Engine::new(self.log.clone(), &self.config)
    }

    /// The engine of some read models.
    pub(crate) fn engine_of(&self, models: Vec<Arc<dyn ReadModel>>) -> Engine {
        Engine::with_models(self.log.clone(), &self.config, models)
    }

    /// All registered read models on a node of this process.
    pub(crate) async fn projections(&self) -> Projections {
        Projections::start(self.engine(), Options::default())
            .await
            .unwrap()
    }

    /// Waits until the read models have everything that is in the log now.
    pub(crate) async fn caught_up(&self, projections: &Projections) -> Position {
        let head = self.log.head().await.unwrap().position;
        projections.wait_for(head, PATIENCE).await.unwrap();
        head
    }

    /// Rebuilds a read model and compares what was live before with what the fresh fold made of the same log.
    pub(crate) async fn assert_equals_a_fresh_fold(&self, engine: &Engine, name: &str) -> Comparison {
        engine
            .rebuild(name, projections::engine::Check::Skip, |_| ())
            .await
            .unwrap();
        let (live, previous) = (format!("read_{name}"), format!("read_{name}_prev"));
        let comparison = engine.compare(name, &previous, &live).await.unwrap();
        assert!(comparison.is_equal(), "{name}: {comparison:?}");
        comparison
    }

    /// Ends the backends of this database that belong to projections; how many there were.
    pub(crate) async fn terminate_projections(&self) -> u64 {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                   WHERE datname = current_database() AND application_name = 'informejo projections'";
        self.admin.execute(sql, &[]).await.unwrap()
    }

    /// One number that SQL finds.
    pub(crate) async fn number(&self, sql: &str) -> i64 {
        self.admin.query_one(sql, &[]).await.unwrap().get(0)
    }

    /// Appends one command's events.
    pub(crate) async fn append(
        &self,
        stream: StreamId,
        expected: Version,
        events: Vec<NewEvent>,
    ) -> Position {
        self.log
            .append(append(stream, expected, events))
            .await
            .unwrap()
            .last_position()
    }
}

/// A log of its own, as another process would have it.
pub(crate) async fn log(config: &Config) -> EventLog {
    log_by(config, Arc::new(TestClock::default())).await
}

/// A log that writes down the times of this clock.
pub(crate) async fn log_by(config: &Config, clock: Arc<dyn Clock>) -> EventLog {
    let pool = eventlog::pool(config, 8).unwrap();
    EventLog::open(pool, config.clone(), clock, eventlog::Options::default())
        .await
        .unwrap()
}

/// A clock that is set back as often as forward.
#[derive(Default)]
pub(crate) struct JumpyClock(AtomicI64);

impl Clock for JumpyClock {
    fn now(&self) -> Timestamp {
        let turn = self.0.fetch_add(1, Ordering::Relaxed);
        Timestamp::from_millis(1_795_393_955_000 + 7 * turn + turn * 7919 % 4001)
    }
}

/// One command.
pub(crate) fn append(stream: StreamId, expected: Version, events: Vec<NewEvent>) -> Append {
    Append {
        stream,
        expected,
        events,
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

/// An event of any type with any payload.
pub(crate) fn event(event_type: &str, schema_version: i32, payload: &str) -> NewEvent {
    NewEvent {
        event_id: id(),
        event_type: event_type.to_owned(),
        schema_version,
        payload: payload.to_owned(),
    }
}

/// A clock that moves seven milliseconds each time that it is asked.
#[derive(Default)]
pub(crate) struct TestClock(AtomicI64);

impl Clock for TestClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_millis(1_795_393_955_000 + 7 * self.0.fetch_add(1, Ordering::Relaxed))
    }
}

/// An id that no other call gives.
pub(crate) fn id() -> Uuid {
    static COUNT: AtomicU64 = AtomicU64::new(1);
    Uuid::from_u128(
        0x0198_f3c2_7a00_7000_8000_0000_0000_0000 + u128::from(COUNT.fetch_add(1, Ordering::Relaxed)),
    )
}

/// Asks again and again until the answer is there; for what only the database can tell.
pub(crate) async fn eventually<T, F: Future<Output = Option<T>>>(
    what: &str,
    mut ask: impl FnMut() -> F,
) -> T {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(tokio::time::Instant::now() < deadline, "waited in vain: {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
