//! The embedded Postgres against the real one of this machine: starting, stopping, dying and being found again.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

use std::fs::{self, Permissions};
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use ops::postgres::{Cluster, OnDeath, Options, PostgresError, Search, Started, Stopped};
use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio_postgres::{Client, NoTls};

/// Set for a process of this test binary that shall only hold a cluster (see [`holder`]).
const HOLD: &str = "INFORMEJO_TEST_HOLD";

fn data_dir() -> TempDir {
    // Passable, since Postgres runs as somebody else when the tests run as root.
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

fn options(dir: &Path) -> Options {
    Options {
        keep_running: false,
        ..Options::new(dir, Search::machine(None))
    }
}

/// Options for one that must not outlive the tests, should they fail.
fn guarded(dir: &Path) -> Options {
    Options {
        on_death: OnDeath::Stops,
        ..options(dir)
    }
}

async fn connect(cluster: &Cluster) -> Client {
    let (client, connection) = cluster.config("informejo").connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

async fn count(client: &Client) -> i64 {
    client
        .query_one("SELECT count(*) FROM kept", &[])
        .await
        .unwrap()
        .get(0)
}

fn kill(pid: i32, signal: Signal) {
    kill_process(Pid::from_raw(pid).unwrap(), signal).unwrap();
}

/// Waits until the process is gone, or is only waiting to be collected.
async fn gone(pid: i32) {
    wait_until(|| fs::read(format!("/proc/{pid}/cmdline")).map_or(true, |line| line.is_empty())).await;
}

async fn wait_until(mut done: impl FnMut() -> bool) {
    tokio::time::timeout(Duration::from_secs(20), async {
        while !done() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("does not happen");
}

/// Another program that uses a cluster until it is killed.
struct Holder {
    process: Child,
    postmaster: i32,
}

impl Holder {
    fn start(dir: &Path, on_death: &str) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["holder", "--exact", "--nocapture"])
            .env(HOLD, dir)
            .env("ON_DEATH", on_death)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let postmaster = lines.map(Result::unwrap).find_map(|line| {
            line.split("holding ")
                .nth(1)
                .and_then(|pid| pid.trim().parse().ok())
        });
        Self {
            process,
            postmaster: postmaster.expect("the holder ended"),
        }
    }

    fn kill(mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

/// Not a test: what [`Holder`] runs.
#[tokio::test]
async fn holder() {
    let Some(dir) = std::env::var_os(HOLD) else { return };
    let dir = PathBuf::from(dir);
    let stops = std::env::var("ON_DEATH").unwrap() == "stops";
    let cluster = Cluster::start(if stops { guarded(&dir) } else { options(&dir) })
        .await
        .unwrap();
    let pid = cluster.pid().await.unwrap().unwrap();
    writeln!(std::io::stdout(), "holding {pid}").unwrap();
    std::future::pending::<()>().await;
}

#[tokio::test]
async fn starts_from_nothing_and_again_with_its_data() {
    let root = data_dir();
    let dir = root.path().join("data").join("postgres");
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert_eq!(cluster.started(), Started::New);
    cluster.create_database("informejo").await.unwrap();
    cluster.create_database("informejo").await.unwrap();
    let client = connect(&cluster).await;
    client
        .batch_execute("CREATE TABLE kept AS SELECT 1")
        .await
        .unwrap();
    let setting = async |name: &str| -> String {
        client
            .query_one("SELECT current_setting($1)", &[&name])
            .await
            .unwrap()
            .get(0)
    };
    for (name, value) in [
        ("listen_addresses", ""),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
        ("max_wal_size", "4GB"),
        ("unix_socket_permissions", "0700"),
    ] {
        assert_eq!(setting(name).await, value, "{name}");
    }
    let lower: String = client.query_one("SELECT lower('ÄÉĜ')", &[]).await.unwrap().get(0);
    assert_eq!(lower, "äéĝ");
    let pid = cluster.pid().await.unwrap().unwrap();
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Whole);
    gone(pid).await;
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert_eq!(cluster.started(), Started::New);
    assert_eq!(count(&connect(&cluster).await).await, 1);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn nobody_else_may_enter_and_root_runs_it_as_another() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    let owner = fs::metadata(&dir).unwrap();
    assert_eq!(owner.mode() & 0o777, 0o700);
    assert_eq!(fs::metadata(dir.join("run")).unwrap().mode() & 0o777, 0o700);
    let pid = cluster.pid().await.unwrap().unwrap();
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap();
    let ids = |key: &str| {
        let line = status
            .lines()
            .find(|line| line.starts_with(key))
            .unwrap()
            .to_owned();
        line.split_whitespace()
            .skip(1)
            .map(|id| id.parse().unwrap())
            .collect::<Vec<u32>>()
    };
    assert_eq!(ids("Uid:"), vec![owner.uid(); 4]);
    assert_ne!(ids("Uid:")[0], 0);
    assert_eq!(ids("Gid:"), vec![owner.gid(); 4]);
    if rustix::process::geteuid().as_raw() == 0 {
        assert_eq!(ids("Groups:"), Vec::<u32>::new());
    }
    // What the program was told in its environment is no business of the database's.
    let environment = fs::read(format!("/proc/{pid}/environ")).unwrap();
    assert!(!String::from_utf8_lossy(&environment).contains("CARGO"));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn one_that_outlived_its_program_is_taken_over() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let holder = Holder::start(&dir, "goes on");
    let postmaster = holder.postmaster;
    holder.kill();
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert_eq!(cluster.started(), Started::TakenOver);
    assert_eq!(cluster.pid().await.unwrap(), Some(postmaster));
    assert_eq!(cluster.stop().await.unwrap(), Stopped::Whole);
    gone(postmaster).await;
}

#[tokio::test]
async fn one_that_shall_not_outlive_its_program_does_not() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let holder = Holder::start(&dir, "stops");
    let postmaster = holder.postmaster;
    holder.kill();
    gone(postmaster).await;
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert_eq!(cluster.started(), Started::New);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn two_programs_share_one_and_the_last_stops_it() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let (first, second) = tokio::join!(Cluster::start(guarded(&dir)), Cluster::start(options(&dir)));
    let (first, second) = (first.unwrap(), second.unwrap());
    assert_eq!(first.pid().await.unwrap(), second.pid().await.unwrap());
    let (one, two) = tokio::join!(
        first.create_database("informejo"),
        second.create_database("informejo")
    );
    one.and(two).unwrap();
    assert_eq!(second.stop().await.unwrap(), Stopped::LeftToOthers);
    connect(&first).await.batch_execute("SELECT 1").await.unwrap();
    assert_eq!(first.stop().await.unwrap(), Stopped::Whole);
}

#[tokio::test]
async fn killed_postmaster_is_started_again_with_everything_that_was_committed() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    cluster.create_database("informejo").await.unwrap();
    connect(&cluster)
        .await
        .batch_execute("CREATE TABLE kept AS SELECT 1")
        .await
        .unwrap();
    let pid = cluster.pid().await.unwrap().unwrap();
    kill(pid, Signal::KILL);
    gone(pid).await;
    assert_eq!(cluster.ensure_running().await.unwrap(), Started::New);
    assert_eq!(count(&connect(&cluster).await).await, 1);
    // Killed once more, and found so by the next program: its file names a process that is no more.
    let pid = cluster.pid().await.unwrap().unwrap();
    kill(pid, Signal::KILL);
    gone(pid).await;
    drop(cluster);
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert_eq!(count(&connect(&cluster).await).await, 1);
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn killed_postmaster_comes_back_by_itself() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let cluster = Cluster::start(Options {
        keep_running: true,
        ..guarded(&dir)
    })
    .await
    .unwrap();
    let killed = cluster.pid().await.unwrap().unwrap();
    kill(killed, Signal::KILL);
    let again = tokio::time::timeout(Duration::from_secs(5), async {
        loop {
            if let Ok((client, connection)) = cluster.config("postgres").connect(NoTls).await {
                tokio::spawn(connection);
                if client.batch_execute("SELECT 1").await.is_ok() {
                    return cluster.pid().await.unwrap();
                }
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    });
    assert_ne!(again.await.expect("not back within 5 s"), Some(killed));
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn pid_file_of_a_process_that_is_somebody_else_now_is_no_obstacle() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    let pid = cluster.pid().await.unwrap().unwrap();
    let pid_file = dir.join("data/postmaster.pid");
    let text = fs::read_to_string(&pid_file).unwrap();
    cluster.stop().await.unwrap();
    // A process of the cluster's own account has that number now, which Postgres alone would refuse to overlook.
    let owner = fs::metadata(&dir).unwrap();
    let mut command = Command::new("/bin/sh");
    command.args(["-c", "read _"]).stdin(Stdio::piped());
    if rustix::process::geteuid().as_raw() == 0 {
        std::os::unix::process::CommandExt::uid(&mut command, owner.uid());
    }
    let mut other = command.spawn().unwrap();
    fs::write(
        &pid_file,
        text.replacen(&pid.to_string(), &other.id().to_string(), 1),
    )
    .unwrap();
    if rustix::process::geteuid().as_raw() == 0 {
        std::os::unix::fs::chown(&pid_file, Some(owner.uid()), Some(owner.gid())).unwrap();
    }
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert_eq!(cluster.started(), Started::New);
    cluster.stop().await.unwrap();
    assert!(
        other.try_wait().unwrap().is_none(),
        "the other process was stopped"
    );
    other.kill().unwrap();
    other.wait().unwrap();
}

#[tokio::test]
async fn half_made_cluster_is_made_anew() {
    let root = data_dir();
    let dir = root.path().join("postgres");
    fs::create_dir_all(dir.join("data.new/base")).unwrap();
    fs::write(dir.join("data.new/PG_VERSION"), "15\n").unwrap();
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    assert!(!dir.join("data.new").exists());
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn too_long_a_path_still_gets_a_socket() {
    let root = data_dir();
    let dir = root.path().join("x".repeat(120)).join("postgres");
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    cluster.create_database("informejo").await.unwrap();
    connect(&cluster).await.batch_execute("SELECT 1").await.unwrap();
    let config = cluster.config("informejo");
    let tokio_postgres::config::Host::Unix(run) = &config.get_hosts()[0] else {
        panic!("not a socket")
    };
    assert!(run.starts_with("/tmp/"), "{}", run.display());
    assert_eq!(fs::metadata(run).unwrap().mode() & 0o777, 0o700);
    cluster.stop().await.unwrap();
    fs::remove_dir(run).unwrap();
}

#[tokio::test]
async fn folder_name_with_commas_quotes_and_blanks_works() {
    let root = data_dir();
    let dir = root.path().join("a, \"b\" c'd").join("postgres");
    let cluster = Cluster::start(guarded(&dir)).await.unwrap();
    cluster.stop().await.unwrap();
}

#[tokio::test]
async fn missing_postgres_and_refused_settings_are_explained() {
    let root = data_dir();
    let search = Search {
        only: None,
        path: None,
        folders: Vec::new(),
    };
    let dir = root.path().join("postgres");
    let error = Cluster::start(Options {
        search,
        ..options(&dir)
    })
    .await
    .unwrap_err();
    assert!(
        error.to_string().contains("no PostgreSQL found on this machine"),
        "{error}"
    );
    let settings = vec![("max_connections".to_owned(), "many".to_owned())];
    let error = Cluster::start(Options {
        settings,
        ..guarded(&dir)
    })
    .await
    .unwrap_err();
    assert!(matches!(error, PostgresError::Exited { .. }));
    assert!(error.to_string().contains("max_connections"), "{error}");
    // Nothing of that stands in the way of a proper start.
    Cluster::start(guarded(&dir)).await.unwrap().stop().await.unwrap();
}
