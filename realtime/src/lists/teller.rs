//! Tells numbers of lists as they change, at most once a second each.

use std::collections::HashMap;
use std::sync::Arc;

use eventlog::Position;
use tokio::time::{Instant, sleep_until};
use wire::live::{ListCounts, ListTallies, event};

use super::COUNTS_INTERVAL;
use super::watch::{List, Watched};
use crate::frame::Frame;
use crate::shared::Shared;

/// The numbers of some lists, as frames that are made once for each name of a list.
pub(crate) struct CountFrames {
    counts: HashMap<u64, (Position, ListTallies)>,
    frames: HashMap<(u64, Arc<str>), Option<Arc<Frame>>>,
}

impl CountFrames {
    fn new(told: Vec<(Arc<List>, (Position, ListTallies))>) -> Self {
        let counts = told.into_iter();
        Self {
            counts: counts.map(|(list, counts)| (list.number, counts)).collect(),
            frames: HashMap::new(),
        }
    }

    /// The frame for whoever watches so; none if the list's numbers are not among these.
    pub(crate) fn frame(&mut self, watched: &Watched) -> Option<Arc<Frame>> {
        let list = watched.list.as_ref()?.number;
        let (position, counts) = self.counts.get(&list)?;
        let name = &watched.watch.name;
        let make = || {
            let counts = ListCounts {
                list: name.to_string(),
                position: *position,
                counts: counts.clone(),
            };
            Frame::plain(event::LIST_COUNTS, &counts)
        };
        self.frames
            .entry((list, Arc::clone(name)))
            .or_insert_with(make)
            .clone()
    }
}

/// Tells numbers as they change, until realtime stops.
pub(crate) async fn tell_counts(shared: Arc<Shared>) {
    let mut next: Option<Instant> = None;
    loop {
        let wait = async {
            match next {
                Some(next) => sleep_until(next).await,
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = shared.stop.cancelled() => return,
            () = shared.lists.changed.notified() => {}
            () = wait => {}
        }
        let due = shared.lists.due(Instant::now());
        next = due.next;
        for list in due.unknown {
            // What cannot be read now is tried again.
            let read = shared
                .lists
                .read_counts(&list, &shared.log_reads, shared.options.patience);
            let retry = if read.await.is_ok() {
                Instant::now()
            } else {
                Instant::now() + COUNTS_INTERVAL
            };
            next = Some(next.map_or(retry, |next| next.min(retry)));
        }
        if !due.told.is_empty() {
            tell(&shared, CountFrames::new(due.told));
        }
    }
}

fn tell(shared: &Shared, mut frames: CountFrames) {
    for client in shared.registry.everybody().iter() {
        let delivery = client.tell_counts(&mut frames);
        shared.registry.settle(client, delivery);
    }
}
