//! Hearing of what other processes append: notifications on a connection of its own, and a slow look at the head in
//! case one is lost; by another connection while that one says nothing.

use std::future::poll_fn;
use std::sync::Arc;
use std::time::Duration;

use deadpool_postgres::Pool;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, interval_at, sleep, sleep_until, timeout};
use tokio_postgres::{AsyncMessage, Client, Config, NoTls, Socket, tls::NoTlsStream};

use crate::appender::{BACKOFF_MIN, longer};
use crate::connection::{SessionLimits, limited};
use crate::read::{self, ReadError};
use crate::shared::Shared;

const LIMITS: SessionLimits = SessionLimits {
    statement_ms: 5_000,
    lock_ms: 5_000,
    idle_in_transaction_ms: 5_000,
};

/// Longest wait for the head; a connection that takes longer is given up.
const HEAD_WAIT: Duration = Duration::from_secs(3);

/// Publishes the head of the log whenever somebody moves it, until the log is closed.
pub(crate) async fn listen(connect: Config, pool: Pool, shared: Arc<Shared>, poll_interval: Duration) {
    let connect = limited(&connect, LIMITS);
    let closing = shared.closing.clone();
    let looked = watch::Sender::new(Instant::now());
    let mut pause = BACKOFF_MIN;
    let following = async {
        loop {
            match follow(&connect, &shared, poll_interval, &looked, &mut pause).await {
                Ok(()) => tracing::debug!("the listening connection ended"),
                Err(error) => tracing::debug!(error = %error, "the listening connection failed"),
            }
            sleep(pause).await;
            pause = longer(pause);
        }
    };
    tokio::select! {
        () = closing.cancelled() => {}
        () = following => {}
        () = look_past_silence(&pool, &shared, poll_interval, &looked) => {}
    }
}

/// Listens on one connection until it ends.
async fn follow(
    connect: &Config,
    shared: &Arc<Shared>,
    poll_interval: Duration,
    looked: &watch::Sender<Instant>,
    pause: &mut Duration,
) -> Result<(), ReadError> {
    // The time limit for connecting is that of the socket only: somebody may take it and never say a word.
    let (client, connection) = in_time(async { Ok(connect.connect(NoTls).await?) }).await?;
    let woken = Arc::new(Notify::new());
    let mut driver = Aborted(tokio::spawn(drive(
        connection,
        Arc::clone(shared),
        Arc::clone(&woken),
    )));
    in_time(async { Ok(client.batch_execute("LISTEN informejo_log").await?) }).await?;
    look(&client, shared).await?; // whatever happened while nobody listened
    *pause = BACKOFF_MIN;
    let mut poll = interval_at(Instant::now() + poll_interval, poll_interval);
    loop {
        looked.send_replace(Instant::now());
        tokio::select! {
            () = woken.notified() => {}
            _ = poll.tick() => {}
            _ = &mut driver.0 => return Ok(()),
        }
        look(&client, shared).await?;
    }
}

/// Looks at the head by the pool's connections while the listening one does not answer: it may be lost without anybody
/// having been told so, and others must not be heard of late because of that.
async fn look_past_silence(
    pool: &Pool,
    shared: &Shared,
    poll_interval: Duration,
    looked: &watch::Sender<Instant>,
) {
    loop {
        let silent = *looked.borrow() + 2 * poll_interval;
        if Instant::now() < silent {
            sleep_until(silent).await;
            continue;
        }
        let looking = in_time(async { look(&*read::client(pool).await?, shared).await });
        if let Err(error) = looking.await {
            tracing::debug!(error = %error, "the log's head cannot be seen");
        }
        sleep(poll_interval).await;
    }
}

/// Reads the head and publishes it.
async fn look(client: &Client, shared: &Shared) -> Result<(), ReadError> {
    let head = in_time(read::head(client)).await?;
    shared.publish(head.position);
    Ok(())
}

async fn in_time<T>(work: impl Future<Output = Result<T, ReadError>>) -> Result<T, ReadError> {
    timeout(HEAD_WAIT, work)
        .await
        .unwrap_or_else(|elapsed| Err(ReadError::Unavailable(Box::new(elapsed))))
}

/// Moves the connection's bytes and passes on notifications; several that come together wake once.
async fn drive(
    mut connection: tokio_postgres::Connection<Socket, NoTlsStream>,
    shared: Arc<Shared>,
    woken: Arc<Notify>,
) {
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notification(notification) = message
            && !shared.is_own_backend(notification.process_id())
        {
            woken.notify_one();
        }
    }
}

/// A task that ends with its owner.
struct Aborted(JoinHandle<()>);

impl Drop for Aborted {
    fn drop(&mut self) {
        self.0.abort();
    }
}
