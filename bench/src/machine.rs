//! What the figures were measured on.

use std::fs::File;
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use crate::database::Server;
use crate::load::{micros, percentile};
use crate::outcome::Outcome;

/// How long the disk is looked at.
const DISK_TIME: Duration = Duration::from_secs(1);

/// The machine in a line.
pub(crate) async fn describe(server: &Server) -> Outcome<String> {
    let cores = std::thread::available_parallelism()?;
    let setting = async |name: &str| -> Outcome<String> {
        let row = server.admin().query_one(&format!("SHOW {name}"), &[]).await?;
        Ok(row.get(0))
    };
    let folder = server.folder().to_owned();
    let [p50, p99] = tokio::task::spawn_blocking(move || commit_time(&folder)).await??;
    Ok(format!(
        "{cores} cores for load, program and database; {} {}; PostgreSQL {}, fsync={} synchronous_commit={}; \
         fdatasync of 8 kB: p50 {p50:.2} ms, p99 {p99:.2} ms",
        std::env::consts::OS,
        std::env::consts::ARCH,
        setting("server_version").await?,
        setting("fsync").await?,
        setting("synchronous_commit").await?,
    ))
}

/// What a commit costs at least: 8 kB written over and over and brought to the disk, as pg_test_fsync does. In
/// milliseconds, half of the times and 99 % of them.
fn commit_time(folder: &Path) -> Outcome<[f64; 2]> {
    let mut file = File::create(folder.join("commit-time"))?;
    let block = [7; 8192];
    let begin = Instant::now();
    let mut times = Vec::new();
    while begin.elapsed() < DISK_TIME {
        let start = Instant::now();
        file.seek(SeekFrom::Start(0))?;
        file.write_all(&block)?;
        file.sync_data()?;
        times.push(micros(start.elapsed()));
    }
    times.sort_unstable();
    Ok([percentile(&times, 50), percentile(&times, 99)])
}
