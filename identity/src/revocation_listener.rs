//! Listening for the sessions that other processes end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::time::Duration;

use tokio_postgres::{AsyncMessage, Config, NoTls};

use crate::error::IdentityError;
use crate::revocation::{CHANNEL, Revocation};
use crate::session_store::Sessions;

/// How often the listening connection is asked whether it is still there, and how long it may take to answer.
const PROBE_INTERVAL: Duration = Duration::from_secs(10);
const PROBE_TIME_MAX: Duration = Duration::from_secs(5);
/// Pause before a lost listening connection is made again: doubles from the first to the second.
const RECONNECT_PAUSE_MIN: Duration = Duration::from_millis(100);
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(5);

impl Sessions {
    /// Listens for what other processes revoke, on a connection of its own, which it makes again whenever it is lost.
    /// Never returns; the caller runs it as a task and drops it at the end.
    ///
    /// While it does not listen, a session that another process ended is believed here for `cache_time` longer.
    pub async fn watch_revocations(&self, connect: Config) -> Infallible {
        let mut pause = RECONNECT_PAUSE_MIN;
        loop {
            match self.listen(&connect, &mut pause).await {
                Ok(()) => tracing::warn!("listening for ended sessions: connection closed"),
                Err(error) => tracing::warn!(%error, "listening for ended sessions failed"),
            }
            tokio::time::sleep(pause).await;
            pause = (pause * 2).min(RECONNECT_PAUSE_MAX);
        }
    }

    /// Listens until the connection is lost. `Ok` means that the server closed it.
    async fn listen(&self, connect: &Config, pause: &mut Duration) -> Result<(), IdentityError> {
        let connecting = tokio::time::timeout(PROBE_TIME_MAX, connect.connect(NoTls));
        let (client, mut connection) = connecting.await.map_err(|_| no_answer())??;
        let receive = async {
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(notification) = message?
                    && notification.channel() == CHANNEL
                {
                    self.heard(Revocation::from_notification(notification.payload()));
                }
            }
            Ok(())
        };
        let probe = async {
            let listen = client.batch_execute("LISTEN informejo_auth");
            tokio::time::timeout(PROBE_TIME_MAX, listen)
                .await
                .map_err(|_| no_answer())??;
            *pause = RECONNECT_PAUSE_MIN;
            // Whatever was ended before this moment was said to nobody.
            self.heard(Revocation::Missed);
            loop {
                tokio::time::sleep(PROBE_INTERVAL).await;
                let question = client.batch_execute("SELECT 1");
                tokio::time::timeout(PROBE_TIME_MAX, question)
                    .await
                    .map_err(|_| no_answer())??;
            }
        };
        tokio::select! { ended = receive => ended, failed = probe => failed }
    }
}

fn no_answer() -> IdentityError {
    IdentityError::Unavailable("no answer in time".to_owned())
}
