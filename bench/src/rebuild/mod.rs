//! Rebuilding the read model of tickets, beside pure SQL that makes the same tables with the same indexes.

pub(crate) mod histories;
mod live;
mod sql;

use std::time::{Duration, Instant};

use projections::Engine;
use projections::engine::Check;

use crate::args::Args;
use crate::database::{Server, connect, open_log};
use crate::load::count;
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};

const RATE: &str = "events/s";
const SECONDS: &str = "s";
const OURS: &str = "informejo: COPY out, fold, COPY in";
const SQL: &str = "pure SQL: INSERT, SELECT, GROUP BY";

/// Writes the log once, then rebuilds it in both ways, in turn.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let mut part = alone(server, args).await?;
    let live = live::measure(server, args).await?;
    part.tables.extend(live.tables);
    part.goals.extend(live.goals);
    part.notes.extend(live.notes);
    Ok(part)
}

/// A rebuild of which nobody wants anything else.
async fn alone(server: &Server, args: &Args) -> Outcome<Part> {
    let database = server.new_database("rebuild").await?;
    let log = open_log(&database).await?;
    let engine = Engine::new(log.clone(), &database);
    engine.prepare().await?;
    say(&format!(
        "rebuild: writing the histories of {} tickets",
        args.tickets
    ));
    histories::write(&log, args.tickets).await?;
    let events = usize::try_from(log.head().await?.position)?;
    let connection = connect(&database).await?;
    connection.client.batch_execute("VACUUM ANALYZE").await?;
    let title = format!(
        "Rebuild of {} tickets from {events} events, with all indexes",
        args.tickets
    );
    let columns = [(RATE, 0), (SECONDS, 2)].map(|(name, digits)| Column { name, digits });
    let mut table = Table::new(title, &columns);
    let mut record = |row: &str, time: Duration| {
        let seconds = time.as_secs_f64();
        table.record(row, &[Some(count(events) / seconds), Some(seconds)]);
    };
    for run in 1..=args.runs {
        server.settle().await?;
        say(&format!("rebuild {run}/{}: {OURS}", args.runs));
        let start = Instant::now();
        engine.rebuild("tickets", Check::Skip, |_| {}).await?;
        record(OURS, start.elapsed());
        server.settle().await?;
        say(&format!("rebuild {run}/{}: {SQL}", args.runs));
        record(SQL, sql::rebuild(&connection.client).await?);
        let compared = engine.compare("tickets", "read_tickets", sql::SCHEMA).await?;
        if !compared.is_equal() {
            return Err(format!("the two ways do not come to the same: {compared:?}").into());
        }
    }
    log.close().await;
    drop(connection);
    server.drop_database("rebuild").await?;
    let ratio = table.figure(OURS, RATE).zip(table.figure(SQL, RATE));
    let ratio = ratio.map(|(ours, sql)| ours.against(sql, |ours, sql| ours / sql));
    let goal = Goal::of("rebuild against pure SQL", ratio, Bound::AtLeast(1.0), " x");
    Ok(Part {
        tables: vec![table],
        goals: goal.into_iter().collect(),
        notes: vec![
            "every row of both is compared; the SQL may rely on no field of these tickets changing twice"
                .to_owned(),
        ],
    })
}
