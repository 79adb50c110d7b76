//! Looking at what was: filtered list pages as of early, middle and late positions beside the same page of today, the
//! figures, and a ticket of a thousand events.

mod lives;

use std::time::{Duration, Instant};

use deadpool_postgres::Pool;
use domain::ticket::{Category, Priority, Status};
use eventlog::Position;
use projections::Engine;
use projections::engine::Check;
use projections::history::{self, AsOf, TicketAsOf, Whose};
use projections::tickets::{self, AssigneeFilter, Filter, Scope, Wanted};

use crate::args::Args;
use crate::database::{Server, connect, open_log};
use crate::load::{micros, percentile};
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::runs::Runs;
use crate::table::{Column, Table};

use self::lives::People;

/// Pages asked for in a run, at positions around each place.
const PAGES: usize = 40;
const PAGE_TICKETS: usize = 50;
/// Events of the ticket that is folded.
const LONG: usize = 1_000;
/// How often it is folded in a run.
const FOLDS: usize = 200;
/// Parts of the log, in percent, up to which is looked.
const PLACES: [(&str, i64); 3] = [("early p95 ms", 10), ("middle p95 ms", 50), ("late p95 ms", 95)];
const TODAY: &str = "today p95 ms";
const FIGURES: &str = "the figures";
const FOLDED: &str = "a ticket of 1,000 events";

/// Writes the log once, makes the read models, and asks.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let database = server.new_database("history").await?;
    let log = open_log(&database).await?;
    let engine = Engine::new(log.clone(), &database);
    engine.prepare().await?;
    let count = args.tickets / 2;
    say(&format!("history: writing the lives of {count} tickets"));
    let elder = lives::long_life(&log, LONG).await?;
    let people = lives::write(&log, count).await?;
    for model in ["tickets", "history"] {
        engine.rebuild(model, Check::Skip, |_| {}).await?;
    }
    let connection = connect(&database).await?;
    connection.client.batch_execute("VACUUM ANALYZE").await?;
    server.settle().await?;
    let pool = eventlog::pool(&database, 4)?;
    let head = log.head().await?.position;
    let title = format!("A page of {PAGE_TICKETS} of {count} tickets as of a position, log of {head} events");
    let names = PLACES.map(|(name, _)| name).into_iter().chain([TODAY]);
    let columns: Vec<_> = names.map(|name| Column { name, digits: 2 }).collect();
    let mut table = Table::new(title, &columns);
    let columns = ["p50 ms", "p99 ms"].map(|name| Column { name, digits: 2 });
    let mut folds = Table::new("As of a position, from the log", &columns);
    for run in 1..=args.runs {
        say(&format!("history {run}/{}", args.runs));
        for (name, filter) in filters(&people) {
            let mut row = Vec::new();
            for (_, percent) in PLACES {
                row.push(Some(then(&pool, &filter, head * percent / 100).await?));
            }
            row.push(Some(today(&pool, &filter).await?));
            table.record(name, &row);
        }
        table.record(FIGURES, &figures(&pool, &people, head).await?);
        let mut times = Vec::new();
        for turn in 0..FOLDS {
            // Anywhere in the second half of its life.
            let position = i64::try_from(LONG - turn % (LONG / 2))?;
            let begin = Instant::now();
            TicketAsOf::read(&log, elder, position)
                .await?
                .ok_or("no ticket")?;
            times.push(begin.elapsed());
        }
        folds.record(FOLDED, &[Some(at(&times, 50)), Some(at(&times, 99))]);
    }
    log.close().await;
    drop((pool, connection));
    server.drop_database("history").await?;
    Ok(Part {
        goals: goals(&table, &folds, &filters(&people)),
        tables: vec![table, folds],
        notes: vec!["asked of the read models directly: without HTTP, session and JSON".to_owned()],
    })
}

/// What a page is filtered by: what many tickets are and what few are, at any time.
fn filters(people: &People) -> Vec<(&'static str, Filter)> {
    let agent = AssigneeFilter::Of(people.agents[3]);
    let all = Filter::default();
    let part = |text: &str| Some(text.to_owned());
    vec![
        ("all", all.clone()),
        (
            "status CLOSED",
            Filter {
                status: vec![Status::Closed],
                ..all.clone()
            },
        ),
        (
            "status OPEN",
            Filter {
                status: vec![Status::Open],
                ..all.clone()
            },
        ),
        (
            "WAITING or RESOLVED, CRITICAL",
            Filter {
                status: vec![Status::Waiting, Status::Resolved],
                priority: vec![Priority::Critical],
                ..all.clone()
            },
        ),
        (
            "category TRAVEL",
            Filter {
                category: vec![Category::Travel],
                ..all.clone()
            },
        ),
        (
            "one agent's, IN_PROGRESS",
            Filter {
                assignee: Some(agent),
                status: vec![Status::InProgress],
                ..all.clone()
            },
        ),
        (
            "one requester's",
            Filter {
                requester: Some(people.requesters[7]),
                ..all.clone()
            },
        ),
        (
            "nobody's (there are none)",
            Filter {
                assignee: Some(AssigneeFilter::Unassigned),
                status: vec![Status::Closed],
                ..all.clone()
            },
        ),
        (
            "title with \"printer\" (a quarter)",
            Filter {
                title_part: part("printer"),
                ..all.clone()
            },
        ),
        (
            "title with \"teapot\" (none)",
            Filter {
                title_part: part("teapot"),
                ..all
            },
        ),
    ]
}

/// The 95th percentile of a page at positions around one.
async fn then(pool: &Pool, filter: &Filter, position: Position) -> Outcome<f64> {
    let mut times = Vec::new();
    for turn in 0..PAGES {
        let as_of = AsOf {
            position: position - i64::try_from(turn)? * 7,
            deleted_since: turn.is_multiple_of(2),
        };
        let begin = Instant::now();
        history::list(pool, as_of, Wanted::newest(filter, PAGE_TICKETS)).await?;
        times.push(begin.elapsed());
    }
    Ok(at(&times, 95))
}

/// The 95th percentile of the same page as it is now.
async fn today(pool: &Pool, filter: &Filter) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let begin = Instant::now();
        tickets::list(pool, Wanted::newest(filter, PAGE_TICKETS)).await?;
        times.push(begin.elapsed());
    }
    Ok(at(&times, 95))
}

/// The same of the dashboard's figures.
async fn figures(pool: &Pool, people: &People, head: Position) -> Outcome<Vec<Option<f64>>> {
    let me = people.agents[3];
    let mut row = Vec::new();
    for (_, percent) in PLACES {
        let mut times = Vec::new();
        for turn in 0..PAGES {
            let as_of = AsOf {
                position: head * percent / 100,
                deleted_since: turn.is_multiple_of(2),
            };
            let begin = Instant::now();
            history::figures(pool, as_of, Whose::All(me)).await?;
            times.push(begin.elapsed());
        }
        row.push(Some(at(&times, 95)));
    }
    let mut times = Vec::new();
    for _ in 0..PAGES {
        let begin = Instant::now();
        for scope in [Scope::All, Scope::Unassigned, Scope::Assignee(me)] {
            tickets::counts(pool, scope).await?;
        }
        times.push(begin.elapsed());
    }
    row.push(Some(at(&times, 95)));
    Ok(row)
}

fn at(times: &[Duration], percent: usize) -> f64 {
    let mut sorted: Vec<u32> = times.iter().map(|time| micros(*time)).collect();
    sorted.sort_unstable();
    percentile(&sorted, percent)
}

fn goals(table: &Table, folds: &Table, filters: &[(&'static str, Filter)]) -> Vec<Goal> {
    let worst = |(name, _): &(&'static str, Filter)| {
        let places = PLACES.iter().filter_map(|(place, _)| table.figure(name, place));
        places.max_by(|one, other| one.median().total_cmp(&other.median()))
    };
    let slowest: Option<&Runs> = filters
        .iter()
        .filter_map(worst)
        .max_by(|one, other| one.median().total_cmp(&other.median()));
    [
        Goal::of(
            "slowest page as of a position, p95",
            slowest.cloned(),
            Bound::AtMost(100.0),
            " ms",
        ),
        Goal::of(
            "a ticket of 1,000 events as of a position, p99",
            folds.figure(FOLDED, "p99 ms").cloned(),
            Bound::AtMost(20.0),
            " ms",
        ),
    ]
    .into_iter()
    .flatten()
    .collect()
}
