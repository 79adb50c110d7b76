//! Takes a client that is behind to where the relay is, at the client's own pace.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use eventlog::Position;
use tokio::time::{Instant, sleep};

use crate::client::{Client, Standing};
use crate::error::RealtimeError;
use crate::passed::Stretch;
use crate::shared::Shared;

/// Positions that are told between two pauses: a quarter of a connection's buffer, so that there is room for answers to
/// what the client asks meanwhile.
const BURST_EVENTS: usize = 64;
/// Pauses between bursts: short ones for a client that reads as fast as it is told, longer and longer ones for others.
const PAUSE_MIN: Duration = Duration::from_millis(1);
const PAUSE_MAX: Duration = Duration::from_millis(200);
/// How long to rest when the log cannot be read, at first and at most.
const REST_MIN: Duration = Duration::from_millis(50);
const REST_MAX: Duration = Duration::from_secs(1);

/// Sees to it that a client that is behind catches up. Does nothing if it is not.
pub(crate) fn see_to(shared: &Arc<Shared>, client: &Arc<Client>, standing: Standing) {
    match standing {
        Standing::Live => {}
        Standing::Behind(at) => {
            let catching_up = catch_up(Arc::clone(shared), Arc::clone(client), at);
            let stop = shared.stop.clone();
            shared.tasks.spawn(stop.run_until_cancelled_owned(catching_up));
        }
        Standing::Full => shared.registry.cut(client, "it does not read"),
        Standing::Closed => {
            shared.registry.remove(client);
        }
        Standing::Gone => client.link.cut(),
    }
}

/// Tells the client what it has missed until it is live or gone. It is waited for while it reads, and cut when it has
/// taken nothing for too long: it comes back to where it was.
async fn catch_up(shared: Arc<Shared>, client: Arc<Client>, mut at: Position) {
    shared.behind.fetch_add(1, Ordering::Relaxed);
    let _counted = Counted(Arc::clone(&shared));
    let mut pause = PAUSE_MIN;
    let mut rest = REST_MIN;
    let mut moved = Instant::now();
    loop {
        let missed = match missed(&shared, at).await {
            Ok(missed) => missed,
            Err(error) => {
                tracing::warn!(%error, client = %client.id, "[Socket.IO] What a client missed cannot be read");
                sleep(rest).await;
                rest = (rest * 2).min(REST_MAX);
                if client.is_gone() {
                    return;
                }
                continue;
            }
        };
        rest = REST_MIN;
        let (standing, frames) = client.catch_up(&missed, &shared.begun);
        shared.registry.count_frames(frames);
        let now_at = client.at();
        if now_at > at {
            (at, moved) = (now_at, Instant::now());
        }
        match standing {
            Standing::Behind(_) => pause = (pause * 3 / 4).max(PAUSE_MIN),
            Standing::Full if moved.elapsed() < shared.options.stall_timeout => {
                pause = (pause * 2).min(PAUSE_MAX);
            }
            Standing::Live | Standing::Full | Standing::Closed | Standing::Gone => {
                see_to(&shared, &client, standing);
                return;
            }
        }
        sleep(pause).await;
    }
}

/// Some of what happened after a position; nothing if the relay is no further.
async fn missed(shared: &Shared, at: Position) -> Result<Stretch, Arc<RealtimeError>> {
    let first_recent = {
        let recent = shared.recent.lock();
        if let Some(missed) = recent.after(at, BURST_EVENTS) {
            return Ok(missed);
        }
        recent.first()
    };
    let page = shared.pages.after(shared, at, first_recent - 1).await?;
    Ok(page.after(at, BURST_EVENTS))
}

/// A client that is catching up, for the figures.
struct Counted(Arc<Shared>);

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.behind.fetch_sub(1, Ordering::Relaxed);
    }
}
