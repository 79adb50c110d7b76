//! One throw-away cluster for the run, durable as in production, and a migrated database for each test.
//!
//! The cluster stops with this process, however it ends, and its folder goes.

use std::collections::BTreeSet;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;

use ops::postgres::{Cluster, Options};
use tokio_postgres::error::SqlState;
use tokio_postgres::{Client, Config, NoTls};

use crate::run_folder::run_folder;
use crate::wait;

const TEMPLATE: &str = "migrated";

/// How to connect to a database of the run's cluster, as superuser. Starts the cluster when it is asked the first
/// time.
pub fn config(dbname: &str) -> Config {
    static CLUSTER: OnceLock<Config> = OnceLock::new();
    let mut config = CLUSTER.get_or_init(launch).clone();
    config.dbname(dbname);
    config
}

/// Starts the cluster on a thread of its own, which lives as long as the process: tests come and go with their
/// runtimes.
fn launch() -> Config {
    let (ready, started) = mpsc::channel();
    let run = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let cluster = Cluster::start(options()).await.unwrap();
            migrate_template(&cluster.config("postgres")).await;
            ready.send(cluster.config("postgres")).unwrap();
            std::future::pending::<()>().await;
        });
    };
    std::thread::Builder::new()
        .name("postgres".to_owned())
        .spawn(run)
        .unwrap();
    started.recv().expect("the run's PostgreSQL does not start")
}

fn options() -> Options {
    let mut options = Options::for_tests(run_folder().join("cluster"));
    // Many tests at once, each with a server and its pools.
    options
        .settings
        .push(("max_connections".to_owned(), "400".to_owned()));
    options
}

async fn migrate_template(postgres: &Config) {
    let admin = connect(postgres).await;
    admin
        .batch_execute(&format!("CREATE DATABASE {TEMPLATE}"))
        .await
        .unwrap();
    let mut config = postgres.clone();
    config.dbname(TEMPLATE);
    let (mut client, connection) = config.connect(NoTls).await.unwrap();
    let connection = tokio::spawn(connection);
    eventlog::migrate(&mut client).await.unwrap();
    drop(client);
    connection.await.unwrap().unwrap();
}

/// A connection whose other half lives on the present runtime.
pub async fn connect(config: &Config) -> Client {
    let (client, connection) = config.connect(NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

/// A freshly migrated database of one test, dropped with it.
#[derive(Debug)]
pub struct TestDatabase {
    name: String,
}

impl TestDatabase {
    /// A copy of the migrated template.
    pub async fn new() -> Self {
        let database = Self::create(&format!("TEMPLATE {TEMPLATE}")).await;
        // A copy has everything of its template but the rights on the database itself.
        let grant = format!("GRANT CREATE ON DATABASE {} TO informejo_app", database.name);
        database.admin().await.batch_execute(&grant).await.unwrap();
        database
    }

    /// One without anything in it, as an operator would make it.
    pub async fn empty() -> Self {
        Self::create("").await
    }

    async fn create(how: &str) -> Self {
        static NUMBER: AtomicU32 = AtomicU32::new(1);
        // One copy at a time: the second would only wait for the first, or fail on it.
        static TURN: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
        let name = format!("test_{}", NUMBER.fetch_add(1, Ordering::Relaxed));
        let admin = connect(&config("postgres")).await;
        let _turn = TURN.lock().await;
        let create = format!("CREATE DATABASE {name} {how}");
        // A connection that has just left the template may still be counted.
        wait::until("a copy of the template", async || {
            match admin.batch_execute(&create).await {
                Ok(()) => Some(()),
                Err(error) if error.code() == Some(&SqlState::OBJECT_IN_USE) => None,
                Err(error) => panic!("{create}: {error}"),
            }
        })
        .await;
        Self { name }
    }

    /// How to connect, as superuser.
    pub fn config(&self) -> Config {
        config(&self.name)
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A connection as superuser, to look behind the scenes.
    pub async fn admin(&self) -> Client {
        let mut config = self.config();
        // Not to be mistaken for one of the server's.
        config.application_name("tests");
        connect(&config).await
    }

    /// Every row of every table as text, with the table's name.
    pub async fn rows(&self) -> BTreeSet<(String, String)> {
        let admin = self.admin().await;
        let tables = admin
            .query(
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                 WHERE schemaname NOT IN ('pg_catalog', 'information_schema')",
                &[],
            )
            .await
            .unwrap();
        let mut all = BTreeSet::new();
        for table in tables {
            let table: String = table.get(0);
            let rows = admin
                .query(&format!("SELECT t::text FROM {table} t"), &[])
                .await
                .unwrap();
            all.extend(rows.iter().map(|row| (table.clone(), row.get(0))));
        }
        all
    }

    /// Where it is, as `DATABASE_URL` says it.
    pub fn url(&self) -> String {
        url(&self.config())
    }
}

/// A new folder for a server's data, removed with the value.
pub fn new_data_dir() -> tempfile::TempDir {
    crate::run_folder::new_folder("data-")
}

/// `config` in the form of `DATABASE_URL`.
pub fn url(config: &Config) -> String {
    let host = match &config.get_hosts()[0] {
        tokio_postgres::config::Host::Tcp(host) => host.clone(),
        tokio_postgres::config::Host::Unix(dir) => dir.to_str().unwrap().replace('/', "%2F"),
    };
    format!(
        "postgresql://{}@{host}:{}/{}",
        config.get_user().unwrap(),
        config.get_ports()[0],
        config.get_dbname().unwrap()
    )
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        // Not needed for the next test, so nobody waits for it and nobody minds when it fails: the cluster goes anyway.
        let config = config("postgres");
        let drop = format!("DROP DATABASE IF EXISTS {} WITH (FORCE)", self.name);
        let remove = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async {
                if let Ok((client, connection)) = config.connect(NoTls).await {
                    let connection = tokio::spawn(connection);
                    let _ = client.batch_execute(&drop).await;
                    std::mem::drop(client);
                    let _ = connection.await;
                }
            });
        };
        let _ = std::thread::Builder::new().spawn(remove);
    }
}
