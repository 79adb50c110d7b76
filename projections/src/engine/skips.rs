//! Skipped events: what operators decided that a read model passes over. The log remembers it, so that live
//! application, a retry, a rebuild and a verification all come to the same rows.

use std::collections::HashSet;

use domain::operation::{EventSkipped, OperationEvent, Operations};
use eventlog::{EventFacts, EventLog, RecordedEvent, Version};
use uuid::Uuid;

use super::copy::Copies;
use super::model::{ApplyError, Fold, decode};
use crate::error::EngineError;

/// The category of the streams in which it is written.
pub(crate) const CATEGORY: &str = "operation";
/// How many of these events are read at once.
const PAGE: usize = 500;

/// The events that one read model passes over.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Skips {
    events: HashSet<(Uuid, Version)>,
}

impl Skips {
    /// None.
    pub fn none() -> Self {
        Self::default()
    }

    /// Those of the read model `name`, as the log has them now.
    pub async fn load(log: &EventLog, name: &str) -> Result<Self, EngineError> {
        let mut skips = Self::none();
        let mut after = 0;
        loop {
            let page = log.read_category(CATEGORY, after, PAGE).await?;
            for event in &page {
                after = event.position;
                if let Some(skipped) = skipped(event, name)? {
                    skips.events.insert((skipped.stream, skipped.version));
                }
            }
            if page.len() < PAGE {
                return Ok(skips);
            }
        }
    }

    /// Whether an event has no effect: it is skipped itself, or the beginning of its stream is, without which the rest
    /// means nothing.
    pub fn pass_over(&self, stream: Uuid, version: Version) -> bool {
        !self.events.is_empty()
            && (self.events.contains(&(stream, version)) || self.events.contains(&(stream, 1)))
    }

    /// Gives `event` to `fold`, as one with an effect or as one without.
    pub fn push(
        &self,
        fold: &mut dyn Fold,
        event: &EventFacts<'_>,
        out: &mut Copies,
    ) -> Result<(), ApplyError> {
        if self.pass_over(event.stream, event.version) {
            fold.pass_over(event, out);
            return Ok(());
        }
        fold.push(event, out)
    }
}

impl FromIterator<(Uuid, Version)> for Skips {
    fn from_iter<I: IntoIterator<Item = (Uuid, Version)>>(events: I) -> Self {
        Self {
            events: events.into_iter().collect(),
        }
    }
}

/// Whether `event` decides about the read model `name`.
pub(crate) fn concerns(event: &RecordedEvent, name: &str) -> bool {
    event.stream.category == CATEGORY && !matches!(skipped(event, name), Ok(None))
}

fn skipped(event: &RecordedEvent, name: &str) -> Result<Option<EventSkipped>, ApplyError> {
    let OperationEvent::EventSkipped(skipped) = decode::<Operations>(&EventFacts::from(event))?;
    Ok((skipped.projection == name).then_some(skipped))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_passed_over_and_so_is_a_stream_without_its_beginning() {
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let skips: Skips = [(one, 3), (other, 1)].into_iter().collect();
        assert!(skips.pass_over(one, 3));
        assert!(!skips.pass_over(one, 4));
        assert!(skips.pass_over(other, 1));
        assert!(skips.pass_over(other, 7));
        assert!(!Skips::none().pass_over(one, 1));
    }
}
