//! `kill -9` of Postgres, all of it, and its immediate end, while people write (D2). The program goes on.

use std::fs;
use std::path::Path;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use tests::process::ServerProcess;
use tests::workload::Workload;
use tokio_postgres::{Client, Config, NoTls};

use super::admin;

const WRITERS: usize = 16;
/// How many acknowledgements Postgres lives for, round by round.
const LIVES: [usize; 4] = [60, 5, 100, 20];
/// Five seconds are promised; the rest is for a machine that is busy with other tests.
const BACK_WITHIN: Duration = Duration::from_secs(8);

fn config(data_dir: &Path) -> Config {
    let mut config = Config::new();
    let run = data_dir.join("postgres").canonicalize().unwrap().join("run");
    config.host_path(run).user("postgres").dbname("informejo");
    config
}

fn postmaster(data_dir: &Path) -> i32 {
    let file = data_dir.join("postgres/data/postmaster.pid");
    let text = fs::read_to_string(file).unwrap();
    text.lines().next().unwrap().parse().unwrap()
}

fn children(parent: i32) -> Vec<i32> {
    let mut children = Vec::new();
    for entry in fs::read_dir("/proc").unwrap() {
        let name = entry.unwrap().file_name();
        let Ok(pid) = name.to_str().unwrap().parse::<i32>() else {
            continue;
        };
        let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
        if status.lines().any(|line| line == format!("PPid:\t{parent}")) {
            children.push(pid);
        }
    }
    children
}

fn signal(pid: i32, signal: Signal) {
    // It may have ended by itself a moment ago.
    let _ = kill_process(Pid::from_raw(pid).unwrap(), signal);
}

async fn connected(config: &Config) -> Client {
    tests::wait::until("Postgres accepts connections", async || {
        let (client, connection) = config.connect(NoTls).await.ok()?;
        tokio::spawn(connection);
        client.simple_query("SELECT 1").await.ok()?;
        Some(client)
    })
    .await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_after_every_end_of_postgres() {
    let folder = tests::postgres::new_data_dir();
    let settings = [("DATA_DIR", folder.path().to_str().unwrap())];
    let mut server = ServerProcess::start(&settings).await;
    let ada = admin(&server, &settings).await;
    let workload = Workload::start(&ada, WRITERS);
    for (round, acknowledgements) in LIVES.into_iter().enumerate() {
        workload.more(acknowledgements).await;
        let pid = postmaster(folder.path());
        if round % 2 == 0 {
            let all = children(pid);
            signal(pid, Signal::KILL);
            for child in all {
                signal(child, Signal::KILL);
            }
        } else {
            // What `pg_ctl stop -m immediate` sends.
            signal(pid, Signal::QUIT);
        }
        tests::wait::until("another postmaster", async || {
            let file = folder.path().join("postgres/data/postmaster.pid");
            let text = fs::read_to_string(file).ok()?;
            (text.lines().next()?.parse() != Ok(pid)).then_some(())
        })
        .await;
        drop(connected(&config(folder.path())).await);
        let accepting = Instant::now();
        workload.more(1).await;
        assert!(accepting.elapsed() < BACK_WITHIN, "{:?}", accepting.elapsed());
    }
    workload.more(50).await;
    let report = workload.check(&connected(&config(folder.path())).await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    assert!(report.acknowledged >= LIVES.iter().sum(), "{report}");
    assert!(server.terminate(Duration::from_secs(20)).await.success());
}
