//! Messages between two nodes over Postgres: ours, and those of the driver beneath socketioxide-postgres.

use std::time::{Duration, Instant};

use futures::StreamExt;
use futures::stream::BoxStream;
use ops::signals::PostgresSignals;
use realtime::{Signal, Signals};
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, NoTls};

use crate::args::Args;
use crate::database::Server;
use crate::load::{count, micros, percentile};
use crate::outcome::{Outcome, say};
use crate::report::Part;
use crate::table::{Column, Table};

/// Messages one after the other: somebody types.
const SINGLE: usize = 200;
/// Messages at once: everybody comes back after a cut.
const BURST: usize = 2_000;
/// Bytes of a message, about: somebody with a ticket open.
const BYTES: usize = 200;
/// Within which Postgres publishes the counters of a session that has nothing to do.
const COUNTERS: Duration = Duration::from_millis(2_500);
/// How long a message may take before it counts as lost.
const PATIENCE: Duration = Duration::from_secs(2);

const COLUMNS: [Column; 5] = [
    Column {
        name: "one: p50 ms",
        digits: 3,
    },
    Column {
        name: "p99 ms",
        digits: 3,
    },
    Column {
        name: "2,000 at once: ms",
        digits: 1,
    },
    Column {
        name: "lost",
        digits: 0,
    },
    Column {
        name: "commits",
        digits: 0,
    },
];

/// A way from one node to the other.
struct Way {
    publish: Box<dyn Fn(String) + Send>,
    heard: BoxStream<'static, String>,
    /// What runs for it, until it is dropped.
    tasks: Vec<JoinHandle<()>>,
}

impl Drop for Way {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

pub(crate) async fn measure(server: &Server, args: &Args) -> Outcome<Part> {
    let mut table = Table::new("Messages between two nodes, 200 bytes each", &COLUMNS);
    for run in 1..=args.runs {
        say(&format!("signals {run}/{}", args.runs));
        let config = server.new_database("signals").await?;
        table.record(
            "signals of Informejo",
            &figures(ours(&config).await?, &config).await?,
        );
        #[cfg(feature = "rivals")]
        table.record(
            "driver of socketioxide-postgres",
            &figures(rival::way(&config).await?, &config).await?,
        );
    }
    server.drop_database("signals").await?;
    Ok(Part {
        tables: vec![table],
        goals: Vec::new(),
        notes: Vec::new(),
    })
}

async fn ours(config: &Config) -> Outcome<Way> {
    let (one, two) = (PostgresSignals::new(), PostgresSignals::new());
    let mut heard = two.news();
    let mut began = one.news();
    let carry = |signals: &std::sync::Arc<PostgresSignals>| {
        let carrying = std::sync::Arc::clone(signals).carry(config.clone());
        tokio::spawn(async move {
            carrying.await;
        })
    };
    let tasks = vec![carry(&one), carry(&two)];
    // Each says so once messages can pass.
    began.next().await;
    heard.next().await;
    Ok(Way {
        publish: Box::new(move |message| one.publish(message)),
        heard: heard
            .filter_map(|signal| async move {
                match signal {
                    Signal::Heard(message) => Some(message),
                    Signal::Missed => None,
                }
            })
            .boxed(),
        tasks,
    })
}

/// The columns, measured.
async fn figures(mut way: Way, config: &Config) -> Outcome<Vec<Option<f64>>> {
    let mut latencies = Vec::with_capacity(SINGLE);
    for number in 0..SINGLE {
        let begun = Instant::now();
        (way.publish)(message(number));
        timeout(PATIENCE, way.heard.next()).await?;
        latencies.push(micros(begun.elapsed()));
        // As far apart as a person's keys.
        tokio::time::sleep(Duration::from_millis(40)).await;
    }
    let (client, connection) = config.connect(NoTls).await?;
    let connection = tokio::spawn(connection);
    tokio::time::sleep(COUNTERS).await;
    let before = commits(&client).await?;
    let begun = Instant::now();
    for number in 0..BURST {
        (way.publish)(message(SINGLE + number));
    }
    let (mut heard, mut last) = (0, begun);
    while heard < BURST {
        let Ok(Some(_)) = timeout(PATIENCE, way.heard.next()).await else {
            break;
        };
        heard += 1;
        last = Instant::now();
    }
    drop(way);
    tokio::time::sleep(COUNTERS).await;
    let commits = commits(&client).await? - before;
    drop(client);
    connection.await??;
    latencies.sort_unstable();
    Ok(vec![
        Some(percentile(&latencies, 50)),
        Some(percentile(&latencies, 99)),
        Some(f64::from(micros(last - begun)) / 1_000.0),
        Some(count(BURST - heard)),
        Some(f64::from(u32::try_from(commits)?)),
    ])
}

fn message(number: usize) -> String {
    format!("{number} {}", "x".repeat(BYTES))
}

/// Transactions of the database so far.
async fn commits(client: &Client) -> Outcome<i64> {
    let row = client
        .query_one(
            "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()",
            &[],
        )
        .await?;
    Ok(row.try_get(0)?)
}

#[cfg(feature = "rivals")]
mod rival {
    use std::sync::Arc;

    use futures::StreamExt;
    use socketioxide_postgres::drivers::Driver;
    use socketioxide_postgres::drivers::tokio_postgres::TokioPostgresDriver;
    use tokio::sync::mpsc;
    use tokio_postgres::{Config, NoTls};

    use super::Way;
    use crate::outcome::Outcome;

    const CHANNEL: &str = "socket.io#/";

    /// As the adapter uses its driver: each emission is a notification of its own, awaited before the next.
    pub(super) async fn way(config: &Config) -> Outcome<Way> {
        let one = TokioPostgresDriver::new(config.clone(), NoTls).await?;
        let two = TokioPostgresDriver::new(config.clone(), NoTls).await?;
        let heard = two.listen(&[CHANNEL]).await?;
        let (publish, mut waiting) = mpsc::unbounded_channel::<String>();
        let saying = tokio::spawn(async move {
            while let Some(message) = waiting.recv().await {
                if one.notify(CHANNEL, &message).await.is_err() {
                    return;
                }
            }
        });
        let two = Arc::new(two);
        Ok(Way {
            publish: Box::new(move |message| drop(publish.send(message))),
            heard: heard
                .map(move |notification| {
                    let _keeps_the_connection = &two;
                    notification.payload().to_owned()
                })
                .boxed(),
            tasks: vec![saying],
        })
    }
}
