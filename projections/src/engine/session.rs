//! A connection of the engine's own, which finds a model's tables without naming their schema.

use std::collections::HashMap;
use std::time::Duration;

use eventlog::{CONNECT_WAIT, PEER_SILENCE_MAX};
use futures::future::join_all;
use parking_lot::Mutex;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Config, Error as PostgresError, NoTls, Row, Statement};
use tokio_util::task::AbortOnDropHandle;

use super::model::Write;

/// A connection with one model's schema as its search path, and the statements that were prepared on it.
pub struct Session {
    client: Client,
    statements: Mutex<HashMap<&'static str, Statement>>,
    _connection: AbortOnDropHandle<()>,
}

impl Session {
    /// Connects. Commits on it do not wait for the disk: after a crash rows and checkpoint are older together, and
    /// the log is still there.
    pub(crate) async fn connect(config: &Config, schema: &str) -> Result<Self, PostgresError> {
        let (client, connection) = config.connect(NoTls).await?;
        let connection = AbortOnDropHandle::new(tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection of the projections ended");
            }
        }));
        client
            .batch_execute(&format!(
                "SET synchronous_commit = off; SET search_path = {schema}; SET statement_timeout = 0;
                 SET idle_in_transaction_session_timeout = 0"
            ))
            .await?;
        Ok(Self {
            client,
            statements: Mutex::default(),
            _connection: connection,
        })
    }

    /// The rows that `sql` finds. The statement stays prepared.
    pub async fn query(
        &self,
        sql: &'static str,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Vec<Row>, PostgresError> {
        let statement = self.prepared(sql).await?;
        self.client.query(&statement, parameters).await
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn client_mut(&mut self) -> &mut Client {
        &mut self.client
    }

    pub(crate) async fn prepared(&self, sql: &'static str) -> Result<Statement, PostgresError> {
        if let Some(statement) = self.statements.lock().get(sql) {
            return Ok(statement.clone());
        }
        let statement = self.client.prepare(sql).await?;
        self.statements.lock().insert(sql, statement.clone());
        Ok(statement)
    }

    /// Sends all writes without waiting in between. The first error is the one that counts: those after it only say
    /// that the transaction is void.
    pub(crate) async fn write(&self, writes: &[Write]) -> Result<(), PostgresError> {
        let mut statements = Vec::with_capacity(writes.len());
        for write in writes {
            statements.push(self.prepared(write.sql).await?);
        }
        let sent = writes
            .iter()
            .zip(&statements)
            .map(|(write, statement)| async move {
                let parameters: Vec<&(dyn ToSql + Sync)> = write
                    .parameters
                    .iter()
                    .map(|parameter| &**parameter as &(dyn ToSql + Sync))
                    .collect();
                self.client.execute(statement, &parameters).await
            });
        join_all(sent)
            .await
            .into_iter()
            .try_for_each(|outcome| outcome.map(drop))
    }

    /// Prepares what `writes` need, so that sending them takes one round trip.
    pub(crate) async fn prepare_all(&self, writes: &[Write]) -> Result<(), PostgresError> {
        for write in writes {
            self.prepared(write.sql).await?;
        }
        Ok(())
    }
}

/// `config` with limits on every wait where it names none, and the role that the server runs as.
pub(crate) fn limited(config: &Config) -> Config {
    let mut limited = config.clone();
    if config.get_connect_timeout().is_none() {
        limited.connect_timeout(CONNECT_WAIT);
    }
    if config.get_tcp_user_timeout().is_none() {
        limited.tcp_user_timeout(PEER_SILENCE_MAX);
    }
    if config.get_application_name().is_none() {
        limited.application_name("informejo projections");
    }
    // Whoever waits for an answer has nothing to send: only this finds out that the other end is gone.
    limited
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(5))
        .keepalives_interval(Duration::from_secs(2))
        .keepalives_retries(2);
    limited.options(format!(
        "{} -c role=informejo_app",
        config.get_options().unwrap_or_default()
    ));
    limited
}
