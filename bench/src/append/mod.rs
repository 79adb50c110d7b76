//! Appending events: the log beside single-row inserts, cqrs-es and COPY, all into tables with the same indexes
//! (cqrs-es: its own).

mod copy;
#[cfg(feature = "rivals")]
mod cqrs_es;
mod log;
mod pgbench;

use tokio_postgres::Config;

use crate::args::Args;
use crate::database::{Server, connect};
use crate::load::Sample;
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};

const RATE: &str = "events/s";
const P50: &str = "p50 ms";
const P99: &str = "p99 ms";

/// Somebody who can append, and how many appends are under way at once.
#[derive(Clone, Copy, Debug)]
enum Contender {
    /// One INSERT is one commit: what every other way is built on.
    Pgbench(usize),
    /// The best known framework; only there with the feature `rivals`.
    CqrsEs(usize),
    Log(usize),
    /// Everything in one commit: what the disk and the indexes can take.
    Copy,
}

/// Rivals stand next to each other in time, too.
const CONTENDERS: &[Contender] = &[
    Contender::Pgbench(1),
    Contender::CqrsEs(1),
    Contender::Log(1),
    Contender::Pgbench(16),
    Contender::CqrsEs(16),
    Contender::Log(16),
    Contender::Pgbench(64),
    Contender::Log(64),
    Contender::CqrsEs(64),
    Contender::Log(256),
    Contender::Copy,
    Contender::Log(1024),
];

impl Contender {
    fn name(self) -> String {
        match self {
            Self::Pgbench(clients) => format!("{clients:>4}  pgbench, an INSERT a commit"),
            Self::CqrsEs(in_flight) => format!("{in_flight:>4}  cqrs-es with postgres-es"),
            Self::Log(in_flight) => format!("{in_flight:>4}  informejo"),
            Self::Copy => "   -  COPY, one commit".to_owned(),
        }
    }

    async fn measure(self, server: &Server, database: &Config, args: &Args) -> Outcome<[Option<f64>; 3]> {
        server.settle().await?;
        let sample: Sample = match self {
            Self::Pgbench(clients) => pgbench::measure(server, database, clients, args.time()).await?,
            #[cfg(feature = "rivals")]
            Self::CqrsEs(in_flight) => cqrs_es::measure(database, in_flight, args.time()).await?,
            Self::Log(in_flight) => log::measure(database, in_flight, args.time()).await?,
            #[cfg(not(feature = "rivals"))]
            Self::CqrsEs(_) => return Ok([None; 3]),
            Self::Copy => return Ok([Some(copy::measure(database).await?), None, None]),
        };
        Ok(sample.values())
    }
}

/// Runs every contender in turn, several times over.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let columns = [(RATE, 0), (P50, 2), (P99, 2)].map(|(name, digits)| Column { name, digits });
    let mut table = Table::new("Appends, by how many are in flight", &columns);
    for run in 1..=args.runs {
        let database = server.new_database("append").await?;
        prepare(&database).await?;
        for contender in CONTENDERS {
            say(&format!("append {run}/{}: {}", args.runs, contender.name()));
            let values = contender.measure(server, &database, args).await?;
            table.record(&contender.name(), &values);
        }
    }
    server.drop_database("append").await?;
    let mut notes = Vec::new();
    if cfg!(not(feature = "rivals")) {
        notes.push("built without the feature `rivals`: no cqrs-es".to_owned());
    }
    Ok(Part {
        goals: goals(&table),
        tables: vec![table],
        notes,
    })
}

fn goals(table: &Table) -> Vec<Goal> {
    let compare = |column, mine: Contender, theirs: Contender, how: fn(f64, f64) -> f64| {
        let mine = table.figure(&mine.name(), column)?;
        Some(mine.against(table.figure(&theirs.name(), column)?, how))
    };
    let goals = [
        Goal::of(
            "256 in flight against cqrs-es at 64",
            compare(
                RATE,
                Contender::Log(256),
                Contender::CqrsEs(64),
                |mine, theirs| mine / theirs,
            ),
            Bound::AtLeast(10.0),
            " x",
        ),
        Goal::of(
            "256 in flight against the rows of COPY",
            compare(RATE, Contender::Log(256), Contender::Copy, |mine, theirs| {
                mine / theirs * 100.0
            }),
            Bound::AtLeast(40.0),
            " %",
        ),
        Goal::of(
            "alone, p50 over that of a bare commit",
            compare(P50, Contender::Log(1), Contender::Pgbench(1), |mine, theirs| {
                mine - theirs
            }),
            Bound::AtMost(0.3),
            " ms",
        ),
    ];
    goals.into_iter().flatten().collect()
}

/// Tables for the rivals, with the columns, checks and indexes of the log's own.
async fn prepare(database: &Config) -> Outcome<()> {
    let tables = "CREATE TABLE inserted (LIKE log.events INCLUDING ALL);
        CREATE SEQUENCE inserted_position OWNED BY inserted.position;
        ALTER TABLE inserted ALTER position SET DEFAULT nextval('inserted_position');
        CREATE TABLE copied (LIKE log.events INCLUDING ALL);";
    let connection = connect(database).await?;
    connection.client.batch_execute(tables).await?;
    #[cfg(feature = "rivals")]
    connection.client.batch_execute(cqrs_es::TABLE).await?;
    Ok(())
}
