//! The database of a verb: somebody else's, or the embedded one for as long as it is used.

use tokio_postgres::{Client, Config, NoTls};

use crate::cli::VerbError;
use crate::config::{Database, Settings};
use crate::postgres::{Cluster, Options, Search};
use crate::shutdown;

/// The name of the database in the embedded Postgres.
const NAME: &str = "informejo";

/// A database that can be connected to.
#[derive(Debug)]
pub struct OpenDatabase {
    /// How to connect.
    pub config: Config,
    cluster: Option<Cluster>,
}

impl OpenDatabase {
    /// Starts the embedded Postgres where that is the database. Does not connect to any other.
    pub async fn open(settings: &Settings) -> Result<Self, VerbError> {
        let failed = || VerbError::failed("starting the database");
        match &settings.database {
            Database::Url(config) => {
                let mut config = config.as_ref().clone();
                if config.get_application_name().is_none() {
                    config.application_name("informejo");
                }
                if config.get_connect_timeout().is_none() {
                    config.connect_timeout(std::time::Duration::from_secs(5));
                }
                Ok(Self {
                    config,
                    cluster: None,
                })
            }
            Database::Embedded { dir, bindir } => {
                let options = Options::new(dir, Search::machine(bindir.clone()));
                let cluster = Cluster::start(options).await.map_err(failed())?;
                let this = Self {
                    config: cluster.config(NAME),
                    cluster: Some(cluster),
                };
                if let Some(cluster) = &this.cluster
                    && let Err(error) = cluster.create_database(NAME).await
                {
                    this.close().await?;
                    return Err(failed()(error));
                }
                Ok(this)
            }
        }
    }

    /// Ends its use: the embedded Postgres stops, unless another program uses it.
    pub async fn close(self) -> Result<(), VerbError> {
        if let Some(cluster) = self.cluster {
            cluster
                .stop()
                .await
                .map_err(VerbError::failed("stopping the database"))?;
        }
        Ok(())
    }
}

/// Refuses where no database was made yet: what only looks at one does not make one.
pub(crate) fn must_exist(settings: &Settings) -> Result<(), VerbError> {
    if let Database::Embedded { dir, .. } = &settings.database
        && dir.join("data").try_exists().is_ok_and(|exists| !exists)
    {
        let dir = dir.display();
        return Err(VerbError::CannotRun(format!(
            "there is no database in {dir}; `informejo serve` makes one"
        )));
    }
    Ok(())
}

/// Does something with the database, and ends its use however that went. A signal interrupts it.
pub(crate) async fn with<T>(
    settings: &Settings,
    work: impl AsyncFnOnce(&Config) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    let interrupted = shutdown::on_signal().map_err(VerbError::failed("listening for signals"))?;
    let database = OpenDatabase::open(settings).await?;
    let outcome = tokio::select! {
        outcome = work(&database.config) => outcome,
        () = interrupted.cancelled() => Err(VerbError::Interrupted),
    };
    let closed = database.close().await;
    let value = outcome?;
    closed.map(|()| value)
}

/// Does something over one connection, and closes it properly however that went.
pub(crate) async fn with_client<T>(
    config: &Config,
    work: impl AsyncFnOnce(&mut Client) -> Result<T, VerbError>,
) -> Result<T, VerbError> {
    let connected = config.connect(NoTls).await;
    let (mut client, connection) = connected.map_err(VerbError::failed("connecting to the database"))?;
    let connection = tokio::spawn(connection);
    let outcome = work(&mut client).await;
    drop(client);
    // Whatever broke it has failed the work too.
    let _ = connection.await;
    outcome
}
