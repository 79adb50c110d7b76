//! Whoever starts the program hears when it is ready: systemd by its socket, PM2 by its channel (S-028, S-029, S-032,
//! S-040, S-087, S-089, S-099).

use std::os::unix::net::UnixDatagram;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use serde_json::Value;
use tests::postgres::TestDatabase;
use tests::process::{ServerProcess, binary};
use tests::wait;

use super::shipped::{self, free_port, succeed};

/// The next thing that systemd would be told.
async fn told(socket: &tokio::net::UnixDatagram) -> String {
    let mut message = vec![0; 4096];
    let length = wait::within("word for systemd", socket.recv(&mut message))
        .await
        .unwrap();
    String::from_utf8_lossy(&message[..length]).into_owned()
}

#[tokio::test]
async fn systemd_hears_when_the_program_is_ready_and_when_it_stops() {
    let folder = tests::postgres::new_data_dir();
    let path = folder.path().join("notify");
    let socket = UnixDatagram::bind(&path).unwrap();
    socket.set_nonblocking(true).unwrap();
    let socket = tokio::net::UnixDatagram::from_std(socket).unwrap();
    let ground = tests::process::Ground::new().await;
    let notify = [("NOTIFY_SOCKET", path.to_str().unwrap())];
    let mut server = ServerProcess::spawn(&[&ground.settings()[..], &notify].concat());
    let first = told(&socket).await;
    assert_eq!(first, "STATUS=opening the log and the read models\n");
    let ready = told(&socket).await;
    assert!(
        ready.starts_with("READY=1\nSTATUS=serves http://localhost:"),
        "{ready}"
    );
    // At this moment, not some time later.
    let port = ready.trim_end().rsplit(':').next().unwrap();
    let url = format!("http://127.0.0.1:{port}/health");
    assert!(reqwest::get(url).await.unwrap().status().is_success());
    assert!(server.terminate(Duration::from_secs(10)).await.success());
    assert!(told(&socket).await.starts_with("STOPPING=1\n"));
}

#[test]
fn systemd_takes_the_unit() {
    let folder = tests::postgres::new_data_dir();
    let unit = shipped::with(
        "informejo.service",
        &[(
            "/usr/local/bin/informejo serve",
            &format!("{} serve", binary().display()),
        )],
    );
    let file = folder.path().join("informejo.service");
    std::fs::write(&file, unit).unwrap();
    let mut verify = shipped::tool("systemd-analyze");
    verify
        .args(["verify", "--man=no", "--recursive-errors=no"])
        .arg(&file);
    let said = succeed(&mut verify);
    // An unknown word in it is only a warning.
    assert!(!said.contains("informejo.service"), "{said}");
    let unit = shipped::read("informejo.service");
    for line in [
        "Type=notify",
        "KillMode=mixed",
        "NoNewPrivileges=yes",
        "ProtectSystem=strict",
    ] {
        assert!(unit.lines().any(|found| found == line), "{line}");
    }
    let value = |key: &str| unit.lines().find_map(|line| line.strip_prefix(key)).unwrap();
    let patience: u64 = value("TimeoutStopSec=").parse().unwrap();
    assert!(patience > ops::shutdown::SHUTDOWN_WITHIN.as_secs());

    // Nought is locked up wholly, ten is not at all; below five is what systemd calls OK.
    let mut security = shipped::tool("systemd-analyze");
    security
        .args(["security", "--offline=yes", "--threshold=35", "--no-pager"])
        .arg(&file);
    succeed(&mut security);
}

/// PM2 with a folder of its own; its daemon ends with the value.
pub(super) struct Pm2 {
    home: PathBuf,
    pub(super) desk: PathBuf,
    _folder: tempfile::TempDir,
}

impl Pm2 {
    /// With a program of its own, at `port`.
    pub(super) fn new(port: u16, settings: &str) -> Self {
        let folder = tests::postgres::new_data_dir();
        let (home, desk) = (folder.path().join("pm2"), folder.path().join("desk"));
        std::fs::create_dir(&desk).unwrap();
        std::fs::write(
            desk.join(".env"),
            format!("HOST=127.0.0.1\nPORT={port}\n{settings}"),
        )
        .unwrap();
        Self {
            home,
            desk,
            _folder: folder,
        }
    }

    pub(super) fn bin() -> PathBuf {
        let bin = Path::new(env!("CARGO_MANIFEST_DIR")).join("pm2/node_modules/.bin");
        assert!(bin.join("pm2").exists(), "no pm2: run `make setup`");
        bin
    }

    /// A command that meets this PM2 and this desk, and nothing else of this machine.
    pub(super) fn command(&self, program: impl AsRef<std::ffi::OsStr>) -> Command {
        let mut command = Command::new(program);
        let path = format!("{}:{}", Self::bin().display(), std::env::var("PATH").unwrap());
        command.env_clear().env("PATH", path).env("HOME", &self.desk);
        command
            .env("PM2_HOME", &self.home)
            .env("INFORMEJO_HOME", &self.desk);
        command.env("INFORMEJO_BINARY", binary());
        command
    }

    pub(super) fn pm2(&self, arguments: &[&str]) -> String {
        let mut command = self.command(Self::bin().join("pm2"));
        succeed(command.args(arguments))
    }

    /// What it says of the program.
    pub(super) fn app(&self) -> Value {
        let said = self.pm2(&["jlist"]);
        // It may greet first.
        let list = said
            .lines()
            .find(|line| line.starts_with("[{"))
            .unwrap_or_else(|| panic!("{said}"));
        let list: Value = serde_json::from_str(list).unwrap();
        list.as_array()
            .unwrap()
            .iter()
            .find(|app| app["name"] == "informejo")
            .unwrap()
            .clone()
    }
}

impl Drop for Pm2 {
    fn drop(&mut self) {
        let _ = self.command(Self::bin().join("pm2")).arg("kill").output();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pm2_sees_the_program_online_when_it_is_ready() {
    let port = free_port();
    let database = TestDatabase::new().await;
    let pm2 = Pm2::new(port, &format!("DATABASE_URL={}\n", database.url()));
    let file = shipped::path("ecosystem.config.js");
    // While somebody keeps the log to themselves, the program cannot open it.
    let admin = database.admin().await;
    let keep = "BEGIN; LOCK TABLE log.events IN ACCESS EXCLUSIVE MODE";
    admin.batch_execute(keep).await.unwrap();
    let mut start = pm2.command(Pm2::bin().join("pm2"));
    start
        .arg("start")
        .arg(&file)
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let mut start = start.spawn().unwrap();
    let other = database.admin().await;
    wait::until("a program that waits for the log", async || {
        let waiting = "SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'log.events'::regclass";
        let count: i64 = other.query_one(waiting, &[]).await.unwrap().get(0);
        (count > 0).then_some(())
    })
    .await;
    assert_eq!(pm2.app()["pm2_env"]["status"], "launching");
    assert!(start.try_wait().unwrap().is_none(), "`pm2 start` waits as well");
    admin.batch_execute("COMMIT").await.unwrap();
    // It returns when the program has said that it is ready: PM2's own patience is longer than this test's.
    let started = wait::within(
        "the end of `pm2 start`",
        tokio::task::spawn_blocking(move || start.wait()),
    );
    assert!(started.await.unwrap().unwrap().success());
    let health = reqwest::get(format!("http://127.0.0.1:{port}/health"))
        .await
        .unwrap();
    assert!(health.status().is_success());
    let app = pm2.app();
    let env = &app["pm2_env"];
    assert_eq!(env["status"], "online");
    assert_eq!(env["exec_mode"], "fork_mode");
    assert_eq!(env["instances"], 1);
    assert_eq!(env["wait_ready"], true);
    assert_eq!(env["max_memory_restart"], 1 << 30);
    assert_eq!(env["restart_time"], 0);
    let listen = Duration::from_millis(env["listen_timeout"].as_u64().unwrap());
    assert!(listen > 2 * wait::DEADLINE);
    let patience = Duration::from_millis(env["kill_timeout"].as_u64().unwrap());
    assert!(patience > ops::shutdown::SHUTDOWN_WITHIN);
    let memory = app["monit"]["memory"].as_u64().unwrap();
    assert!(
        memory < 1 << 28,
        "{memory} bytes are a quarter of what it may take"
    );

    let log = pm2.pm2(&["logs", "informejo", "--lines", "50", "--nostream"]);
    assert!(log.contains("Ready to accept connections"), "{log}");
    assert!(log.contains(&port.to_string()), "{log}");

    // Stopped in its own way, within what PM2 allows, and started again as fast.
    pm2.pm2(&["restart", "informejo"]);
    assert_eq!(pm2.app()["pm2_env"]["status"], "online");
    pm2.pm2(&["stop", "informejo"]);
    let log = pm2.pm2(&["logs", "informejo", "--lines", "50", "--nostream"]);
    assert!(log.contains("[HTTP] Server closed"), "{log}");
    assert!(!log.contains("Forcing shutdown"), "{log}");
    pm2.pm2(&["delete", "informejo"]);
}
