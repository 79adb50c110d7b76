//! Broadcasts to thousands of clients: the program itself, beside the official server on Node.js and socketioxide alone.
//!
//! The swarm and each server are processes of their own and share the machine. The desk's broadcasts are comments that
//! somebody makes over HTTP, and come through the log; the rivals pass on what one of their clients says.

mod frames;
mod scene;
mod server;
mod swarm;
mod tally;
mod voice;

use crate::args::Args;
use crate::database::{Server, url};
use crate::desk;
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};

use scene::{Figures, Scene};
pub(crate) use server::Contender;
use server::Running;

const CONNECTS: &str = "connects/s";
const MEMORY: &str = "KiB each";
const FIRST: &str = "first p50 ms";
const MEDIAN: &str = "median p50 ms";
const LAST: &str = "last p50 ms";
const LAST_P99: &str = "last p99 ms";
const ONE: &str = "deliveries/s, one";
const SEVERAL: &str = "four";
const BUSY: &str = "server us each";
const WITHOUT: &str = "without";
const WITH: &str = "with";

/// So many clients, and how soon the last of them must have a broadcast, in milliseconds.
const SIZES: [(usize, f64); 3] = [(1_000, 15.0), (5_000, 60.0), (10_000, 120.0)];
/// Clients who do not read.
const STALLED: usize = 500;
/// Broadcasts that a client has missed which comes back.
const MISSED: usize = 1_000;
const CAUGHT_UP: &str = "ms";

/// Measures every contender with every number of clients in turn, several times over.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let columns = [
        (CONNECTS, 0),
        (MEMORY, 1),
        (FIRST, 1),
        (MEDIAN, 1),
        (LAST, 1),
        (LAST_P99, 1),
        (ONE, 0),
        (SEVERAL, 0),
        (BUSY, 2),
    ]
    .map(|(name, digits)| Column { name, digits });
    let mut tables: Vec<Table> = SIZES
        .iter()
        .map(|(clients, _)| Table::new(format!("A broadcast to {clients} clients"), &columns))
        .collect();
    let stalled_columns = [WITHOUT, WITH].map(|name| Column { name, digits: 1 });
    let title =
        format!("To the last of 1000 readers, without and with {STALLED} others that do not read, p99 ms");
    let mut stalled = Table::new(title, &stalled_columns);
    let title = format!("A client that has missed {MISSED} comes back, until it has caught up");
    let caught_up = Column {
        name: CAUGHT_UP,
        digits: 0,
    };
    let mut returned = Table::new(title, &[caught_up]);
    let mut notes = vec!["four: so many broadcasts on their way at the same time".to_owned()];
    for run in 1..=args.runs {
        let database = url(&server.new_database("fanout").await?)?;
        let data = tempfile::tempdir_in(server.folder())?;
        let data = data.path().to_str().ok_or("a folder that is no text")?;
        let settings = [("DATABASE_URL", database.as_str()), ("DATA_DIR", data)];
        desk::create_admin(&settings).await?;
        for ((clients, _), table) in SIZES.iter().zip(&mut tables) {
            if args.clients.is_some_and(|only| only != *clients) {
                continue;
            }
            for contender in Contender::ALL {
                if args.by.is_some_and(|only| only != contender) || !contender.is_there()? {
                    continue;
                }
                say(&format!(
                    "fanout {run}/{}: {clients} clients, {}",
                    args.runs,
                    contender.name()
                ));
                server.settle().await?;
                let running = Running::start(contender, &settings).await?;
                let figures = Scene::new(&running, *clients, args.time()).play().await;
                running.stop().await?;
                let figures = figures?;
                table.record(contender.name(), &row(&figures));
                if run == args.runs && *clients == SIZES[0].0 {
                    notes.push(format!(
                        "{}: a frame has {} bytes",
                        contender.name(),
                        figures.frame_bytes
                    ));
                }
            }
        }
        if args.clients.is_some() || args.by.is_some() {
            continue;
        }
        say(&format!("fanout {run}/{}: {STALLED} that do not read", args.runs));
        let running = Running::start(Contender::Informejo, &settings).await?;
        let scene = Scene::new(&running, SIZES[0].0, args.time());
        let figures = scene.play_stalled(STALLED).await;
        running.stop().await?;
        stalled.record(Contender::Informejo.name(), &figures?.map(Some));
        say(&format!("fanout {run}/{}: {MISSED} missed", args.runs));
        let running = Running::start(Contender::Informejo, &settings).await?;
        let figure = Scene::new(&running, 1, args.time()).play_return(MISSED).await;
        running.stop().await?;
        returned.record(Contender::Informejo.name(), &[Some(figure?)]);
    }
    server.drop_database("fanout").await?;
    let goals = SIZES
        .iter()
        .zip(&tables)
        .flat_map(|((clients, last), table)| goals(*clients, *last, table));
    let caught_up = Goal::of(
        format!("{MISSED} missed, caught up"),
        returned.figure(Contender::Informejo.name(), CAUGHT_UP).cloned(),
        Bound::AtMost(500.0),
        " ms",
    );
    Ok(Part {
        goals: goals.chain(caught_up).collect(),
        tables: tables.into_iter().chain([stalled, returned]).collect(),
        notes,
    })
}

fn row(figures: &Figures) -> [Option<f64>; 9] {
    [
        figures.connects_per_second,
        figures.kib_per_client,
        figures.first[0],
        figures.median[0],
        figures.last[0],
        figures.last[1],
        figures.one,
        figures.several,
        figures.busy,
    ]
    .map(Some)
}

fn goals(clients: usize, last: f64, table: &Table) -> Vec<Goal> {
    let own = |column| table.figure(Contender::Informejo.name(), column).cloned();
    let ratio = |column, rival: Contender| {
        let rival = table.figure(rival.name(), column)?;
        Some(own(column)?.against(rival, |mine, theirs| mine / theirs))
    };
    let what = |what: &str| format!("{clients} clients: {what}");
    let (at_least, at_most) = (Bound::AtLeast, Bound::AtMost);
    let goals = [
        Goal::of(
            what("four, beside Node.js"),
            ratio(SEVERAL, Contender::Node),
            at_least(2.5),
            " x",
        ),
        Goal::of(
            what("one, beside Node.js"),
            ratio(ONE, Contender::Node),
            at_least(1.4),
            " x",
        ),
        Goal::of(
            what("four, beside socketioxide alone"),
            ratio(SEVERAL, Contender::Socketioxide),
            at_least(0.85),
            " x",
        ),
        Goal::of(
            what("one, beside socketioxide alone"),
            ratio(ONE, Contender::Socketioxide),
            at_least(0.85),
            " x",
        ),
        Goal::of(what("to the last, p99"), own(LAST_P99), at_most(last), " ms"),
        Goal::of(what("memory of each"), own(MEMORY), at_most(32.0), " KiB"),
        Goal::of(what("connect"), own(CONNECTS), at_least(8_000.0), "/s"),
    ];
    goals.into_iter().flatten().collect()
}
