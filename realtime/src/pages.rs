//! Pages of the log as they are told to clients that were away: each is read once, however many clients need it.
//!
//! A page is aligned, so that clients which left at different moments read the same ones. What is told of a page are
//! tickets as they were at each of its events; they are folded from what their streams had before the page, all of them
//! in one read. A ticket that is deleted by now shows in its deletion only.

use std::collections::HashMap;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use domain::TicketId;
use domain::account::Accounts as AccountStreams;
use domain::decider::Decider;
use domain::ticket::{TicketEvent, Tickets, evolve};
use eventlog::{Position, RecordedEvent, StreamEnds, StreamPart, Version};
use moka::future::Cache;
use tokio::sync::Semaphore;
use uuid::Uuid;

use crate::account_told::AccountTold;
use crate::error::RealtimeError;
use crate::passed::{PAGE_EVENTS, Passed, Stretch, Witness};
use crate::shared::Shared;
use crate::tickets::{Folded, cost, decode};
use crate::told::Told;

/// How long a page is kept. Clients that were cut by the same fault come back within this time.
const PAGE_MEMORY: Duration = Duration::from_secs(30);
/// Pages that are read at once: whoever comes back must not take the database from those who are here.
const READS_MAX: usize = 2;
/// Bytes of tickets that are remembered as they were at the end of a page that was read, where the next page begins.
const STARTS_BYTES: u64 = 8 * 1024 * 1024;

/// See above.
pub(crate) struct Pages {
    pages: Cache<Key, Arc<Page>>,
    starts: Cache<TicketId, Arc<Folded>>,
    permits: Semaphore,
    reads: AtomicU64,
}

/// Which page: its positions, and how many deletions had been told when it was asked for. After another one a page is
/// another: it must show one ticket less.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Key {
    first: Position,
    last: Position,
    deletions: u64,
}

/// A page, or the part of it that is not among what was told last.
pub(crate) struct Page {
    first: Position,
    passed: Vec<Passed>,
}

impl Page {
    /// At most `max` positions after this one.
    pub(crate) fn after(&self, position: Position, max: usize) -> Stretch {
        let skipped = usize::try_from(position + 1 - self.first).unwrap_or(0);
        let entries = self.passed.iter().skip(skipped).take(max);
        (position + 1..).zip(entries.cloned()).collect()
    }
}

impl Pages {
    pub(crate) fn new(bytes_max: u64) -> Self {
        let weigh = |_: &Key, page: &Arc<Page>| {
            let bytes: usize = page.passed.iter().map(Passed::cost).sum();
            u32::try_from(bytes).unwrap_or(u32::MAX)
        };
        Self {
            pages: Cache::builder()
                .max_capacity(bytes_max)
                .weigher(weigh)
                .time_to_live(PAGE_MEMORY)
                .build(),
            starts: Cache::builder()
                .max_capacity(STARTS_BYTES)
                .weigher(|_, folded: &Arc<Folded>| cost(folded))
                .time_to_live(PAGE_MEMORY)
                .build(),
            permits: Semaphore::new(READS_MAX),
            reads: AtomicU64::new(0),
        }
    }

    /// How many pages have been read from the log.
    pub(crate) fn reads(&self) -> u64 {
        self.reads.load(Ordering::Relaxed)
    }

    /// The page that has the position after this one, up to `last` at most.
    pub(crate) async fn after(
        &self,
        shared: &Shared,
        position: Position,
        last: Position,
    ) -> Result<Arc<Page>, Arc<RealtimeError>> {
        let first = position - position % PAGE_EVENTS + 1;
        let key = Key {
            first,
            last: last.min(first + PAGE_EVENTS - 1),
            deletions: shared.deletions.load(Ordering::SeqCst),
        };
        self.pages.try_get_with(key, self.read(shared, key)).await
    }

    async fn read(&self, shared: &Shared, key: Key) -> Result<Arc<Page>, RealtimeError> {
        // The semaphore is never closed.
        let _permit = self.permits.acquire().await.ok();
        self.reads.fetch_add(1, Ordering::Relaxed);
        let events = events(shared, key).await?;
        if !shared.accounts.reaches(key.last, shared.options.patience).await {
            return Err(RealtimeError::Lagging { position: key.last });
        }
        let mut tickets = self.tickets_before(shared, &events).await?;
        let tell = |event: &Arc<RecordedEvent>| tell(shared, &mut tickets, event);
        let passed: Vec<Passed> = events.iter().map(tell).collect();
        for (id, ticket) in tickets {
            if let Some(folded) = ticket.folded {
                self.starts.insert(TicketId::from_uuid(id), folded).await;
            }
        }
        let first = key.first;
        Ok(Arc::new(Page { first, passed }))
    }

    /// The tickets of these events as they were before them.
    async fn tickets_before(
        &self,
        shared: &Shared,
        events: &[Arc<RecordedEvent>],
    ) -> Result<HashMap<Uuid, TicketThen>, RealtimeError> {
        let mut firsts: HashMap<Uuid, Version> = HashMap::new();
        for event in events.iter().filter(|event| is_ticket(event)) {
            firsts.entry(event.stream.id).or_insert(event.version);
        }
        let ids: Vec<Uuid> = firsts.keys().copied().collect();
        let mut tickets = HashMap::new();
        for ends in shared.log.stream_ends(Tickets::CATEGORY, &ids).await? {
            tickets.insert(ends.first.stream.id, TicketThen::new(&ends));
        }
        let mut parts = Vec::new();
        for (id, first) in firsts {
            let ticket: &mut TicketThen = tickets.entry(id).or_default();
            let known = self.starts.get(&TicketId::from_uuid(id)).await;
            ticket.folded = known.filter(|known| known.version < first);
            let after = ticket.folded.as_ref().map_or(0, |folded| folded.version);
            let upto = first - 1;
            if after < upto {
                parts.push(StreamPart { id, after, upto });
            }
        }
        let fold = |event: RecordedEvent| {
            if let Some(ticket) = tickets.get_mut(&event.stream.id) {
                ticket.evolve(&event);
            }
        };
        if !parts.is_empty() {
            shared.log.read_streams(Tickets::CATEGORY, &parts, fold).await?;
        }
        Ok(tickets)
    }
}

/// Every event of the page. One read does not give more bytes than are good at once.
async fn events(shared: &Shared, key: Key) -> Result<Vec<Arc<RecordedEvent>>, RealtimeError> {
    let mut events = Vec::new();
    let mut after = key.first - 1;
    while after < key.last {
        let limit = usize::try_from(key.last - after).unwrap_or(usize::MAX);
        let more = shared.log.read_all(after, limit).await?;
        let Some(last) = more.last() else {
            return Err(eventlog::ReadError::Damaged { position: after + 1 }.into());
        };
        after = last.position;
        events.extend(more);
    }
    Ok(events)
}

fn is_ticket(event: &RecordedEvent) -> bool {
    event.stream.category.as_ref() == Tickets::CATEGORY
}

/// A ticket as it was at an event, and what is known of its end.
#[derive(Default)]
struct TicketThen {
    folded: Option<Arc<Folded>>,
    /// One of its events cannot be made out, so neither can the later ones.
    is_broken: bool,
    is_deleted_now: bool,
    witness: Option<Witness>,
}

impl TicketThen {
    fn new(ends: &StreamEnds) -> Self {
        Self {
            is_deleted_now: matches!(decode(&ends.last), Ok(TicketEvent::Deleted(_))),
            witness: Witness::of(&ends.first),
            ..Self::default()
        }
    }

    /// Takes in the ticket's next event; gives it back, with the ticket before.
    fn evolve(
        &mut self,
        recorded: &RecordedEvent,
    ) -> Option<(TicketEvent, Option<Arc<Folded>>, Arc<Folded>)> {
        let before = self.folded.take();
        let evolved = catch_unwind(AssertUnwindSafe(|| {
            let event = decode(recorded).ok()?;
            let ticket = before.as_ref().map(|before| before.ticket.clone());
            let ticket = evolve(ticket, &event, recorded.recorded_at)?;
            let version = recorded.version;
            Some((event, Arc::new(Folded { version, ticket })))
        }));
        let evolved = evolved.ok().flatten().filter(|_| !self.is_broken);
        self.is_broken = evolved.is_none();
        let (event, after) = evolved?;
        self.folded = Some(Arc::clone(&after));
        Some((event, before, after))
    }
}

impl Witness {
    /// Whoever may read the ticket that began with this event.
    pub(crate) fn of(first: &RecordedEvent) -> Option<Self> {
        match decode(first) {
            Ok(TicketEvent::Created(created)) => Some(Self::ReaderOf(created.requester)),
            Ok(_) | Err(_) => None,
        }
    }
}

/// What is told of an event to whoever was away.
fn tell(shared: &Shared, tickets: &mut HashMap<Uuid, TicketThen>, recorded: &Arc<RecordedEvent>) -> Passed {
    let parked = shared.parked_at(recorded);
    if !is_ticket(recorded) {
        return match parked {
            Some(witness) => Passed::Missed(witness),
            None if recorded.stream.category.as_ref() == AccountStreams::CATEGORY => {
                let accounts = Arc::clone(&shared.accounts);
                Passed::Account(Arc::new(AccountTold::new(accounts, recorded)))
            }
            None => Passed::Nothing,
        };
    }
    let ticket = tickets.entry(recorded.stream.id).or_default();
    let witness = parked.or(ticket.witness).unwrap_or(Witness::Anybody);
    let is_deleted = ticket.is_deleted_now;
    let Some((event, before, after)) = ticket.evolve(recorded).filter(|_| parked.is_none()) else {
        return Passed::Missed(witness);
    };
    if is_deleted && !after.ticket.deleted {
        return Passed::Nothing;
    }
    let accounts = Arc::clone(&shared.accounts);
    let audience = shared.options.audience;
    Passed::Told(Arc::new(Told::new(
        audience, accounts, recorded, event, before, after,
    )))
}
