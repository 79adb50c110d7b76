//! Listening for the sessions that other processes end.

use std::convert::Infallible;
use std::future::poll_fn;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_postgres::{AsyncMessage, Config, NoTls};

use crate::error::IdentityError;
use crate::revocation::{CHANNEL, Revocation};
use crate::session_store::Sessions;

/// What begins the listening, and asks whether it goes on.
const LISTEN: &str = "LISTEN informejo_auth";
/// How often the listening connection is asked whether it is still there, and how long it may take to answer before
/// another one takes its place.
const PROBE_INTERVAL: Duration = Duration::from_millis(250);
const PROBE_TIME_MAX: Duration = Duration::from_secs(5);
/// How long after its last answer it is no longer relied on, and how often, from then on, those who rely on sessions are
/// told to ask after them themselves. Together less than a second: what another process ends, ends here within that.
const SILENCE_MAX: Duration = Duration::from_millis(600);
const DOUBT_INTERVAL: Duration = Duration::from_millis(350);
/// Pause before a lost listening connection is made again: doubles from the first to the second.
const RECONNECT_PAUSE_MIN: Duration = Duration::from_millis(100);
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(5);

impl Sessions {
    /// Listens for what other processes revoke, on a connection of its own, which it makes again whenever it is lost.
    /// Never returns; the caller runs it as a task and drops it at the end.
    ///
    /// A connection may be lost without anybody being told so. While it says nothing, [`Revocation::Missed`] is told again and
    /// again: nothing is believed out of memory for longer than a second.
    pub async fn watch_revocations(&self, connect: Config) -> Infallible {
        let answered = watch::Sender::new(Instant::now());
        tokio::select! {
            never = self.keep_listening(&connect, &answered) => never,
            never = self.doubt_silence(&answered) => never,
        }
    }

    async fn keep_listening(&self, connect: &Config, answered: &watch::Sender<Instant>) -> Infallible {
        let mut pause = RECONNECT_PAUSE_MIN;
        loop {
            match self.listen(connect, answered, &mut pause).await {
                Ok(()) => tracing::warn!("listening for ended sessions: connection closed"),
                Err(error) => tracing::warn!(%error, "listening for ended sessions failed"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(RECONNECT_PAUSE_MAX);
        }
    }

    /// Listens until the connection is lost. `Ok` means that the server closed it.
    async fn listen(
        &self,
        connect: &Config,
        answered: &watch::Sender<Instant>,
        pause: &mut Duration,
    ) -> Result<(), IdentityError> {
        let (client, mut connection) = in_time(connect.connect(NoTls)).await?;
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
            in_time(client.batch_execute(LISTEN)).await?;
            *pause = RECONNECT_PAUSE_MIN;
            // Whatever was ended before this moment was said to nobody.
            self.heard(Revocation::Missed);
            loop {
                answered.send_replace(Instant::now());
                sleep(PROBE_INTERVAL).await;
                in_time(client.batch_execute(LISTEN)).await?;
            }
        };
        tokio::select! { ended = receive => ended, failed = probe => failed }
    }

    /// Says that something may have been missed for as long as the listening connection does not answer.
    async fn doubt_silence(&self, answered: &watch::Sender<Instant>) -> Infallible {
        loop {
            let doubtful = *answered.borrow() + SILENCE_MAX;
            if Instant::now() < doubtful {
                sleep_until(doubtful).await;
                continue;
            }
            self.heard(Revocation::Missed);
            sleep(DOUBT_INTERVAL).await;
        }
    }
}

async fn in_time<T>(
    work: impl Future<Output = Result<T, tokio_postgres::Error>>,
) -> Result<T, IdentityError> {
    let Ok(done) = timeout(PROBE_TIME_MAX, work).await else {
        return Err(IdentityError::Unavailable("no answer in time".to_owned()));
    };
    Ok(done?)
}
