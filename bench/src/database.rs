//! The Postgres that everything is measured on: the machine's own, with its default settings, in a folder of its own.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use eventlog::EventLog;
use ops::clock::SystemClock;
use ops::postgres::{Cluster, Options};
use tempfile::TempDir;
use tokio::task::JoinHandle;
use tokio_postgres::config::Host;
use tokio_postgres::{Client, Config, NoTls};

use crate::outcome::Outcome;

/// A running cluster, gone when the run is over.
pub(crate) struct Server {
    cluster: Cluster,
    folder: TempDir,
    admin: Connection,
}

/// A connection with the task that drives it.
pub(crate) struct Connection {
    pub(crate) client: Client,
    _driver: JoinHandle<()>,
}

impl Server {
    pub(crate) async fn start() -> Outcome<Self> {
        let folder = tempfile::Builder::new()
            .prefix("informejo-bench-")
            .permissions(Permissions::from_mode(0o755)) // Postgres is somebody else when this runs as root
            .tempdir()?;
        let cluster = Cluster::start(Options::for_tests(folder.path().join("cluster"))).await?;
        let admin = connect(&cluster.config("postgres")).await?;
        Ok(Self {
            cluster,
            folder,
            admin,
        })
    }

    pub(crate) async fn stop(self) -> Outcome<()> {
        drop(self.admin);
        self.cluster.stop().await?;
        Ok(())
    }

    /// A connection as superuser, to no database in particular.
    pub(crate) fn admin(&self) -> &Client {
        &self.admin.client
    }

    /// Where files may lie that go with it; on the same disk.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// A new database with the program's schemas.
    pub(crate) async fn new_database(&self, name: &str) -> Outcome<Config> {
        self.drop_database(name).await?;
        self.cluster.create_database(name).await?;
        let config = self.cluster.config(name);
        let mut connection = connect(&config).await?;
        eventlog::migrate(&mut connection.client).await?;
        Ok(config)
    }

    pub(crate) async fn drop_database(&self, name: &str) -> Outcome<()> {
        let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
        Ok(self.admin().batch_execute(&drop).await?)
    }

    /// Begins anew with what is to be written to disk, so that nobody pays for what somebody before him wrote.
    pub(crate) async fn settle(&self) -> Outcome<()> {
        Ok(self.admin().batch_execute("CHECKPOINT").await?)
    }

    /// A program that came with this Postgres.
    pub(crate) async fn program(&self, name: &str) -> Outcome<PathBuf> {
        let query = "SELECT setting FROM pg_config WHERE name = 'BINDIR'";
        let folder: String = self.admin().query_one(query, &[]).await?.get(0);
        Ok(Path::new(&folder).join(name))
    }
}

pub(crate) async fn connect(config: &Config) -> Outcome<Connection> {
    let (client, connection) = config.connect(NoTls).await?;
    let driver = tokio::spawn(async move {
        let _ = connection.await; // whoever uses it is told, too
    });
    Ok(Connection {
        client,
        _driver: driver,
    })
}

/// The log as the server opens it; but whoever waits, waits until it is done, so that a slow moment of the disk is
/// counted and does not end the measurement.
pub(crate) async fn open_log(database: &Config) -> Outcome<EventLog> {
    let options = eventlog::Options {
        append_wait: Duration::from_mins(1),
        ..eventlog::Options::default()
    };
    let pool = eventlog::pool(database, 4)?;
    Ok(EventLog::open(pool, database.clone(), Arc::new(SystemClock), options).await?)
}

/// `config` in the form of `DATABASE_URL`.
pub(crate) fn url(config: &Config) -> Outcome<String> {
    let (folder, port, user, dbname) = address(config)?;
    let folder = folder.display().to_string().replace('/', "%2F");
    Ok(format!("postgresql://{user}@{folder}:{port}/{dbname}"))
}

/// The parts of `config` that other programs ask for: the socket's folder, port, user, database.
pub(crate) fn address(config: &Config) -> Outcome<(&Path, u16, &str, &str)> {
    match (
        config.get_hosts(),
        config.get_ports(),
        config.get_user(),
        config.get_dbname(),
    ) {
        ([Host::Unix(folder)], [port], Some(user), Some(dbname)) => Ok((folder, *port, user, dbname)),
        _ => Err("the embedded Postgres is not where it should be".into()),
    }
}
