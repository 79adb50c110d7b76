//! Walking the hash chain, beside the SQL of `eventlog/FORMAT.md` that lets Postgres do it alone.

use std::time::Instant;

use eventlog::Reader;
use rustix::time::{ClockId, clock_gettime};

use crate::args::Args;
use crate::database::{Server, connect, open_log};
use crate::load::count;
use crate::outcome::{Outcome, say};
use crate::rebuild::histories;
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};

const RATE: &str = "events/s";
const PER_CORE: &str = "events/s per core of this process";
const SECONDS: &str = "s";
const OURS: &str = "informejo: COPY out, hash, versions";
const SQL: &str = "pure SQL: sha256() and lag() of FORMAT.md";
const GOAL: f64 = 200_000.0;

/// Writes the log once, then walks it in both ways, in turn.
pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let database = server.new_database("verify").await?;
    let log = open_log(&database).await?;
    say(&format!(
        "verify: writing the histories of {} tickets",
        args.tickets
    ));
    histories::write(&log, args.tickets).await?;
    log.close().await;
    let connection = connect(&database).await?;
    connection.client.batch_execute("VACUUM ANALYZE").await?;
    let sql = sql()?;
    let reader = Reader::connect(&database).await?;
    let title = format!("Verifying the chain of {} tickets' events", args.tickets);
    let columns = [(RATE, 0), (PER_CORE, 0), (SECONDS, 2)].map(|(name, digits)| Column { name, digits });
    let mut table = Table::new(title, &columns);
    for run in 1..=args.runs {
        server.settle().await?;
        say(&format!("verify {run}/{}: {OURS}", args.runs));
        let (start, busy) = (Instant::now(), cpu_seconds());
        let verified = eventlog::verify(&reader, 0, &[], |_, _| {}).await?;
        let (seconds, busy) = (start.elapsed().as_secs_f64(), cpu_seconds() - busy);
        if !verified.findings.is_empty() {
            return Err(format!("an untouched log is not good: {:?}", verified.findings).into());
        }
        let events = count(usize::try_from(verified.checked)?);
        table.record(
            OURS,
            &[Some(events / seconds), Some(events / busy), Some(seconds)],
        );
        server.settle().await?;
        say(&format!("verify {run}/{}: {SQL}", args.runs));
        let start = Instant::now();
        let bad = connection.client.query(&sql, &[]).await?;
        let seconds = start.elapsed().as_secs_f64();
        if !bad.is_empty() {
            return Err("the two ways do not come to the same".into());
        }
        table.record(SQL, &[Some(events / seconds), None, Some(seconds)]);
    }
    drop((reader, connection));
    server.drop_database("verify").await?;
    let per_core = table.figure(OURS, PER_CORE).cloned();
    let ratio = table.figure(OURS, RATE).zip(table.figure(SQL, RATE));
    let ratio = ratio.map(|(ours, sql)| ours.against(sql, |ours, sql| ours / sql));
    let goals = [
        Goal::of(
            "walking the chain, per core",
            per_core,
            Bound::AtLeast(GOAL),
            " events/s",
        ),
        Goal::of(
            "walking the chain against pure SQL",
            ratio,
            Bound::AtLeast(1.0),
            " x",
        ),
    ];
    Ok(Part {
        tables: vec![table],
        goals: goals.into_iter().flatten().collect(),
        notes: vec![
            "the walk also checks versions of streams, which the SQL does not; Postgres reads for both with one process, \
             whose core is not counted with this process' own"
                .to_owned(),
        ],
    })
}

/// The statement, as strangers find it.
fn sql() -> Outcome<String> {
    let page = include_str!("../../eventlog/FORMAT.md");
    let (_, rest) = page.split_once("```sql").ok_or("FORMAT.md has no SQL")?;
    let (sql, _) = rest.split_once("```").ok_or("the SQL of FORMAT.md has no end")?;
    Ok(sql.to_owned())
}

/// How long the cores have worked for this process, Postgres not counted.
fn cpu_seconds() -> f64 {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    #[expect(clippy::cast_precision_loss, reason = "a figure for people to look at")]
    let seconds = time.tv_sec as f64 + time.tv_nsec as f64 / 1e9;
    seconds
}
