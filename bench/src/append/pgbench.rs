//! Postgres' own load generator: one row, one prepared INSERT, one commit.

use std::path::Path;
use std::time::Duration;

use tokio::process::Command;
use tokio_postgres::Config;

use crate::database::{Server, address};
use crate::load::Sample;
use crate::outcome::Outcome;
use crate::tickets::Tickets;

pub(super) async fn measure(
    server: &Server,
    database: &Config,
    clients: usize,
    time: Duration,
) -> Outcome<Sample> {
    let folder = tempfile::tempdir_in(server.folder())?;
    let script = folder.path().join("insert.sql");
    std::fs::write(&script, insert()?)?;
    let (host, port, user, dbname) = address(database)?;
    let threads = std::thread::available_parallelism()?.get().min(clients);
    let output = Command::new(server.program("pgbench").await?)
        .current_dir(folder.path())
        .args(["--no-vacuum", "--protocol=prepared", "--log"])
        .args(["--file".as_ref(), script.as_os_str()])
        .args(["--host".as_ref(), host.as_os_str()])
        .args([format!("--port={port}"), format!("--username={user}")])
        .args([format!("--client={clients}"), format!("--jobs={threads}")])
        .args([format!("--time={}", time.as_secs()), dbname.to_owned()])
        .output()
        .await?;
    if !output.status.success() {
        return Err(format!("pgbench: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let times = transaction_times(folder.path())?;
    Ok(Sample {
        per_second: rate(&String::from_utf8(output.stdout)?)?,
        ..Sample::new(times, time)
    })
}

/// The statement; ids and the hash are made by Postgres, which is cheaper than sending them.
fn insert() -> Outcome<String> {
    let append = Tickets::new().append()?;
    let payload = &append.events[0].payload.replace('\'', "''");
    let metadata = serde_json::to_string(&append.metadata)?;
    // A colon before a word is a variable to pgbench, but not within quotes.
    Ok(format!(
        "INSERT INTO inserted (category, stream, version, event_id, type, schema_version, payload, metadata, \
         recorded_at, command_id, command_index, hash) VALUES ('ticket', gen_random_uuid(), 1, gen_random_uuid(), \
         'TicketCreated', 1, '{payload}', '{metadata}', date_trunc('milliseconds', now()), gen_random_uuid(), 0, \
         sha256('hash'));\n"
    ))
}

/// What pgbench says itself, because its time begins when all clients are connected.
fn rate(output: &str) -> Outcome<f64> {
    let rate = output.lines().find_map(|line| line.strip_prefix("tps = "));
    let rate = rate.and_then(|rest| rest.split_whitespace().next());
    Ok(rate.ok_or("pgbench said no rate")?.parse()?)
}

/// From the logs of its threads: the third word of a line is a transaction's time in microseconds.
fn transaction_times(folder: &Path) -> Outcome<Vec<u32>> {
    let mut times = Vec::new();
    for file in std::fs::read_dir(folder)? {
        let path = file?.path();
        let is_log = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"pgbench_log."));
        if is_log {
            let log = std::fs::read_to_string(path)?;
            let words = log.lines().filter_map(|line| line.split(' ').nth(2));
            times.extend(words.filter_map(|word| word.parse::<u32>().ok()));
        }
    }
    Ok(times)
}
