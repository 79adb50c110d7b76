//! How many events are told together.
//!
//! To write to a client costs about as much for four events as for one. So where telling takes long, the relay waits a
//! little for what is near: with thousands of clients, everybody has everything sooner. Where it does not, or where
//! nothing is near, it waits for nothing.

use std::sync::Arc;
use std::time::Duration;

use eventlog::{ReadError, RecordedEvent, Subscription};
use tokio::time::{Instant, sleep_until};

use crate::shared::Shared;
use crate::turn::TURN_EVENTS;

/// Events that are taken from the log at once.
const BATCH_EVENTS: usize = 256;
/// This part of the time that the last events took to tell is spent on waiting for more, within these bounds.
const PART: u32 = 4;
const PATIENCE_MIN: Duration = Duration::from_micros(500);
const PATIENCE_MAX: Duration = Duration::from_millis(5);

/// See above.
#[derive(Default)]
pub(crate) struct Pace {
    patience: Duration,
}

impl Pace {
    /// The last events took so long to tell.
    pub(crate) fn took(&mut self, time: Duration) {
        self.patience = (time / PART).min(PATIENCE_MAX);
    }

    /// The next events, at least one.
    pub(crate) async fn next(
        &self,
        shared: &Shared,
        subscription: &mut Subscription,
    ) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        // They came while others were told, and so may the next.
        let is_pressed = *shared.log.head_watch().borrow() > subscription.position();
        let mut events = subscription.next(BATCH_EVENTS).await?;
        if self.patience < PATIENCE_MIN {
            return Ok(events);
        }
        let until = Instant::now() + self.patience;
        while events.len() < usize::from(TURN_EVENTS) {
            tokio::select! {
                biased;
                more = subscription.next(BATCH_EVENTS) => events.extend(more?),
                () = shared.log.idle(), if !is_pressed => break,
                () = sleep_until(until) => break,
            }
        }
        Ok(events)
    }
}
