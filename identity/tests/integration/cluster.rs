//! A throw-away Postgres for this test run, and a database of its own for every test.

use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use deadpool_postgres::{Manager, ManagerConfig, Pool, RecyclingMethod, Runtime};
use tokio_postgres::{Client, Config, NoTls};

/// A running cluster. It lives as long as the pipe that its watchman reads from, and that ends with this process,
/// however it ends.
struct Cluster {
    folder: PathBuf,
    _watchman: Child,
}

/// A freshly migrated database.
pub(crate) struct Database {
    name: String,
}

impl Database {
    /// A new one, copied from a migrated template.
    pub(crate) async fn new() -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&config("postgres")).await;
        admin
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE migrated"))
            .await
            .unwrap();
        Self { name }
    }

    /// How the server connects: as `informejo_app`.
    pub(crate) fn config(&self) -> Config {
        let mut config = config(&self.name);
        config.options("-c role=informejo_app");
        config
    }

    pub(crate) fn pool(&self) -> Pool {
        pool(self.config())
    }

    /// A connection as superuser, to look behind the scenes.
    pub(crate) async fn admin(&self) -> Client {
        connect(&config(&self.name)).await
    }
}

/// A pool of at most four connections, with the time limits that the program sets too.
pub(crate) fn pool(config: Config) -> Pool {
    let recycling = ManagerConfig {
        recycling_method: RecyclingMethod::Verified,
    };
    Pool::builder(Manager::from_config(config, NoTls, recycling))
        .max_size(4)
        .runtime(Runtime::Tokio1)
        .wait_timeout(Some(Duration::from_secs(1)))
        .create_timeout(Some(Duration::from_secs(1)))
        .recycle_timeout(Some(Duration::from_secs(1)))
        .build()
        .unwrap()
}

async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn config(database: &str) -> Config {
    let mut config = Config::new();
    config
        .host_path(&cluster().folder)
        .user("postgres")
        .dbname(database);
    config
}

fn cluster() -> &'static Cluster {
    static CLUSTER: OnceLock<Cluster> = OnceLock::new();
    CLUSTER.get_or_init(|| {
        let cluster = start();
        let folder = cluster.folder.clone();
        // In a thread of its own, because a test's runtime may not be blocked on from within.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(make_template(&folder));
        })
        .join()
        .unwrap();
        cluster
    })
}

fn start() -> Cluster {
    let folder = tempfile::Builder::new()
        .prefix("identity-")
        .tempdir()
        .unwrap()
        .keep();
    let user = unprivileged();
    if let Some(user) = user {
        std::os::unix::fs::chown(&folder, Some(user), None).unwrap();
    }
    let as_user = |program: &Path| {
        let mut command = Command::new(program);
        command
            .current_dir("/")
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        if let Some(user) = user {
            command.uid(user);
        }
        command
    };
    let data = folder.join("data");
    let made = as_user(&binary("initdb"))
        .arg("--pgdata")
        .arg(&data)
        .args([
            "--username=postgres",
            "--auth=trust",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ])
        .status()
        .unwrap();
    assert!(made.success(), "initdb failed");
    let watchman = as_user(Path::new("/bin/sh"))
        .arg("-c")
        .arg("\"$0\" -D \"$1/data\" -k \"$1\" -c listen_addresses= -c fsync=off & read _; kill -INT $!; wait; rm -rf \"$1\"")
        .arg(binary("postgres"))
        .arg(&folder)
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    Cluster {
        folder,
        _watchman: watchman,
    }
}

async fn make_template(folder: &Path) {
    let mut config = Config::new();
    config.host_path(folder).user("postgres").dbname("postgres");
    let deadline = Instant::now() + Duration::from_secs(30);
    let admin = loop {
        match config.connect(NoTls).await {
            Ok((client, connection)) => {
                tokio::spawn(connection);
                break client;
            }
            Err(error) => assert!(Instant::now() < deadline, "postgres did not start: {error}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    admin.batch_execute("CREATE DATABASE migrated").await.unwrap();
    config.dbname("migrated");
    let (mut client, connection) = config.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    for file in migrations() {
        let sql = std::fs::read_to_string(&file).unwrap();
        let transaction = client.transaction().await.unwrap();
        transaction
            .batch_execute(&sql)
            .await
            .unwrap_or_else(|error| panic!("{}: {error:?}", file.display()));
        transaction.commit().await.unwrap();
    }
    drop(client);
    // A template must have no connections when it is copied.
    connection.await.unwrap().unwrap();
    wait_until_unused(&admin).await;
}

async fn wait_until_unused(admin: &Client) {
    let deadline = Instant::now() + Duration::from_secs(10);
    loop {
        let row = admin
            .query_one(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = 'migrated'",
                &[],
            )
            .await
            .unwrap();
        if row.get::<_, i64>(0) == 0 {
            return;
        }
        assert!(Instant::now() < deadline, "the template database stays in use");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

/// The SQL files, in the order of their numbers.
fn migrations() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations");
    let number = |path: &PathBuf| -> Option<u32> {
        let name = path.file_name()?.to_str()?.strip_suffix(".sql")?;
        name.strip_prefix('V')?.split("__").next()?.parse().ok()
    };
    let mut files: Vec<PathBuf> = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    files.retain(|path| number(path).is_some());
    files.sort_by_key(number);
    files
}

/// A Postgres program, from `PATH` or where Debian keeps it.
fn binary(name: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let mut folders: Vec<PathBuf> = std::env::split_paths(&path).collect();
    if let Ok(versions) = std::fs::read_dir("/usr/lib/postgresql") {
        folders.extend(
            versions
                .filter_map(Result::ok)
                .map(|version| version.path().join("bin")),
        );
    }
    folders
        .iter()
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
        .unwrap_or_else(|| panic!("no {name} found: install the package postgresql"))
}

/// Postgres refuses to run as root: then as the user `postgres`.
fn unprivileged() -> Option<u32> {
    let id = |arguments: &[&str]| -> Option<u32> {
        let output = Command::new("id").args(arguments).output().ok()?;
        String::from_utf8(output.stdout).ok()?.trim().parse().ok()
    };
    if id(&["-u"]) == Some(0) {
        Some(id(&["-u", "postgres"]).expect("no user postgres"))
    } else {
        None
    }
}
