//! Messages between nodes over Postgres' LISTEN and NOTIFY, on one connection of their own.
//!
//! A NOTIFY takes a lock at its commit that the appends to the log take as well, so what gathers within
//! `GATHER` goes out in one transaction, without waiting for the disk. Nothing is stored.

use std::convert::Infallible;
use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use futures::stream::{self, BoxStream};
use parking_lot::Mutex;
use realtime::{SIGNAL_BYTES_MAX, Signal, Signals};
use tokio::sync::{broadcast, mpsc};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls};

/// The Postgres channel.
const CHANNEL: &str = "informejo_live";
/// What a session is set to: its statements are short, and its commits need not be on the disk.
const SESSION: &str = "SET synchronous_commit = off; SET statement_timeout = '5s'; LISTEN informejo_live";
/// Shortest time between two transactions: a message after a silence goes at once.
const GATHER: Duration = Duration::from_millis(25);
/// Bytes of one notification, at most; Postgres refuses 8,000.
const PAYLOAD_BYTES_MAX: usize = 7_900;
/// Messages that wait to be said, at most. What comes beyond is lost, and the others notice.
const OUTGOING_MAX: usize = 4_096;
/// Messages that a follower may fall behind by, before it is told that it missed some.
const BACKLOG_MAX: usize = 4_096;
/// How often the connection is asked whether it is there while nothing is said, and how long it may take to answer.
const PROBE_INTERVAL: Duration = Duration::from_secs(5);
const ANSWER_TIME_MAX: Duration = Duration::from_secs(5);
/// Pause before a lost connection is made again: doubles from the first to the second.
const RECONNECT_PAUSE_MIN: Duration = Duration::from_millis(100);
const RECONNECT_PAUSE_MAX: Duration = Duration::from_secs(5);

/// See above. Somebody must run [`PostgresSignals::carry`] for it.
pub struct PostgresSignals {
    outgoing: mpsc::Sender<String>,
    waiting: Mutex<Option<mpsc::Receiver<String>>>,
    news: broadcast::Sender<Signal>,
}

/// Why a connection was given up.
#[derive(Debug, thiserror::Error)]
enum Lost {
    #[error("the database did not answer in time")]
    Silent,
    #[error(transparent)]
    Failed(#[from] tokio_postgres::Error),
}

impl PostgresSignals {
    /// A way that nobody carries anything along yet.
    pub fn new() -> Arc<Self> {
        let (outgoing, waiting) = mpsc::channel(OUTGOING_MAX);
        Arc::new(Self {
            outgoing,
            waiting: Mutex::new(Some(waiting)),
            news: broadcast::Sender::new(BACKLOG_MAX),
        })
    }

    /// Carries messages, on a connection that it makes again whenever it is lost. Never returns; the caller runs it as a
    /// task, once, and drops it at the end.
    pub async fn carry(self: Arc<Self>, connect: Config) -> Infallible {
        let waiting = self.waiting.lock().take();
        let Some(mut waiting) = waiting else {
            return std::future::pending().await;
        };
        let mut pause = RECONNECT_PAUSE_MIN;
        loop {
            match self.follow(&connect, &mut waiting, &mut pause).await {
                Ok(()) => tracing::warn!("the connection for signals between nodes was closed"),
                Err(error) => tracing::warn!(%error, "signals between nodes are interrupted"),
            }
            sleep(pause).await;
            pause = (pause * 2).min(RECONNECT_PAUSE_MAX);
            // Too old to be of use: everybody is told that something was missed.
            while waiting.try_recv().is_ok() {}
        }
    }

    /// Carries messages until the connection is lost. `Ok` means that the server closed it.
    async fn follow(
        &self,
        connect: &Config,
        waiting: &mut mpsc::Receiver<String>,
        pause: &mut Duration,
    ) -> Result<(), Lost> {
        let (client, mut connection) = in_time(connect.connect(NoTls)).await?;
        let hear = async {
            while let Some(message) = poll_fn(|context| connection.poll_message(context)).await {
                if let AsyncMessage::Notification(notification) = message?
                    && notification.channel() == CHANNEL
                {
                    self.heard(notification.payload());
                }
            }
            Ok(())
        };
        let say = async {
            in_time(client.batch_execute(SESSION)).await?;
            *pause = RECONNECT_PAUSE_MIN;
            self.tell(Signal::Missed);
            speak(&client, waiting).await
        };
        tokio::select! { ended = hear => ended, failed = say => failed.map(|never| match never {}) }
    }

    fn heard(&self, payload: &str) {
        for line in payload.lines() {
            self.tell(Signal::Heard(line.to_owned()));
        }
    }

    fn tell(&self, signal: Signal) {
        // Nobody may be listening yet, or any more.
        let _ = self.news.send(signal);
    }
}

impl Signals for PostgresSignals {
    fn publish(&self, message: String) {
        if message.len() > SIGNAL_BYTES_MAX || message.contains('\n') {
            tracing::error!(bytes = message.len(), "a signal between nodes cannot be carried");
            return;
        }
        if self.outgoing.try_send(message).is_err() {
            tracing::debug!("a signal between nodes is lost: too many wait");
        }
    }

    fn news(&self) -> BoxStream<'static, Signal> {
        let news = self.news.subscribe();
        stream::unfold(news, |mut news| async move {
            match news.recv().await {
                Ok(signal) => Some((signal, news)),
                Err(broadcast::error::RecvError::Lagged(_)) => Some((Signal::Missed, news)),
                Err(broadcast::error::RecvError::Closed) => None,
            }
        })
        .boxed()
    }
}

/// Says what waits, for ever: at once after a silence, else what has gathered.
async fn speak(client: &Client, waiting: &mut mpsc::Receiver<String>) -> Result<Infallible, Lost> {
    let notify = in_time(client.prepare("SELECT pg_notify($1, payload) FROM unnest($2::text[]) AS payload"));
    let notify = notify.await?;
    let mut messages = Vec::new();
    loop {
        let Ok(count) = timeout(PROBE_INTERVAL, waiting.recv_many(&mut messages, OUTGOING_MAX)).await else {
            in_time(client.batch_execute("SELECT 1")).await?;
            continue;
        };
        if count == 0 {
            // Its sender is ours, and lives as long.
            return std::future::pending().await;
        }
        let next = Instant::now() + GATHER;
        let payloads = packed(&messages);
        messages.clear();
        in_time(client.execute(&notify, &[&CHANNEL, &payloads])).await?;
        sleep_until(next).await;
    }
}

async fn in_time<T>(work: impl Future<Output = Result<T, tokio_postgres::Error>>) -> Result<T, Lost> {
    Ok(timeout(ANSWER_TIME_MAX, work).await.map_err(|_| Lost::Silent)??)
}

/// The messages in as few notifications as they fit into, in their order.
fn packed(messages: &[String]) -> Vec<String> {
    let mut payloads: Vec<String> = Vec::new();
    for message in messages {
        match payloads.last_mut() {
            Some(payload) if payload.len() + 1 + message.len() <= PAYLOAD_BYTES_MAX => {
                payload.push('\n');
                payload.push_str(message);
            }
            Some(_) | None => payloads.push(message.clone()),
        }
    }
    payloads
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_packed_in_order_and_no_notification_is_too_long() {
        let messages: Vec<String> = (0..500).map(|n| format!("{n} {}", "x".repeat(n * 13))).collect();
        let payloads = packed(&messages);
        assert!(payloads.iter().all(|payload| payload.len() <= PAYLOAD_BYTES_MAX));
        let unpacked: Vec<&str> = payloads.iter().flat_map(|payload| payload.lines()).collect();
        assert_eq!(unpacked, messages);
        for pair in payloads.windows(2) {
            let next = pair[1].lines().next().unwrap();
            assert!(
                pair[0].len() + 1 + next.len() > PAYLOAD_BYTES_MAX,
                "there was room left"
            );
        }
        assert!(packed(&[]).is_empty());
    }
}
