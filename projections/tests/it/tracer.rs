//! A read model for tests: writes down every position that it is given, and fails when it is told to.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use eventlog::{EventFacts, Position, RecordedEvent};
use futures::FutureExt;
use futures::future::BoxFuture;
use projections::engine::{ApplyError, Copies, Fold, More, ReadModel, Session, Skips, Table, Write};
use uuid::Uuid;

use crate::world::World;

/// What goes wrong, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The model panics before it has said what changes.
    Panic,
    /// The connection breaks after the rows, before the checkpoint.
    BeforeCheckpoint,
    /// The connection breaks after the checkpoint, in the COMMIT itself.
    InCommit,
}

/// Each position once, and their sum: a row that was written twice or not at all shows in both.
#[derive(Clone)]
pub(crate) struct Tracer {
    version: i32,
    tables: &'static [Table],
    fault: Fault,
    /// How many batches are yet to fail.
    faults: Arc<AtomicI64>,
    poison: Arc<Mutex<Option<(Uuid, Poison)>>>,
}

/// How events of a certain stream fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Poison {
    /// The model panics.
    Panics,
    /// The database refuses the rows.
    IsRefused,
}

impl Tracer {
    pub(crate) fn new() -> Self {
        Self::failing(Fault::Panic, 0)
    }

    /// One of another program.
    pub(crate) fn of_version(version: i32) -> Self {
        Self {
            version,
            ..Self::new()
        }
    }

    /// One of another program, whose first table has one column more.
    pub(crate) fn with_a_column_more(version: i32) -> Self {
        Self {
            version,
            tables: WIDER,
            ..Self::new()
        }
    }

    /// One whose tables have other indexes, and are the same otherwise.
    pub(crate) fn with_other_indexes() -> Self {
        Self {
            tables: UNINDEXED,
            ..Self::new()
        }
    }

    /// One that fails so many times.
    pub(crate) fn failing(fault: Fault, times: i64) -> Self {
        Self {
            version: 1,
            tables: TABLES,
            fault,
            faults: Arc::new(AtomicI64::new(times)),
            poison: Arc::default(),
        }
    }

    /// Makes the events of a stream fail, or those of none.
    pub(crate) fn poison(&self, poison: Option<(Uuid, Poison)>) {
        *self.poison.lock().unwrap() = poison;
    }

    fn poisoned(&self, batch: &[Arc<RecordedEvent>]) -> Option<Poison> {
        let (stream, poison) = (*self.poison.lock().unwrap())?;
        batch
            .iter()
            .any(|event| event.stream.id == stream)
            .then_some(poison)
    }

    /// What the tests of this model need in the database: a way to break one's own connection.
    pub(crate) async fn prepare(world: &World) {
        let sql = "CREATE FUNCTION public.break_connection() RETURNS void SECURITY DEFINER LANGUAGE sql
                   AS 'SELECT pg_terminate_backend(pg_backend_pid())'";
        world.admin.batch_execute(sql).await.unwrap();
    }

    /// Everything up to `head` is there, each once.
    pub(crate) async fn assert_complete(world: &World, head: Position) {
        let row = world
            .admin
            .query_one(
                "SELECT count(*), count(DISTINCT position), min(position), max(position),
                        (SELECT events FROM read_tracer.sums) FROM read_tracer.trace",
                &[],
            )
            .await
            .unwrap();
        let found: [i64; 5] = std::array::from_fn(|place| row.get(place));
        assert_eq!(
            found,
            [head, head, 1, head, head],
            "count, distinct, first, last, sum"
        );
    }

    fn fails(&self) -> bool {
        let spent = |left: i64| (left > 0).then(|| left - 1);
        self.faults
            .fetch_update(Ordering::SeqCst, Ordering::SeqCst, spent)
            .is_ok()
    }
}

const TRACE: Table = Table {
    name: "trace",
    columns: "position bigint NOT NULL, fails boolean NOT NULL",
    storage: "",
    keys: &[
        // No key: a position that is applied twice shall show, not fail.
        "CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS
             'BEGIN PERFORM public.break_connection(); RETURN NULL; END'",
        "CREATE CONSTRAINT TRIGGER fails AFTER INSERT ON trace DEFERRABLE INITIALLY DEFERRED
             FOR EACH ROW WHEN (NEW.fails) EXECUTE FUNCTION fail()",
    ],
    indexes: &["CREATE INDEX trace_by_position ON trace (position)"],
};
const SUMS: Table = Table {
    name: "sums",
    columns: "id boolean NOT NULL, events bigint NOT NULL",
    storage: "",
    keys: &["ALTER TABLE sums ADD PRIMARY KEY (id)"],
    indexes: &[],
};
const TABLES: &[Table] = &[TRACE, SUMS];
const UNINDEXED: &[Table] = &[
    Table {
        indexes: &[],
        ..TRACE
    },
    SUMS,
];
/// The new column comes last and has a default, so that the statements of all versions fit.
const WIDER: &[Table] = &[
    Table {
        columns: "position bigint NOT NULL, fails boolean NOT NULL, note text NOT NULL DEFAULT ''",
        ..TRACE
    },
    SUMS,
];

impl ReadModel for Tracer {
    fn name(&self) -> &'static str {
        "tracer"
    }

    fn version(&self) -> i32 {
        self.version
    }

    fn categories(&self) -> &'static [&'static str] {
        &["ticket", "account"]
    }

    fn tables(&self) -> &'static [Table] {
        self.tables
    }

    fn apply<'a>(
        &'a self,
        _rows: &'a Session,
        batch: &'a [Arc<RecordedEvent>],
        skips: &'a Skips,
    ) -> BoxFuture<'a, Result<Vec<Write>, ApplyError>> {
        async move {
            let fault = self.fails().then_some(self.fault);
            assert!(
                fault != Some(Fault::Panic),
                "the tracer panics because the test wants it to"
            );
            let poison = self.poisoned(batch);
            assert!(
                poison != Some(Poison::Panics),
                "the tracer panics at the poisoned stream"
            );
            let positions: Vec<i64> = batch
                .iter()
                .filter(|event| !skips.pass_over(event.stream.id, event.version))
                .map(|event| event.position)
                .collect();
            let in_commit = fault == Some(Fault::InCommit);
            if positions.is_empty() {
                return Ok(Vec::new());
            }
            let count = i64::try_from(positions.len()).unwrap();
            let mut writes = vec![
                Write::new(
                    "INSERT INTO trace (position, fails) SELECT p, $2 FROM unnest($1::bigint[]) AS t (p)",
                    vec![Box::new(positions), Box::new(in_commit)],
                ),
                Write::new(
                    "INSERT INTO sums AS s VALUES (true, $1)
                     ON CONFLICT (id) DO UPDATE SET events = s.events + excluded.events",
                    vec![Box::new(count)],
                ),
            ];
            if fault == Some(Fault::BeforeCheckpoint) {
                writes.push(Write::new("SELECT public.break_connection()", Vec::new()));
            }
            if poison == Some(Poison::IsRefused) {
                writes.push(Write::new("SELECT 1 / $1::bigint", vec![Box::new(0_i64)]));
            }
            Ok(writes)
        }
        .boxed()
    }

    fn fold(&self) -> Box<dyn Fold> {
        Box::new(Bulk {
            events: 0,
            noted: std::ptr::eq(self.tables, WIDER),
        })
    }
}

struct Bulk {
    events: i64,
    noted: bool,
}

impl Fold for Bulk {
    fn push(&mut self, event: &EventFacts<'_>, out: &mut Copies) -> Result<(), ApplyError> {
        let rows = out.table(0);
        rows.row(2 + i16::from(self.noted))
            .bigint(event.position)
            .boolean(false);
        if self.noted {
            rows.text("");
        }
        self.events += 1;
        Ok(())
    }

    fn pass_over(&mut self, _event: &EventFacts<'_>, _out: &mut Copies) {}

    fn finish(&mut self, out: &mut Copies) -> More {
        out.table(1).row(2).boolean(true).bigint(self.events);
        More::No
    }
}
