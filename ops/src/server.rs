//! The whole help desk, put together and running.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use api::heads::Heads;
use api::server::{Drained, Limits, ListenError, Listener, TrustedProxies};
use api::verification::{Verifications, Verifier};
use api::{App, AppState};
use commands::{AttachmentStore, Commands};
use domain::ids::{Entropy, uuid_v7};
use domain::time::Clock;
use eventlog::EventLog;
use identity::Identity;
use projections::people::Directory;
use projections::{Engine, Projections};
use reactors::Outbox;
use realtime::{Operations, Realtime, RealtimeService, Signals};
use rustix::process::{Resource, getrlimit, setrlimit};
use tokio::task::JoinHandle;
use tokio_postgres::{Config, NoTls};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::config::Settings;
use crate::heads;
use crate::mail;
use crate::metrics::{self, Metrics, Sources};
use crate::options;
use crate::sessions::KnownSessions;
use crate::signals::PostgresSignals;
use crate::{signing, store};

/// How often what people left unfinished is tidied up.
const TIDY_EVERY: Duration = Duration::from_mins(1);
/// Age from which an upload is nobody's who is still at it, in seconds.
const UPLOAD_ABANDONED_AFTER_S: i64 = 3_600;

/// Why the help desk did not start. The first part says what was being done.
#[derive(Debug, thiserror::Error)]
#[error("{doing}")]
pub struct StartError {
    doing: &'static str,
    #[source]
    source: Box<dyn std::error::Error + Send + Sync>,
}

fn failed<E: Into<Box<dyn std::error::Error + Send + Sync>>>(
    doing: &'static str,
) -> impl FnOnce(E) -> StartError {
    move |error| StartError {
        doing,
        source: error.into(),
    }
}

/// Everything behind the door: the log, the read models, identity, realtime.
struct Desk {
    app: AppState,
    realtime: Realtime,
    service: RealtimeService,
    background: TaskTracker,
    stop: CancellationToken,
    /// Ends the way to the other nodes: after realtime, which has something to say at its end.
    farewell: CancellationToken,
}

/// A running help desk.
pub struct Server {
    desk: Desk,
    address: SocketAddr,
    serving: JoinHandle<Drained>,
    /// Where figures are read, and who answers there.
    figures: Option<(SocketAddr, JoinHandle<Drained>)>,
}

impl Desk {
    /// Opens the help desk on the database of `config`, brought up to date. `port` is where it will be reached, for
    /// links and origins that are not set.
    async fn open(
        settings: &Settings,
        config: &Config,
        port: u16,
        metrics: Option<&Metrics>,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        let (log_meters, http_meter) = metrics::meters(metrics);
        migrate(config).await?;
        let pool =
            eventlog::pool(config, settings.pool_size).map_err(failed("making the connection pool"))?;
        let log = EventLog::open(
            pool.clone(),
            config.clone(),
            Arc::clone(&clock),
            eventlog::Options {
                meters: log_meters,
                ..eventlog::Options::default()
            },
        )
        .await
        .map_err(failed("opening the log"))?;
        let engine = Engine::new(log.clone(), config);
        let projections = Projections::start(engine, projections::Options::default())
            .await
            .map_err(failed("starting the projections"))?;
        let projections = Arc::new(projections);
        let directory = Directory::start(&log, &pool)
            .await
            .map_err(failed("loading the directory"))?;
        let identity = Identity::new(
            pool.clone(),
            Arc::clone(&clock),
            Arc::clone(&entropy),
            options::identity(settings),
        )
        .map_err(failed("preparing identity"))?;
        let signer = signing::load(settings, &*entropy).map_err(failed("loading the signing key"))?;
        let objects = store::open(&settings.uploads).map_err(failed("opening the attachments' store"))?;
        let signals = PostgresSignals::new();
        let options = realtime::Options {
            node: uuid_v7(&*clock, &*entropy),
            signals: Arc::clone(&signals) as Arc<dyn Signals>,
            operations: Some(Arc::clone(&projections) as Arc<dyn Operations>),
            ..options::realtime(settings, port, pool.clone())
        };
        let sessions = Arc::new(KnownSessions(identity.sessions.clone()));
        let realtime = Realtime::start(log.clone(), Arc::new(directory.clone()), sessions, options);
        let (realtime, service) = realtime.await.map_err(failed("starting realtime"))?;
        let heads = Heads::new(log.clone(), config.clone(), Arc::new(signer), Arc::clone(&clock));
        let attachments = AttachmentStore::new(objects, settings.max_file_size, Arc::clone(&entropy));
        let outbox = Outbox::new(pool.clone(), Arc::clone(&clock), Arc::clone(&entropy));
        let app = AppState::new(App {
            verifier: Verifier {
                config: config.clone(),
                engine: projections.engine().clone(),
                attachments: attachments.clone(),
                keys: vec![heads.key().clone()],
            },
            verifications: Verifications::default(),
            heads,
            commands: Commands::new(log.clone(), Arc::clone(&clock), Arc::clone(&entropy)),
            log,
            projections,
            pool,
            database: config.clone(),
            directory,
            identity,
            outbox,
            attachments,
            clock,
            entropy,
            meter: http_meter,
            settings: options::api(settings, port).map_err(failed("reading the address of the desk"))?,
            tasks: TaskTracker::new(),
        });
        let url = settings.public_url(port);
        let mail = mail::open(&app, settings, &url).await;
        let mail = mail.map_err(failed("preparing mail"))?;
        let stop = CancellationToken::new();
        let background = begin(&app, config, settings, metrics, &stop);
        background.spawn(mail.run(stop.clone()));
        let farewell = CancellationToken::new();
        let carrying = signals.carry(config.clone());
        background.spawn(farewell.clone().run_until_cancelled_owned(carrying));
        Ok(Self {
            app,
            realtime,
            service,
            background,
            stop,
            farewell,
        })
    }

    /// Ends everything behind the door in the order in which nothing is lost: first whoever writes, then whoever reads,
    /// then the log.
    async fn close(self) {
        self.app.tasks.close();
        self.app.tasks.wait().await;
        self.stop.cancel();
        self.farewell.cancel();
        self.background.wait().await;
        self.app.projections.stop().await;
        self.app.log.close().await;
    }
}

impl Server {
    /// Opens the desk and its door.
    pub async fn start(
        settings: &Settings,
        config: &Config,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, StartError> {
        allow_open_files();
        let limits = options::limits(settings);
        // Before anything else: a port in use is said at once, and nothing was started in vain.
        let listener = listen(settings, &limits).map_err(failed("listening"))?;
        let address = listener.local_address();
        let door = settings.metrics_address.map(metrics::open).transpose();
        let door = door.map_err(failed("listening for Prometheus"))?;
        let metrics = door.as_ref().map(|_| Metrics::new()).transpose();
        let metrics = metrics.map_err(failed("preparing the figures"))?;
        let desk = Desk::open(settings, config, address.port(), metrics.as_ref(), clock, entropy).await?;
        let figures = door.zip(metrics).map(|(door, metrics)| {
            let at = door.address();
            let sources = Sources::new(metrics, desk.app.clone(), desk.realtime.clone(), settings);
            tracing::info!(address = %at, "figures for Prometheus are at /metrics");
            (at, door.serve(sources.into_render(), desk.stop.clone()))
        });
        let router = api::router(desk.app.clone(), desk.service.clone());
        let proxies: TrustedProxies = settings.trusted_proxies.iter().copied().collect();
        let serving = tokio::spawn(api::server::serve(
            listener,
            router,
            proxies,
            limits,
            desk.stop.clone(),
        ));
        Ok(Self {
            desk,
            address,
            serving,
            figures,
        })
    }

    /// Where it listens.
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Where figures are read.
    pub fn metrics_address(&self) -> Option<SocketAddr> {
        self.figures.as_ref().map(|(address, _)| *address)
    }

    /// What its handlers share.
    pub const fn app(&self) -> &AppState {
        &self.desk.app
    }

    /// Its broadcasts.
    pub const fn realtime(&self) -> &Realtime {
        &self.desk.realtime
    }

    /// Stops accepting, finishes what is under way, closes the sockets, and ends everything.
    pub async fn stop(self) {
        let Self {
            desk,
            serving,
            figures,
            ..
        } = self;
        desk.stop.cancel();
        // At the same time: the door waits for websockets too, and they end only when they are told.
        let ((), drained) = tokio::join!(desk.realtime.close(), serving);
        match drained {
            Ok(Drained::Finished) => {}
            Ok(Drained::Cut { connections }) => {
                tracing::warn!(connections, "connections did not end in time and were cut");
            }
            Err(error) => tracing::error!(%error, "the accept loop ended badly"),
        }
        if let Some((_, figures)) = figures {
            // Whatever it was in the middle of, it has ended within a second.
            let _ = figures.await;
        }
        tracing::info!("[HTTP] Server closed");
        desk.close().await;
    }
}

pub(crate) async fn migrate(config: &Config) -> Result<(), StartError> {
    let (mut client, connection) = config
        .connect(NoTls)
        .await
        .map_err(failed("connecting to the database"))?;
    let connection = tokio::spawn(connection);
    let migrated = eventlog::migrate(&mut client)
        .await
        .map_err(failed("migrating the database"));
    drop(client);
    // Whatever broke it has failed the migration too.
    let _ = connection.await;
    for name in migrated? {
        tracing::info!(migration = name, "brought the database up to date");
    }
    Ok(())
}

/// All addresses unless one is set; where the machine has no IPv6, all of IPv4.
fn listen(settings: &Settings, limits: &Limits) -> Result<Listener, ListenError> {
    let at = |host: IpAddr| Listener::bind(SocketAddr::new(host, settings.port), limits);
    match settings.host {
        Some(host) => at(host),
        None => match at(Ipv6Addr::UNSPECIFIED.into()) {
            Err(ListenError::Failed { .. }) => at(Ipv4Addr::UNSPECIFIED.into()),
            listening => listening,
        },
    }
}

/// Makes use of all the open files that the program may have: shells and service managers begin with 1,024, for the
/// sake of programs that use `select`.
fn allow_open_files() {
    let mut files = getrlimit(Resource::Nofile);
    files.current = files.maximum;
    if let Err(error) = setrlimit(Resource::Nofile, files) {
        tracing::debug!(
            error = &error as &dyn std::error::Error,
            "the limit of open files stays"
        );
    }
}

/// Begins what runs beside the requests, until `stop`.
fn begin(
    app: &AppState,
    config: &Config,
    settings: &Settings,
    metrics: Option<&Metrics>,
    stop: &CancellationToken,
) -> TaskTracker {
    let background = TaskTracker::new();
    background.spawn(watch_revocations(app.clone(), config.clone(), stop.clone()));
    background.spawn(stop.clone().run_until_cancelled_owned(tidy(app.clone())));
    let interval = settings.head_interval;
    let signing = heads::keep_signing(app.heads.clone(), interval);
    background.spawn(stop.clone().run_until_cancelled_owned(signing));
    for place in settings.head_publish.iter().cloned() {
        let publishing = heads::keep_publishing(app.heads.clone(), place, interval);
        background.spawn(stop.clone().run_until_cancelled_owned(publishing));
    }
    if let Some(metrics) = metrics {
        background.spawn(
            stop.clone()
                .run_until_cancelled_owned(metrics.clone().gather(app.log.head_watch())),
        );
    }
    background.close();
    background
}

/// Hears of sessions that other programs ended.
async fn watch_revocations(app: AppState, config: Config, stop: CancellationToken) {
    stop.run_until_cancelled(app.identity.sessions.watch_revocations(config))
        .await;
}

/// Finishes or removes what somebody began and could not finish, at the start and every now and then.
async fn tidy(app: AppState) {
    loop {
        if let Err(error) = app.registrar().settle_all().await {
            tracing::warn!(%error, "failed to settle abandoned registrations");
        }
        if let Err(error) = app.identity.purge_expired().await {
            tracing::warn!(%error, "failed to remove sessions, links and tokens that have expired");
        }
        if let Err(error) = app.identity.limits.purge().await {
            tracing::warn!(%error, "failed to forget attempts of long ago");
        }
        if let Err(error) = app.identity.devices.purge().await {
            tracing::warn!(%error, "failed to forget browsers of long ago");
        }
        if let Err(error) = app.identity.access_codes.purge_expired().await {
            tracing::warn!(%error, "failed to remove expired access codes");
        }
        if let Err(error) = app.identity.oidc.purge_expired().await {
            tracing::warn!(%error, "failed to forget browsers that did not come back from an identity provider");
        }
        let abandoned_before = app.clock.now().as_millis() / 1_000 - UPLOAD_ABANDONED_AFTER_S;
        if let Err(error) = app.attachments.sweep(abandoned_before).await {
            tracing::warn!(%error, "failed to remove abandoned uploads");
        }
        tokio::time::sleep(TIDY_EVERY).await;
    }
}
