//! `informejo serve`: the help desk.

use std::sync::Arc;

use clap::Args;

use crate::cli::{self, VerbError};
use crate::clock::{OsEntropy, SystemClock};
use crate::config::{ServeFlags, Settings};
use crate::database::OpenDatabase;
use crate::demo;
use crate::first_admin;
use crate::server::Server;
use crate::service_manager::ServiceManager;
use crate::shutdown::{self, SHUTDOWN_WITHIN};

/// Run the help desk
///
/// Without DATABASE_URL it runs a Postgres of its own under the data directory. Ends on SIGTERM or Ctrl-C, within ten
/// seconds.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo serve --demo\n  \
                        informejo serve --port 8080 --data-dir /var/lib/informejo\n  \
                        DATABASE_URL=postgresql://localhost/informejo LOG_FORMAT=json informejo serve")]
pub struct Serve {
    #[command(flatten)]
    flags: ServeFlags,
}

impl Serve {
    /// Runs the verb until a signal ends it.
    pub async fn run(self) -> Result<(), VerbError> {
        let mut manager = ServiceManager::of_this_process();
        let (settings, traces) = cli::settings_and_traces(self.flags)?;
        manager.status("opening the log and the read models");
        let stop = shutdown::on_signal().map_err(VerbError::failed("listening for signals"))?;
        let database = OpenDatabase::open(&settings).await?;
        let started = tokio::select! {
            started = start(&settings, &database) => started,
            () = stop.cancelled() => Err(VerbError::Interrupted),
        };
        let server = match started {
            Ok(server) => server,
            Err(error) => {
                database.close().await?;
                return Err(error);
            }
        };
        manager.ready(&format!(
            "serves {}",
            settings.public_url(server.address().port())
        ));
        stop.cancelled().await;
        manager.stopping();
        let way_out = async {
            server.stop().await;
            let last_traces = async {
                if let Some(traces) = traces {
                    traces.close().await;
                }
            };
            let ((), closed) = tokio::join!(last_traces, database.close());
            closed
        };
        let ended = shutdown::within(SHUTDOWN_WITHIN, way_out).await;
        ended.map_err(VerbError::failed("shutting down"))?
    }
}

async fn start(settings: &Settings, database: &OpenDatabase) -> Result<Server, VerbError> {
    let server = Server::start(
        settings,
        &database.config,
        Arc::new(SystemClock),
        Arc::new(OsEntropy),
    )
    .await
    .map_err(VerbError::failed("starting the help desk"))?;
    let app = server.app();
    if settings.demo {
        demo::fill(app)
            .await
            .map_err(VerbError::failed("making the demo data"))?;
    }
    first_admin::make(app, &settings.first_admin)
        .await
        .map_err(VerbError::failed("making the first admin"))?;
    if app.directory.count(|account| account.role.is_agent()) == 0 {
        tracing::info!("nobody can administer yet: informejo accounts create-admin --help");
    }
    let port = server.address().port();
    tracing::info!(address = %server.address(), "Ready to accept connections: {}", settings.public_url(port));
    Ok(server)
}
