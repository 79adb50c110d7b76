//! What handlers share: the means to execute commands, to read, to recognise somebody, and the settings.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use commands::{AttachmentStore, Commands};
use deadpool_postgres::Pool;
use domain::ids::Entropy;
use domain::time::Clock;
use eventlog::{EventLog, Position};
use identity::Identity;
use projections::people::Directory;
use projections::{Lagging, Projections, QueryError};
use reactors::Outbox;
use tokio_postgres::Config;
use tokio_util::task::TaskTracker;
use tracing::Instrument;
use url::Url;

use crate::heads::Heads;
use crate::limits::AttemptLimits;
use crate::meter::HttpMeter;
use crate::problem::{self, ApiResult};
use crate::registration::Registrar;
use crate::verification::{Verifications, Verifier};

/// The read models that show what is. Nobody waits for those that show what was but who asks for that.
pub(crate) const TODAY: [&str; 2] = ["tickets", "people"];

/// How long an answer waits at most until the read models have applied what it tells of or was asked for.
pub const READ_MODELS_WAIT: Duration = Duration::from_secs(2);

/// How long a query of the read models may take at most, so that an answer comes within 2 s even if the database is away.
pub const READ_WAIT: Duration = Duration::from_millis(1_900);

/// What the HTTP API can be set to.
#[derive(Clone, Debug)]
pub struct ApiSettings {
    /// Where people reach the desk, as in links. Its origin may always send unsafe requests.
    pub app_url: Url,
    /// Further origins whose pages may use the API with credentials (CORS), as in `https://desk.example.org`.
    pub allowed_origins: Vec<String>,
    /// Whether cookies are for https only, although a request may not look like https; true if `app_url` is https.
    pub secure_cookies: bool,
    /// Bytes in a request's body, at most, except for uploads. Default 256 KiB.
    pub body_bytes_max: usize,
    /// How long a handler may take in all, except for uploads. Default 30 s.
    pub request_time: Duration,
    /// How long an upload may take in all. Default 5 minutes.
    pub upload_time: Duration,
    /// What the program calls its version.
    pub version: String,
    /// How often strangers may try something.
    pub attempts: AttemptLimits,
    /// What pages tell the client in the browser.
    pub page_urls: PageUrls,
    /// Positions that the read models may be behind before the program says that it is not ready. Default 10,000.
    pub lag_max: i64,
}

/// Origins that pages tell the client in the browser, where somebody has set them; without, it stays at the page's own.
#[derive(Clone, Debug, Default)]
pub struct PageUrls {
    /// Where the live updates are.
    pub socket: Option<String>,
    /// Where people reach the desk.
    pub app: Option<String>,
}

impl ApiSettings {
    /// The defaults for a desk that people reach at `app_url`.
    pub fn new(app_url: Url, version: String) -> Self {
        Self {
            secure_cookies: app_url.scheme() == "https",
            app_url,
            allowed_origins: Vec::new(),
            body_bytes_max: 256 * 1024,
            request_time: Duration::from_secs(30),
            upload_time: Duration::from_mins(5),
            version,
            attempts: AttemptLimits::default(),
            page_urls: PageUrls::default(),
            lag_max: 10_000,
        }
    }
}

/// Everything that handlers share.
pub struct App {
    /// Executes commands.
    pub commands: Commands,
    /// The log, for heads and histories.
    pub log: EventLog,
    /// The read models. Shared with whoever stops them at the end.
    pub projections: Arc<Projections>,
    /// Connections for queries of the read models.
    pub pool: Pool,
    /// How to connect to the database, for work that needs a connection of its own.
    pub database: Config,
    /// Everybody's accounts, in memory.
    pub directory: Directory,
    /// Passwords and sessions.
    pub identity: Identity,
    /// Wishes for mail.
    pub outbox: Outbox,
    /// The bytes of attachments.
    pub attachments: AttachmentStore,
    /// Signs heads of the log, and evidence.
    pub heads: Heads,
    /// Verifies the record.
    pub verifier: Verifier,
    /// The verification that goes on here, or the last one.
    pub verifications: Verifications,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
    /// Counts requests.
    pub meter: Arc<dyn HttpMeter>,
    /// What can be set.
    pub settings: ApiSettings,
    /// Work that goes on though its client has gone; to be waited for at the end.
    pub tasks: TaskTracker,
}

/// [`App`], shared. Cheap to clone.
#[derive(Clone)]
pub struct AppState(Arc<App>);

impl AppState {
    /// Shares `app`.
    pub fn new(app: App) -> Self {
        Self(Arc::new(app))
    }

    /// Waits until the read models have applied `position`, so that whoever wrote it reads it; but not for ever. If
    /// they lag, the answer goes out all the same: it is true, its `X-Position` says where it stands, and a reader who
    /// must see it sends that as `Min-Position`.
    pub async fn settle(&self, position: Position) {
        if self.projected(position).await.is_err() {
            tracing::warn!(
                event.position = position,
                "answered before the read models had caught up"
            );
        }
    }

    /// Waits until reads show everything up to `position`, or answers 503.
    pub async fn projected(&self, position: Position) -> ApiResult<()> {
        let caught_up = async {
            self.projections
                .wait_for_some(&TODAY, position, READ_MODELS_WAIT)
                .await?;
            self.directory.wait_for(position, READ_MODELS_WAIT).await
        };
        let late = || problem::unavailable("the read models have not come that far yet");
        match tokio::time::timeout(READ_MODELS_WAIT, caught_up).await {
            Ok(caught_up) => caught_up.map_err(|_: Lagging| late()),
            Err(_) => Err(late()),
        }
    }

    /// Runs `work` to its end even if the client goes away in the middle of it.
    pub async fn to_the_end<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> ApiResult<T> {
        let task = self.tasks.spawn(work.in_current_span());
        task.await.map_err(|error| problem::fault(&error))
    }
}

impl App {
    /// What a query of the read models finds; 503 if the database has not answered within [`READ_WAIT`].
    pub async fn read<T>(&self, query: impl Future<Output = Result<T, QueryError>>) -> ApiResult<T> {
        match tokio::time::timeout(READ_WAIT, query).await {
            Ok(found) => Ok(found?),
            Err(elapsed) => Err(problem::away(&elapsed)),
        }
    }

    /// Makes accounts.
    pub fn registrar(&self) -> Registrar {
        Registrar {
            commands: self.commands.clone(),
            identity: self.identity.clone(),
            clock: Arc::clone(&self.clock),
            entropy: Arc::clone(&self.entropy),
        }
    }
}

impl Deref for AppState {
    type Target = App;

    fn deref(&self) -> &App {
        &self.0
    }
}
