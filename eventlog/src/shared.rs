//! What the appender, the listener and the subscriptions of one process share.

use std::sync::Arc;
use std::sync::atomic::{AtomicI32, Ordering};

use parking_lot::Mutex;
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use crate::envelope::{Position, RecordedEvent};
use crate::meters::Meters;
use crate::tail::Tail;

pub(crate) struct Shared {
    /// The newest events, for readers at the head.
    pub(crate) tail: Mutex<Tail>,
    /// The last position that this process knows to be committed. Only grows.
    pub(crate) head: watch::Sender<Position>,
    /// Process id of the appender's backend, whose notifications tell nothing new here; 0 while there is none.
    pub(crate) appender_backend: AtomicI32,
    /// Commands of this process that may append something soon.
    pub(crate) under_way: watch::Sender<usize>,
    /// The log is being closed.
    pub(crate) closing: CancellationToken,
    /// What counts.
    pub(crate) meters: Meters,
}

impl Shared {
    pub(crate) fn new(tail: Tail, meters: Meters) -> Self {
        Self {
            tail: Mutex::new(tail),
            head: watch::Sender::new(0),
            appender_backend: AtomicI32::new(0),
            under_way: watch::Sender::new(0),
            closing: CancellationToken::new(),
            meters,
        }
    }

    /// Tells everybody who waits that the log reaches to `position`.
    pub(crate) fn publish(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let grows = position > *head;
            if grows {
                *head = position;
            }
            grows
        });
    }

    /// The same, for events that are at hand.
    pub(crate) fn publish_events(&self, events: &[Arc<RecordedEvent>]) {
        self.tail.lock().extend(events);
        if let Some(last) = events.last() {
            self.publish(last.position);
        }
    }

    /// Whether a notification came from this process's own appender.
    pub(crate) fn is_own_backend(&self, process_id: i32) -> bool {
        self.appender_backend.load(Ordering::Relaxed) == process_id
    }
}
