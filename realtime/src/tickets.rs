//! Tickets as realtime needs them: folded from the log, the recent ones remembered.

use std::sync::Arc;

use domain::TicketId;
use domain::decider::Decider;
use domain::ticket::{Ticket, TicketEvent, Tickets, evolve};
use eventlog::{EventLog, RecordedEvent, StreamId, Version};
use moka::future::Cache;

use crate::error::RealtimeError;

/// Events that are read at once: a stream is folded piece by piece, so that long ones take no memory.
const PAGE_EVENTS: usize = 128;
/// What a remembered ticket takes beside its texts, about.
const TICKET_BYTES: usize = 400;

/// A ticket and how many of its events are in it.
#[derive(Clone, Debug)]
pub(crate) struct Folded {
    pub(crate) version: Version,
    pub(crate) ticket: Ticket,
}

/// What it takes in memory, roughly, in bytes.
pub(crate) fn cost(folded: &Folded) -> u32 {
    let texts = folded.ticket.title.as_str().len() + folded.ticket.description.as_str().len();
    u32::try_from(texts + TICKET_BYTES).unwrap_or(u32::MAX)
}

/// Folds tickets. Only the relay puts them into the cache, in log order; others read what is there.
pub(crate) struct FoldedTickets {
    log: EventLog,
    cache: Cache<TicketId, Arc<Folded>>,
}

impl FoldedTickets {
    pub(crate) fn new(log: EventLog, cache_bytes: u64) -> Self {
        let cache = Cache::builder()
            .max_capacity(cache_bytes)
            .weigher(|_, folded: &Arc<Folded>| cost(folded))
            .build();
        Self { log, cache }
    }

    /// The ticket after the last of its events that was relayed, if it is remembered.
    pub(crate) async fn remembered(&self, id: TicketId) -> Option<Arc<Folded>> {
        self.cache.get(&id).await
    }

    /// The ticket before and after `recorded`, which is `event` and comes right after what the relay has put here
    /// before.
    pub(crate) async fn around(
        &self,
        id: TicketId,
        recorded: &RecordedEvent,
        event: &TicketEvent,
    ) -> Result<(Option<Arc<Folded>>, Arc<Folded>), RealtimeError> {
        let before = match self.cache.get(&id).await {
            Some(folded) if folded.version + 1 == recorded.version => Some(folded),
            Some(_) | None => self.fold(id, recorded.version - 1).await?.map(Arc::new),
        };
        let after = evolve(
            before.as_ref().map(|before| before.ticket.clone()),
            event,
            recorded.recorded_at,
        );
        let after = Folded {
            version: recorded.version,
            ticket: after.ok_or(RealtimeError::NoTicket)?,
        };
        Ok((before, Arc::new(after)))
    }

    /// Remembers a ticket whose event has been relayed.
    pub(crate) async fn remember(&self, folded: Arc<Folded>) {
        self.cache.insert(folded.ticket.id, folded).await;
    }

    /// The ticket after its first `versions` events, or all of them.
    async fn fold(&self, id: TicketId, versions: Version) -> Result<Option<Folded>, RealtimeError> {
        let stream = StreamId::new(Tickets::CATEGORY, id.as_uuid());
        let (mut ticket, mut version) = (None, 0);
        while version < versions {
            let left = usize::try_from(versions - version).unwrap_or(usize::MAX);
            let limit = left.min(PAGE_EVENTS);
            let page = self.log.read_stream(&stream, version, limit).await?;
            let is_last = page.len() < limit;
            for recorded in page {
                assert_eq!(recorded.version, version + 1, "a stream's versions have no gaps");
                version = recorded.version;
                ticket = evolve(ticket, &decode(&recorded)?, recorded.recorded_at);
            }
            if is_last {
                break;
            }
        }
        Ok(ticket.map(|ticket| Folded { version, ticket }))
    }
}

/// The ticket's event in a recorded one.
pub(crate) fn decode(recorded: &RecordedEvent) -> Result<TicketEvent, RealtimeError> {
    Ok(Tickets::decode(
        &recorded.event_type,
        recorded.schema_version,
        &recorded.payload,
    )?)
}
