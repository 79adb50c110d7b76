//! Reading the log from a position on: first the past, then live, without a seam.

use std::sync::Arc;

use deadpool_postgres::Pool;
use tokio::sync::watch;
use tokio::time::timeout;

use crate::envelope::{Position, RecordedEvent};
use crate::log::{LONG_READ_WAIT, in_time};
use crate::read::{self, ReadError};
use crate::shared::Shared;

/// Hands out every event after a position, in order, each once. Nothing is buffered for it: a subscription that is
/// not asked costs nothing, and one that is slow reads older pages.
pub struct Subscription {
    shared: Arc<Shared>,
    pool: Pool,
    head: watch::Receiver<Position>,
    after: Position,
}

impl Subscription {
    pub(crate) fn new(shared: Arc<Shared>, pool: Pool, after: Position) -> Self {
        let head = shared.head.subscribe();
        Self {
            shared,
            pool,
            head,
            after,
        }
    }

    /// The position of the last event that was handed out.
    pub fn position(&self) -> Position {
        self.after
    }

    /// The next events: at least one, at most `max`. Waits while there is none.
    ///
    /// After an error the same call may be made again: nothing has been passed over. Dropping the future loses
    /// nothing either.
    pub async fn next(&mut self, max: usize) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        assert!(max > 0, "a page of no events would be waited for in vain");
        loop {
            if self.shared.closing.is_cancelled() {
                return Err(ReadError::Closed);
            }
            let head = *self.head.borrow_and_update();
            if head > self.after {
                let events = self.page(head, max).await?;
                self.after += i64::try_from(events.len()).unwrap_or(i64::MAX);
                return Ok(events);
            }
            tokio::select! {
                changed = self.head.changed() => changed.map_err(|_| ReadError::Closed)?,
                () = self.shared.closing.cancelled() => return Err(ReadError::Closed),
            }
        }
    }

    /// At most `max` events of those that are known to be there.
    async fn page(&self, head: Position, max: usize) -> Result<Vec<Arc<RecordedEvent>>, ReadError> {
        if let Some(events) = self.shared.tail.lock().after(self.after, max) {
            return Ok(events);
        }
        let client = read::client(&self.pool).await?;
        let outcome = timeout(LONG_READ_WAIT, read::page(&client, self.after, max)).await;
        let page = in_time(client, outcome)?;
        let known = usize::try_from(head - self.after).unwrap_or(usize::MAX);
        if !page.cut && page.events.len() < known.min(max) {
            let position = self.after + 1 + i64::try_from(page.events.len()).unwrap_or(i64::MAX);
            return Err(ReadError::Damaged { position }); // the end was cut off behind our back
        }
        self.shared.publish_events(&page.events);
        Ok(page.events)
    }
}
