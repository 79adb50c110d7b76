//! The whole server in this process, on a port, a database and a folder of its own, and people who use it.

mod answer;
mod client;
mod clock;
mod people;

use std::net::SocketAddr;
use std::sync::Arc;

use ops::clock::OsEntropy;
use ops::config::{Environment, Settings};
use ops::server::Server;
use tempfile::TempDir;
use tokio_postgres::Config;

use crate::chaos_proxy::ChaosProxy;
use crate::mailbox::Mailbox;
use crate::postgres::TestDatabase;
use crate::run_folder::new_folder;
use crate::secrecy::{self, AtTheEnd};

pub use answer::Answer;
pub use client::{Client, Request, SESSION_COOKIE};
pub use clock::TestClock;

/// All of a test's people come from one address, and in a hurry.
pub const UNLIMITED: [(&str, &str); 4] = [
    ("PROOFS_PER_MINUTE", "1000000"),
    ("PASSWORDS_PER_HOUR", "1000000"),
    ("WISHES_PER_HOUR", "1000000"),
    ("MAILS_PER_HOUR", "1000000"),
];

/// A running help desk, alone in its world.
pub struct TestApp {
    server: Server,
    nobody: Client,
    clock: Arc<TestClock>,
    data: Arc<TempDir>,
    database: Arc<TestDatabase>,
    mailbox: Mailbox,
    _secrecy: AtTheEnd,
}

impl TestApp {
    /// With default settings.
    pub async fn new() -> Self {
        Self::with(&[]).await
    }

    /// With these settings, in the form of environment variables.
    pub async fn with(settings: &[(&str, &str)]) -> Self {
        let database = Arc::new(TestDatabase::new().await);
        let data = Arc::new(new_folder("data-"));
        let config = database.config();
        Self::start(settings, &config, data, database).await
    }

    /// With a proxy between it and its database.
    pub async fn behind_proxy(settings: &[(&str, &str)]) -> (Self, ChaosProxy) {
        let database = Arc::new(TestDatabase::new().await);
        let data = Arc::new(new_folder("data-"));
        let proxy = ChaosProxy::before_postgres(&database.config()).await;
        let config = proxy.config(&database.config());
        (Self::start(settings, &config, data, database).await, proxy)
    }

    /// One more node of the same help desk.
    pub async fn second_node(&self) -> Self {
        self.second_node_with(&[]).await
    }

    /// One more node, with these settings.
    pub async fn second_node_with(&self, settings: &[(&str, &str)]) -> Self {
        let config = self.database.config();
        Self::start(
            settings,
            &config,
            Arc::clone(&self.data),
            Arc::clone(&self.database),
        )
        .await
    }

    async fn start(
        settings: &[(&str, &str)],
        config: &Config,
        data: Arc<TempDir>,
        database: Arc<TestDatabase>,
    ) -> Self {
        secrecy::listen();
        secrecy::of_settings(settings.iter().copied());
        let folder = data.path().to_str().unwrap();
        let given = [("HOST", "127.0.0.1"), ("PORT", "0"), ("DATA_DIR", folder)]
            .into_iter()
            .chain(UNLIMITED)
            .chain(settings.iter().copied());
        let environment = Environment::default()
            .with_variables(given.map(|(name, value)| (name.into(), value.into())))
            .unwrap();
        let settings = Settings::read(&environment).unwrap();
        let mailbox = Mailbox::at(&settings.mail.dir);
        let clock = Arc::new(TestClock::default());
        let server = Server::start(&settings, config, Arc::clone(&clock) as _, Arc::new(OsEntropy))
            .await
            .unwrap();
        secrecy::of_data_dir(data.path());
        Self {
            nobody: Client::anonymous(&format!("http://{}", server.address())).with_mailbox(mailbox.clone()),
            server,
            mailbox,
            clock,
            data,
            database,
            _secrecy: AtTheEnd,
        }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.server.address()
    }

    /// The way to it, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Where its figures are read; it must have been told to show them.
    pub fn metrics_address(&self) -> SocketAddr {
        self.server.metrics_address().expect("it shows no figures")
    }

    /// Its clock, which can be moved.
    pub fn clock(&self) -> &TestClock {
        &self.clock
    }

    /// Its database, to look behind the scenes.
    pub fn database(&self) -> &TestDatabase {
        &self.database
    }

    /// The folder with its uploads.
    pub fn data_dir(&self) -> &std::path::Path {
        self.data.path()
    }

    /// The mail that it has sent.
    pub const fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// What its handlers share.
    pub fn shared(&self) -> &api::AppState {
        self.server.app()
    }

    /// How its broadcasts are doing.
    pub fn realtime(&self) -> realtime::Stats {
        self.server.realtime().stats()
    }

    /// The last position of its log.
    pub async fn head(&self) -> i64 {
        self.shared().log.head().await.unwrap().position
    }

    /// Stops it as SIGTERM would.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}
