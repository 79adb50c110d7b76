//! A rebuild through the real program while people work: 50 commands a second, each of which is read back at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bytes::Bytes;
use serde_json::{Value, json};
use tokio::task::JoinSet;

use super::histories;
use crate::args::Args;
use crate::client::Client;
use crate::database::{Server, open_log, url};
use crate::desk::{self, Desk};
use crate::load::{Sample, count, micros};
use crate::outcome::{Outcome, say};
use crate::report::{Bound, Goal, Part};
use crate::table::{Column, Table};
use crate::tickets::Tickets;

/// Commands that are given in a second, whatever becomes of those before.
const COMMANDS_PER_SECOND: u32 = 50;
/// Connections that share them.
const PEOPLE: u32 = 10;
/// How long the commands before the rebuild are measured, in times of `--seconds`.
const BASE_TIMES: u32 = 5;

/// How often it is asked whether a new desk has made its read models, and for how long.
const ASK_EVERY: Duration = Duration::from_millis(500);
const PATIENCE: Duration = Duration::from_mins(5);

const BEFORE: &str = "before the rebuild";
const DURING: &str = "during the rebuild";
const P99: &str = "p99 ms";

/// What went wrong.
#[derive(Default)]
struct Faults {
    failed: AtomicUsize,
    stale: AtomicUsize,
}

/// Gives commands at their times until it is told to stop; how long each took from when it was due, in microseconds.
async fn person(
    mut client: Client,
    first: Instant,
    stop: Arc<AtomicBool>,
    faults: Arc<Faults>,
) -> Outcome<Vec<u32>> {
    let every = Duration::from_secs(1) * PEOPLE / COMMANDS_PER_SECOND;
    let (mut due, mut tickets, mut taken) = (first, Tickets::new(), Vec::new());
    while !stop.load(Ordering::Relaxed) {
        tokio::time::sleep_until(due.into()).await;
        let ticket = tickets.created()?;
        let body = json!({
            "title": ticket.title.as_str(), "description": ticket.description.as_str(),
            "priority": ticket.priority.as_str(), "category": ticket.category.as_str(),
        });
        match client
            .post_at("/api/tickets", Bytes::from(body.to_string()))
            .await
        {
            Ok((made, position)) => {
                taken.push(micros(due.elapsed()));
                let made: Value = serde_json::from_slice(&made)?;
                let path = format!(
                    "/api/tickets/{}",
                    made["id"].as_str().ok_or("a ticket without an id")?
                );
                let (status, read) = client.get_at(&path, &position).await?;
                if status.as_u16() == 404 || (status.is_success() && made["id"] != id(&read)) {
                    faults.stale.fetch_add(1, Ordering::Relaxed);
                } else if !status.is_success() {
                    faults.failed.fetch_add(1, Ordering::Relaxed);
                }
            }
            Err(error) => {
                say(&format!("a request failed: {error}"));
                faults.failed.fetch_add(1, Ordering::Relaxed);
            }
        }
        due += every;
    }
    Ok(taken)
}

fn id(ticket: &Bytes) -> Value {
    serde_json::from_slice(ticket).map_or(Value::Null, |ticket: Value| ticket["id"].clone())
}

/// Has people work as long as `meanwhile` takes.
async fn work<T>(
    desk: &Desk,
    token: &str,
    faults: &Arc<Faults>,
    meanwhile: impl Future<Output = Outcome<T>>,
) -> Outcome<(T, Sample)> {
    let (stop, mut people) = (Arc::new(AtomicBool::new(false)), JoinSet::new());
    let begin = Instant::now();
    for number in 0..PEOPLE {
        let client = Client::connect(desk.address).await?.signed_in(token);
        let first = begin + Duration::from_secs(1) * number / COMMANDS_PER_SECOND;
        people.spawn(person(client, first, Arc::clone(&stop), Arc::clone(faults)));
    }
    let done = meanwhile.await;
    stop.store(true, Ordering::Relaxed);
    let mut all = Vec::new();
    while let Some(person) = people.join_next().await {
        all.extend(person??);
    }
    Ok((done?, Sample::new(all, begin.elapsed())))
}

/// Waits until every read model of a new desk is made: that is work of its own.
async fn is_well(settings: &[(&str, &str)]) -> Outcome<()> {
    let begin = Instant::now();
    while begin.elapsed() < PATIENCE {
        let answer = desk::verb(settings, &["projections", "status", "--json"]).await;
        let status: Value = serde_json::from_str(&answer.unwrap_or_default()).unwrap_or_default();
        let all = status["projections"].as_array().map_or(&[][..], Vec::as_slice);
        if !all.is_empty()
            && all
                .iter()
                .all(|one| one["health"] == "well" && one["build"].is_null())
        {
            return Ok(());
        }
        tokio::time::sleep(ASK_EVERY).await;
    }
    Err("the read models are not made".into())
}

/// Measures the same commands before and during a rebuild, in each run.
pub(super) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let config = server.new_database("live_rebuild").await?;
    let log = open_log(&config).await?;
    say(&format!(
        "live rebuild: writing the histories of {} tickets",
        args.tickets
    ));
    histories::write(&log, args.tickets).await?;
    let events = log.head().await?.position;
    log.close().await;
    let database = url(&config)?;
    let data = tempfile::tempdir_in(server.folder())?;
    let data = data.path().to_str().ok_or("a folder that is no text")?;
    let settings = [("DATABASE_URL", database.as_str()), ("DATA_DIR", data)];
    desk::create_admin(&settings).await?;
    let desk = Desk::start(&settings).await?;
    let token = desk::sign_in(desk.address).await?;
    is_well(&settings).await?;
    let columns = [
        ("commands/s", 1),
        ("p50 ms", 2),
        (P99, 2),
        ("rebuild s", 1),
        ("stood still ms", 1),
    ];
    let columns = columns.map(|(name, digits)| Column { name, digits });
    let title = format!(
        "{COMMANDS_PER_SECOND} commands a second through the program while it has {events} events rebuilt"
    );
    let mut table = Table::new(title, &columns);
    let faults = Arc::new(Faults::default());
    for run in 1..=args.runs {
        server.settle().await?;
        say(&format!("live rebuild {run}/{}: {BEFORE}", args.runs));
        let base = async {
            tokio::time::sleep(args.time() * BASE_TIMES).await;
            Ok(())
        };
        let ((), before) = work(&desk, &token, &faults, base).await?;
        table.record(BEFORE, &before.values());
        say(&format!("live rebuild {run}/{}: {DURING}", args.runs));
        let begin = Instant::now();
        let rebuild = desk::verb(&settings, &["projections", "rebuild", "tickets", "--json"]);
        let (answer, during) = work(&desk, &token, &faults, rebuild).await?;
        let answer: Value = serde_json::from_str(&answer)?;
        if answer["sameAsBefore"] != true {
            return Err(format!("the generations differ: {answer}").into());
        }
        let mut values = during.values().to_vec();
        values.extend([Some(begin.elapsed().as_secs_f64()), answer["heldMs"].as_f64()]);
        table.record(DURING, &values);
        desk::verb(&settings, &["projections", "drop-old", "tickets"]).await?;
    }
    desk.stop().await?;
    server.drop_database("live_rebuild").await?;
    let ratio = table.figure(DURING, P99).zip(table.figure(BEFORE, P99));
    let ratio = ratio.map(|(during, before)| during.against(before, |during, before| during / before));
    let goal = Goal::of(
        "p99 of commands, during against before",
        ratio,
        Bound::AtMost(1.5),
        " x",
    );
    let counted = |faults: &AtomicUsize| count(faults.load(Ordering::Relaxed));
    Ok(Part {
        tables: vec![table],
        goals: goal.into_iter().collect(),
        notes: vec![format!(
            "failed requests: {}; reads that did not show what was written: {}",
            counted(&faults.failed),
            counted(&faults.stale)
        )],
    })
}
