//! A cluster in use: started, watched over, and stopped by whoever leaves it last.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::Mutex;
use tokio::task::JoinHandle;
use tokio::time::sleep;
use tokio_postgres::NoTls;
use tokio_postgres::error::SqlState;

use super::binaries::Search;
use super::error::PostgresError;
use super::guard::Guard;
use super::layout::Layout;
use super::locks::{Share, Turn};
use super::pid_file::PidFile;
use super::postmaster::{Postmaster, config};

/// How often the watch looks whether the server still runs.
const WATCH_EVERY: Duration = Duration::from_millis(250);

/// How long the watch leaves a server alone that cannot be started.
const WATCH_AGAIN: Duration = Duration::from_secs(2);

/// What happens to the cluster when the program dies without stopping it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnDeath {
    /// It goes on; the next program takes it over.
    GoesOn,
    /// It stops too, even if others use it: for clusters that belong to one process, such as those of tests.
    Stops,
}

/// What a cluster needs to know.
#[derive(Debug, Clone)]
pub struct Options {
    /// The cluster's folder: made when missing, taken over otherwise.
    pub dir: PathBuf,
    /// Where the machine's Postgres is.
    pub search: Search,
    /// Further settings for the server, stronger than those in its files. For a running one they come too late.
    pub settings: Vec<(String, String)>,
    /// What happens when the program dies.
    pub on_death: OnDeath,
    /// Whether to start the server again when it dies.
    pub keep_running: bool,
    /// How long a start may take, recovery from a crash included.
    pub start_within: Duration,
    /// How long a stop may take before the server is told to drop everything.
    pub stop_within: Duration,
}

impl Options {
    /// For the program: goes on when the program dies, starts again when the server dies.
    pub fn new(dir: impl Into<PathBuf>, search: Search) -> Self {
        Self {
            dir: dir.into(),
            search,
            settings: Vec::new(),
            on_death: OnDeath::GoesOn,
            keep_running: true,
            start_within: Duration::from_mins(1),
            stop_within: Duration::from_secs(5),
        }
    }

    /// For tests: stops with the process, and is started again only when asked.
    pub fn for_tests(dir: impl Into<PathBuf>) -> Self {
        Self {
            on_death: OnDeath::Stops,
            keep_running: false,
            ..Self::new(dir, Search::machine(None))
        }
    }
}

/// How a cluster came to run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Started {
    /// It had to be started.
    New,
    /// It ran already: another program uses it, or one that was killed left it behind.
    TakenOver,
}

/// How the use of a cluster ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stopped {
    /// The server has stopped.
    Whole,
    /// Another program still uses it.
    LeftToOthers,
}

/// A running cluster. Dropping it without [`Cluster::stop`] leaves the server as if the program had died.
#[derive(Debug)]
pub struct Cluster {
    shared: Arc<Shared>,
    share: Share,
    watch: Option<Watch>,
    guard: Option<Guard>,
    socket: PidFile,
    started: Started,
}

#[derive(Debug)]
struct Shared {
    postmaster: Mutex<Postmaster>,
    layout: Layout,
    start_within: Duration,
    stop_within: Duration,
}

/// A task that ends with its owner.
#[derive(Debug)]
struct Watch(JoinHandle<()>);

impl Drop for Watch {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl Cluster {
    /// Makes the cluster if need be, and starts its server or takes over the one that runs.
    pub async fn start(options: Options) -> Result<Self, PostgresError> {
        let (layout, account) = Layout::prepare(&options.dir)?;
        let turn = Turn::take(&layout.turn, options.start_within).await?;
        let share = Share::take(&layout.users, &turn)?;
        let mut postmaster = Postmaster::new(layout.clone(), account, options.search, options.settings);
        let (socket, launched) = postmaster.bring_up(options.start_within).await?;
        drop(turn);
        let guard = match options.on_death {
            OnDeath::GoesOn => None,
            OnDeath::Stops => Some(Guard::set(&layout.data)?),
        };
        let started = if launched {
            Started::New
        } else {
            Started::TakenOver
        };
        tracing::info!(
            postgres.pid = socket.pid.as_raw_nonzero().get(),
            "the embedded PostgreSQL in {} {}",
            layout.home.display(),
            if launched {
                "has started"
            } else {
                "was running and is used"
            }
        );
        let shared = Arc::new(Shared {
            postmaster: Mutex::new(postmaster),
            layout,
            start_within: options.start_within,
            stop_within: options.stop_within,
        });
        let watch = options
            .keep_running
            .then(|| Watch(tokio::spawn(Arc::clone(&shared).watch())));
        Ok(Self {
            shared,
            share,
            watch,
            guard,
            socket,
            started,
        })
    }

    /// How it came to run.
    pub fn started(&self) -> Started {
        self.started
    }

    /// How to connect to one of its databases, as its superuser.
    pub fn config(&self, dbname: &str) -> tokio_postgres::Config {
        config(&self.socket.socket_dir, self.socket.port, dbname)
    }

    /// Creates a database, if it is not there.
    pub async fn create_database(&self, dbname: &str) -> Result<(), PostgresError> {
        let connected = self.config("postgres").connect(NoTls).await;
        let (client, connection) = connected.map_err(PostgresError::CreateDatabase)?;
        let connection = tokio::spawn(connection);
        let found = client
            .query_opt("SELECT 1 FROM pg_database WHERE datname = $1", &[&dbname])
            .await;
        let made = match found {
            Ok(None) => {
                let create = format!("CREATE DATABASE \"{}\"", dbname.replace('"', "\"\""));
                client.batch_execute(&create).await
            }
            found => found.map(drop),
        };
        drop(client);
        let _ = connection.await;
        match made {
            // Another program was quicker.
            Err(error)
                if [SqlState::DUPLICATE_DATABASE, SqlState::UNIQUE_VIOLATION]
                    .iter()
                    .any(|code| error.code() == Some(code)) =>
            {
                Ok(())
            }
            made => made.map_err(PostgresError::CreateDatabase),
        }
    }

    /// The postmaster's process id, if it runs: for tests, which kill it.
    pub async fn pid(&self) -> Result<Option<i32>, PostgresError> {
        let running = self.shared.postmaster.lock().await.running()?;
        Ok(running.map(|file| file.pid.as_raw_nonzero().get()))
    }

    /// Starts the server again if it does not run, and waits until it accepts connections.
    pub async fn ensure_running(&self) -> Result<Started, PostgresError> {
        self.shared.ensure_running().await
    }

    /// Ends the use of the cluster; whoever is last stops the server.
    pub async fn stop(mut self) -> Result<Stopped, PostgresError> {
        self.watch = None;
        let Self {
            shared, share, guard, ..
        } = self;
        let turn = Turn::take(&shared.layout.turn, shared.stop_within).await?;
        let last = share.was_last(&shared.layout.users, &turn).await?;
        let stopped = if last {
            shared
                .postmaster
                .lock()
                .await
                .shut_down(shared.stop_within)
                .await?;
            tracing::info!(
                "the embedded PostgreSQL in {} has stopped",
                shared.layout.home.display()
            );
            Stopped::Whole
        } else {
            Stopped::LeftToOthers
        };
        if let Some(guard) = guard {
            guard.dismiss();
        }
        Ok(stopped)
    }
}

impl Shared {
    async fn ensure_running(&self) -> Result<Started, PostgresError> {
        let turn = Turn::take(&self.layout.turn, self.start_within).await?;
        let (_, launched) = self.postmaster.lock().await.bring_up(self.start_within).await?;
        drop(turn);
        Ok(if launched {
            Started::New
        } else {
            Started::TakenOver
        })
    }

    /// Starts the server again whenever it is gone.
    async fn watch(self: Arc<Self>) {
        loop {
            sleep(WATCH_EVERY).await;
            let running = self.postmaster.lock().await.running();
            let outcome = match running {
                Ok(Some(_)) => continue,
                Ok(None) => {
                    tracing::warn!("the embedded PostgreSQL is gone: starting it again");
                    self.ensure_running().await
                }
                Err(error) => Err(error),
            };
            if let Err(error) = outcome {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    "the embedded PostgreSQL does not run"
                );
                sleep(WATCH_AGAIN).await;
            }
        }
    }
}
