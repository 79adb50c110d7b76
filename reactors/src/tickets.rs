//! Tickets as they were after an event, folded from the log; the recent ones remembered.

use std::sync::Arc;

use domain::TicketId;
use domain::codec::CodecError;
use domain::decider::Decider;
use domain::ticket::{Ticket, TicketEvent, Tickets, evolve};
use eventlog::{EventLog, ReadError, RecordedEvent, StreamId, Version};
use moka::future::Cache;

/// Events of a stream that are read at once.
const PAGE_EVENTS: usize = 128;
/// What all remembered tickets may take in memory, about, in bytes.
const REMEMBERED_BYTES: u64 = 16 * 1024 * 1024;

/// A ticket and how many of its events are in it.
struct Folded {
    version: Version,
    ticket: Option<Ticket>,
}

/// Folds tickets.
#[derive(Clone)]
pub(crate) struct FoldedTickets {
    log: EventLog,
    remembered: Cache<TicketId, Arc<Folded>>,
}

impl FoldedTickets {
    pub(crate) fn new(log: EventLog) -> Self {
        let cost = |_: &TicketId, folded: &Arc<Folded>| {
            let heap = folded.ticket.as_ref().map_or(0, Tickets::heap_bytes);
            u32::try_from(heap + size_of::<Folded>()).unwrap_or(u32::MAX)
        };
        let remembered = Cache::builder().max_capacity(REMEMBERED_BYTES).weigher(cost);
        Self {
            log,
            remembered: remembered.build(),
        }
    }

    /// The ticket after `recorded`, which is `event`; none if the stream does not begin with its ticket.
    pub(crate) async fn after(
        &self,
        recorded: &RecordedEvent,
        event: &TicketEvent,
    ) -> Result<Option<Ticket>, ReadError> {
        let id = TicketId::from_uuid(recorded.stream.id);
        let before = match self.remembered.get(&id).await {
            Some(folded) if folded.version + 1 == recorded.version => folded.ticket.clone(),
            Some(_) | None => self.fold(&recorded.stream, recorded.version - 1).await?,
        };
        let ticket = evolve(before, event, recorded.recorded_at);
        let folded = Arc::new(Folded {
            version: recorded.version,
            ticket: ticket.clone(),
        });
        self.remembered.insert(id, folded).await;
        Ok(ticket)
    }

    /// The ticket after its first `versions` events. One that cannot be read changes nothing, as in the read models.
    async fn fold(&self, stream: &StreamId, versions: Version) -> Result<Option<Ticket>, ReadError> {
        let (mut ticket, mut version) = (None, 0);
        while version < versions {
            let left = usize::try_from(versions - version).unwrap_or(usize::MAX);
            let page = self
                .log
                .read_stream(stream, version, left.min(PAGE_EVENTS))
                .await?;
            let Some(last) = page.last() else { break };
            version = last.version;
            for recorded in &page {
                if let Ok(event) = decode(recorded) {
                    ticket = evolve(ticket, &event, recorded.recorded_at);
                }
            }
        }
        Ok(ticket)
    }
}

/// The ticket's event in a recorded one.
pub(crate) fn decode(recorded: &RecordedEvent) -> Result<TicketEvent, CodecError> {
    Tickets::decode(&recorded.event_type, recorded.schema_version, &recorded.payload)
}
