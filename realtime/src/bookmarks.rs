//! Tells clients for whom nothing happens how far the log has come meanwhile.
//!
//! A client that hears of few events knows of an old position only. When it comes back after a short loss, that would
//! be too far back, though it missed nothing.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use eventlog::Position;
use tokio::time::sleep;

use crate::shared::Shared;

/// A bookmark is worth a frame when it is this part of what is told one by one.
const WORTH: Position = 10;
/// Clients that are told in one go.
const CLIENTS_PER_TURN: usize = 256;

/// Bookmarks, until realtime stops.
pub(crate) async fn keep_bookmarks(shared: Arc<Shared>) {
    loop {
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = sleep(shared.options.bookmark_interval) => {}
        }
        let behind_min = shared.options.resume_events_max / WORTH;
        for clients in shared.registry.everybody().chunks(CLIENTS_PER_TURN) {
            // What is being told at this moment has not come to all of them.
            let relayed = *shared.relayed.borrow();
            let sent = clients
                .iter()
                .filter(|client| client.bookmark(relayed, behind_min))
                .count();
            shared
                .bookmarks
                .fetch_add(u64::try_from(sent).unwrap_or(u64::MAX), Ordering::Relaxed);
            tokio::task::yield_now().await;
        }
    }
}
