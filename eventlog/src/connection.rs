//! Connections that fail in time: limits on every wait, and the role that the server runs as.

use std::time::Duration;

use deadpool_postgres::{
    BuildError, ConfigConnectImpl, Connect, Hook, HookError, Manager, ManagerConfig, Pool, RecyclingMethod,
    Runtime,
};
use futures::FutureExt;
use futures::future::BoxFuture;
use tokio::runtime::Handle;
use tokio::task::JoinHandle;
use tokio::time::timeout;
use tokio_postgres::{Client, Config, Error, NoTls};
use tokio_util::context::TokioContext;

/// Longest wait for a new connection.
pub const CONNECT_WAIT: Duration = Duration::from_secs(1);
/// Longest wait for a connection of the pool; with the time for an answer it stays below two seconds.
pub const POOL_WAIT: Duration = Duration::from_millis(1500);
/// A peer that has not acknowledged sent bytes for this long is gone.
pub const PEER_SILENCE_MAX: Duration = Duration::from_secs(3);
/// A pooled connection that has been unused for longer than this is asked whether it still lives before it is used.
pub const IDLE_UNCHECKED_MAX: Duration = Duration::from_millis(500);

/// Limits that the server sets on a session: milliseconds for one statement, for one lock, and idle in a transaction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionLimits {
    pub(crate) statement_ms: u32,
    pub(crate) lock_ms: u32,
    pub(crate) idle_in_transaction_ms: u32,
}

/// For queries of the pool. Whoever needs longer (a rebuild) says `SET LOCAL statement_timeout`.
pub(crate) const POOLED: SessionLimits = SessionLimits {
    statement_ms: 10_000,
    lock_ms: 5_000,
    idle_in_transaction_ms: 10_000,
};

/// A pool of at most `size` connections to `config` with limits on every wait, as role `informejo_app`.
///
/// A connection that was used a moment ago is handed out after a look at its socket only; one that has been idle for
/// longer than [`IDLE_UNCHECKED_MAX`] must answer first. So a busy pool pays no round trip, and after an outage no
/// dead connection is handed out.
///
/// # Panics
///
/// Outside a tokio runtime: the one that this is called in drives the connections, whoever asks for them.
pub fn pool(config: &Config, size: usize) -> Result<Pool, BuildError> {
    let manager = Manager::from_connect(
        limited(config, POOLED),
        Home(Handle::current()),
        ManagerConfig {
            recycling_method: RecyclingMethod::Fast,
        },
    );
    Pool::builder(manager)
        .max_size(size)
        .wait_timeout(Some(POOL_WAIT))
        .create_timeout(Some(CONNECT_WAIT))
        .recycle_timeout(Some(CONNECT_WAIT))
        .runtime(Runtime::Tokio1)
        .pre_recycle(Hook::async_fn(|client, metrics| {
            Box::pin(async move {
                if metrics.last_used() > IDLE_UNCHECKED_MAX {
                    // The pool's time limit for recycling does not cover its hooks.
                    let lives = timeout(CONNECT_WAIT, client.simple_query("")).await;
                    let late = |_| HookError::message("no answer in time");
                    lives.map_err(late)?.map_err(HookError::Backend)?;
                }
                Ok(())
            })
        }))
        .build()
}

/// Connections that live in one runtime, also those that are opened for somebody in another one: what others wait for
/// must not stand behind whatever keeps that one busy.
struct Home(Handle);

impl Connect for Home {
    fn connect(&self, config: &Config) -> BoxFuture<'_, Result<(Client, JoinHandle<()>), Error>> {
        let config = config.clone();
        let connecting = async move { ConfigConnectImpl { tls: NoTls }.connect(&config).await };
        TokioContext::new(connecting, self.0.clone()).boxed()
    }
}

/// `config` with limits on every wait where it names none, and the role that the server runs as.
pub(crate) fn limited(config: &Config, limits: SessionLimits) -> Config {
    let mut limited = config.clone();
    if config.get_connect_timeout().is_none() {
        limited.connect_timeout(CONNECT_WAIT);
    }
    if config.get_tcp_user_timeout().is_none() {
        limited.tcp_user_timeout(PEER_SILENCE_MAX);
    }
    if config.get_application_name().is_none() {
        limited.application_name("informejo");
    }
    limited
        .keepalives(true)
        .keepalives_idle(Duration::from_secs(5))
        .keepalives_retries(2);
    limited.keepalives_interval(Duration::from_secs(2));
    let SessionLimits {
        statement_ms,
        lock_ms,
        idle_in_transaction_ms,
    } = limits;
    limited.options(format!(
        "{} -c role=informejo_app -c default_transaction_isolation=read\\ committed -c statement_timeout={statement_ms} \
         -c lock_timeout={lock_ms} -c idle_in_transaction_session_timeout={idle_in_transaction_ms}",
        config.get_options().unwrap_or_default()
    ));
    limited
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_of_the_operator_are_kept() {
        let mut config = Config::new();
        config
            .options("-c work_mem=8MB")
            .connect_timeout(Duration::from_millis(7));
        let limited = limited(&config, POOLED);
        let options = limited.get_options().unwrap();
        assert!(
            options.starts_with("-c work_mem=8MB -c role=informejo_app "),
            "{options}"
        );
        assert_eq!(limited.get_connect_timeout(), Some(&Duration::from_millis(7)));
    }
}
