//! A Postgres of its own for this test binary: made at the first use, with the durable settings, on a unix socket in
//! a folder that disappears; a database for every test. It ends with the process, however that ends.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use tokio_postgres::{Client, Config, NoTls};

/// A running server.
pub(crate) struct Server {
    socket: tempfile::TempDir,
    postmaster: Child,
}

impl Server {
    /// The server that the tests of this binary share.
    pub(crate) fn shared() -> &'static Server {
        static SERVER: OnceLock<Server> = OnceLock::new();
        SERVER.get_or_init(|| Server::start(&[]))
    }

    /// A server with other settings: `name=value`.
    pub(crate) fn start(settings: &[&str]) -> Server {
        let socket = tempfile::Builder::new().prefix("informejo-").tempdir().unwrap();
        let data = socket.path().join("data");
        if let Some((uid, gid)) = unprivileged() {
            std::os::unix::fs::chown(socket.path(), Some(uid), Some(gid)).unwrap();
        }
        let made = command("initdb")
            .args(["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "-D"])
            .arg(&data)
            .stdout(Stdio::null())
            .status();
        assert!(made.unwrap().success(), "initdb failed");
        // `sh` stays between, with its standard input connected to this process: when that ends (also by kill -9) the
        // read returns, the server is stopped and its folder removed.
        let mut shell = command_of(Path::new("sh"));
        shell.arg("-c").arg(
            "trap '' INT TERM; folder=$0; \"$@\" & server=$!; read -r line; kill -QUIT $server 2>/dev/null; \
             wait $server; rm -rf \"$folder\"",
        );
        shell
            .arg(socket.path())
            .arg(binary("postgres"))
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses="]);
        shell
            .arg("-c")
            .arg(format!("unix_socket_directories={}", socket.path().display()));
        shell.args([
            "-c",
            "max_connections=300",
            "-c",
            "log_min_messages=panic",
            "-c",
            "logging_collector=off",
        ]);
        for setting in settings {
            shell.args(["-c", setting]);
        }
        shell
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let postmaster = shell.spawn().unwrap();
        let server = Server { socket, postmaster };
        let deadline = Instant::now() + Duration::from_mins(1);
        while !server.accepts() {
            assert!(Instant::now() < deadline, "the server did not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        server
    }

    /// How to reach a database of it, as superuser.
    pub(crate) fn config(&self, database: &str) -> Config {
        let mut config = Config::new();
        config
            .host_path(self.socket.path())
            .user("postgres")
            .dbname(database);
        config
    }

    /// A new empty database; its name.
    pub(crate) async fn empty_database(&self) -> String {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("test_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let client = connect(&self.config("postgres")).await;
        client
            .batch_execute(&format!("CREATE DATABASE {name}"))
            .await
            .unwrap();
        name
    }

    /// Lets nobody into a database any more, and throws out whoever is in.
    pub(crate) async fn refuse_connections(&self, config: &Config) {
        let name = config.get_dbname().unwrap();
        let client = connect(&self.config("template1")).await;
        client
            .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false"))
            .await
            .unwrap();
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1";
        client.execute(sql, &[&name]).await.unwrap();
    }

    /// Lets everybody in again.
    pub(crate) async fn accept_connections(&self, config: &Config) {
        let name = config.get_dbname().unwrap();
        let client = connect(&self.config("template1")).await;
        client
            .batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true"))
            .await
            .unwrap();
    }

    fn accepts(&self) -> bool {
        let mut psql = command("psql");
        psql.arg("-h")
            .arg(self.socket.path())
            .args(["-U", "postgres", "-c", "SELECT 1"]);
        let asked = psql.stdout(Stdio::null()).stderr(Stdio::null()).status();
        asked.is_ok_and(|status| status.success())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.postmaster.stdin.take());
        drop(self.postmaster.wait());
    }
}

/// A connection whose driver ends with it.
pub(crate) async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A Postgres program, run by somebody who may run it: Postgres refuses to be run by root.
fn command(name: &str) -> Command {
    command_of(&binary(name))
}

fn command_of(program: &Path) -> Command {
    let mut command = Command::new(program);
    if let Some((uid, gid)) = unprivileged() {
        command.uid(uid).gid(gid);
    }
    command.current_dir("/");
    command
}

/// Where a Postgres program is: in `PG_BINDIR`, else the newest of Debian's folders, else wherever PATH says.
fn binary(name: &str) -> PathBuf {
    let versions = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten();
    let mut folders: Vec<_> = versions
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    folders.sort();
    let asked = std::env::var_os("PG_BINDIR").map(PathBuf::from);
    let found = asked
        .or_else(|| folders.pop().map(|(_, folder)| folder))
        .map(|folder| folder.join(name));
    found
        .filter(|program| program.exists())
        .unwrap_or_else(|| name.into())
}

/// User and group to run the server as, if this process is root.
fn unprivileged() -> Option<(u32, u32)> {
    let ids = |program: &str, user: &str| {
        let output = Command::new("id").args([program, user]).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse::<u32>().ok()
    };
    let own = Command::new("id").arg("-u").output().unwrap();
    (own.stdout == b"0\n").then(|| {
        (
            ids("-u", "postgres").unwrap_or(65534),
            ids("-g", "postgres").unwrap_or(65534),
        )
    })
}
