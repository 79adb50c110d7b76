//! A connection for whoever reads long stretches: of its own, so that nobody waits for it, and unable to write.

use std::ops::Deref;

use tokio_postgres::{Client, Config, NoTls};
use tokio_util::task::AbortOnDropHandle;

use crate::connection::{SessionLimits, limited};
use crate::read::ReadError;

/// A read may take as long as it takes; a lock that it cannot have at once, it can do without.
const UNHURRIED: SessionLimits = SessionLimits {
    statement_ms: 0,
    lock_ms: 5_000,
    idle_in_transaction_ms: 0,
};

/// A connection that can only read, with the rights of the server. Closed when it is dropped.
pub struct Reader {
    client: Client,
    _connection: AbortOnDropHandle<()>,
}

impl Reader {
    /// Connects.
    pub async fn connect(config: &Config) -> Result<Self, ReadError> {
        let mut config = limited(config, UNHURRIED);
        config.options(format!(
            "{} -c default_transaction_read_only=on",
            config.get_options().unwrap_or_default()
        ));
        let (client, connection) = config.connect(NoTls).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection for reading ended");
            }
        }));
        Ok(Self {
            client,
            _connection: connection,
        })
    }
}

impl Deref for Reader {
    type Target = Client;

    fn deref(&self) -> &Client {
        &self.client
    }
}
