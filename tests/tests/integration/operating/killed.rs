//! `kill -9` of a rebuild at random points: the live generation serves on, and the next command takes it up or gives it
//! up.

use std::process::Stdio;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};
use serde_json::json;
use tests::app::TestApp;
use tests::process::command;
use tests::workload::Workload;

use super::projections;

/// How often it is killed.
const KILLS: u64 = 50;
/// Which random numbers; printed by a failure.
const SEED: u64 = 3;

/// Random numbers below one, the same for the same seed (splitmix64).
fn fraction(turn: u64) -> f64 {
    let mut number = (SEED << 32 | turn).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    f64::from(u32::try_from((number ^ (number >> 31)) >> 32).unwrap()) / f64::from(u32::MAX)
}

/// Starts a rebuild and kills it after a while, unless it is quicker.
async fn kill_after(app: &TestApp, pause: Duration) {
    let mut child = command()
        .args(["projections", "rebuild", "tickets", "--json"])
        .env("DATABASE_URL", app.database().url())
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let pid = child.id().and_then(|id| Pid::from_raw(i32::try_from(id).ok()?));
    if tokio::time::timeout(pause, child.wait()).await.is_err() {
        // It may have ended just now.
        let _ = kill_process(pid.unwrap(), Signal::KILL);
        child.wait().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_may_be_killed_at_any_point() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let workload = Workload::start(&ada, 2);
    workload.more(100).await;
    let began = Instant::now();
    let whole = projections(&app, &["rebuild", "tickets"]).await;
    assert_eq!(whole.code, Some(0), "{}", whole.complained);
    let takes = began.elapsed();
    for turn in 0..KILLS {
        let pause = takes.mul_f64(fraction(turn));
        kill_after(&app, pause).await;
        let context = || format!("seed {SEED}, turn {turn}: killed after {pause:?} of {takes:?}");
        // The live generation serves on, and what is written is read.
        let ticket = ada.new_ticket("After the kill").await;
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
        ada.get(&path).await.good();
        // The next command gives it up or takes it up.
        if turn % 5 == 4 {
            let aborted = projections(&app, &["abort", "tickets"]).await;
            let nothing = aborted.complained.contains("nothing of a rebuild is left");
            assert!(
                aborted.code == Some(0) || nothing,
                "{}: {}",
                context(),
                aborted.complained
            );
        } else {
            let rebuilt = projections(&app, &["rebuild", "tickets"]).await;
            assert_eq!(rebuilt.code, Some(0), "{}: {}", context(), rebuilt.complained);
            assert_eq!(rebuilt.said["sameAsBefore"], json!(true), "{}", context());
        }
    }
    let report = workload.check(&app.database().admin().await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    let status = projections(&app, &["status"]).await;
    assert_eq!(status.code, Some(0), "{}", status.complained);
}
