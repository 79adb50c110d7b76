//! The newest events in memory, so that readers at the head of the log do not each ask the database for the same.

use std::collections::VecDeque;
use std::sync::Arc;

use crate::envelope::{Position, RecordedEvent};

/// What an event costs beside its texts, roughly: the struct, its pointer and the allocations.
const EVENT_OVERHEAD_BYTES: usize = 320;

/// A gapless run of the newest events, bounded in count and bytes. It may lag behind the log, and may be empty: what
/// it has is true, what it lacks is read from the database.
pub(crate) struct Tail {
    events: VecDeque<Arc<RecordedEvent>>,
    bytes: usize,
    events_max: usize,
    bytes_max: usize,
}

impl Tail {
    pub(crate) fn new(events_max: usize, bytes_max: usize) -> Self {
        Self {
            events: VecDeque::new(),
            bytes: 0,
            events_max,
            bytes_max,
        }
    }

    /// Takes in events that are in the log, in order and without a gap: what it has already is passed over, and a gap
    /// (another process appended in between) begins the run anew.
    pub(crate) fn extend(&mut self, events: &[Arc<RecordedEvent>]) {
        for event in events {
            let next = self
                .events
                .back()
                .map_or(event.position, |last| last.position + 1);
            if event.position < next {
                continue;
            }
            if event.position > next {
                self.events.clear();
                self.bytes = 0;
            }
            self.bytes += cost(event);
            self.events.push_back(Arc::clone(event));
        }
        while self.events.len() > self.events_max || self.bytes > self.bytes_max {
            let Some(oldest) = self.events.pop_front() else {
                break;
            };
            self.bytes -= cost(&oldest);
        }
    }

    /// At most `max` events after a position, or `None` if the first of them is not here.
    pub(crate) fn after(&self, after: Position, max: usize) -> Option<Vec<Arc<RecordedEvent>>> {
        let first = self.events.front()?.position;
        let skip = usize::try_from(after.checked_add(1)?.checked_sub(first)?).ok()?;
        if skip >= self.events.len() {
            return None;
        }
        let found: Vec<_> = self.events.range(skip..).take(max).cloned().collect();
        debug_assert!(found.first().is_none_or(|event| event.position == after + 1));
        Some(found)
    }
}

fn cost(event: &RecordedEvent) -> usize {
    EVENT_OVERHEAD_BYTES + event.payload.len() + event.metadata.len() + event.event_type.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::envelope::StreamId;
    use domain::time::Timestamp;
    use std::ops::RangeInclusive;
    use uuid::Uuid;

    fn events(positions: RangeInclusive<Position>) -> Vec<Arc<RecordedEvent>> {
        let event = |position| RecordedEvent {
            position,
            stream: StreamId::new("thing", Uuid::nil()),
            version: position,
            event_id: Uuid::nil(),
            event_type: String::new(),
            schema_version: 1,
            payload: "0123456789".to_owned(),
            metadata: String::new(),
            recorded_at: Timestamp::EPOCH,
            command_id: Uuid::nil(),
            command_index: 0,
            hash: [0; 32],
        };
        positions.map(|position| Arc::new(event(position))).collect()
    }

    fn positions(tail: &Tail, after: Position, max: usize) -> Option<Vec<Position>> {
        tail.after(after, max)
            .map(|events| events.iter().map(|event| event.position).collect())
    }

    #[test]
    fn gives_what_it_has_and_nothing_else() {
        let mut tail = Tail::new(100, usize::MAX);
        assert_eq!(positions(&tail, 0, 10), None);
        tail.extend(&events(5..=8));
        assert_eq!(positions(&tail, 3, 10), None);
        assert_eq!(positions(&tail, 4, 10), Some(vec![5, 6, 7, 8]));
        assert_eq!(positions(&tail, 6, 1), Some(vec![7]));
        assert_eq!(positions(&tail, 8, 10), None);
        assert_eq!(positions(&tail, 99, 10), None);
        assert_eq!(positions(&tail, i64::MAX, 10), None);
    }

    #[test]
    fn overlaps_are_passed_over_and_gaps_begin_anew() {
        let mut tail = Tail::new(100, usize::MAX);
        tail.extend(&events(1..=4));
        tail.extend(&events(3..=6));
        assert_eq!(positions(&tail, 0, 10), Some(vec![1, 2, 3, 4, 5, 6]));
        tail.extend(&events(2..=3));
        assert_eq!(positions(&tail, 5, 10), Some(vec![6]));
        tail.extend(&events(9..=10));
        assert_eq!(positions(&tail, 5, 10), None);
        assert_eq!(positions(&tail, 8, 10), Some(vec![9, 10]));
    }

    #[test]
    fn is_bounded_in_count_and_bytes() {
        let mut tail = Tail::new(3, usize::MAX);
        tail.extend(&events(1..=10));
        assert_eq!(positions(&tail, 7, 10), Some(vec![8, 9, 10]));
        let mut tail = Tail::new(100, 2 * (EVENT_OVERHEAD_BYTES + 10));
        tail.extend(&events(1..=10));
        assert_eq!(positions(&tail, 8, 10), Some(vec![9, 10]));
        assert_eq!(tail.bytes, 2 * (EVENT_OVERHEAD_BYTES + 10));
    }
}
