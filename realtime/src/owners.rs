//! Whose tickets are, for those who want to be in their rooms.

use std::collections::HashMap;
use std::time::Duration;

use domain::TicketId;
use domain::decider::Decider;
use domain::ids::AccountId;
use domain::ticket::{TicketEvent, Tickets};
use moka::future::Cache;
use uuid::Uuid;

use crate::error::RealtimeError;
use crate::passed::Witness;
use crate::shared::Shared;
use crate::tickets::decode;

/// Tickets whose owners are remembered, and for how long: those who come back after the same fault ask for the same
/// ones. A ticket's owner never changes; but it may be deleted while it is looked up, and then this ends the error.
const OWNERS_MAX: u64 = 20_000;
const OWNER_MEMORY: Duration = Duration::from_secs(10);

/// See above.
pub(crate) struct Owners(Cache<TicketId, Option<AccountId>>);

impl Owners {
    pub(crate) fn new() -> Self {
        let cache = Cache::builder()
            .max_capacity(OWNERS_MAX)
            .time_to_live(OWNER_MEMORY)
            .build();
        Self(cache)
    }

    /// The ticket is no more.
    pub(crate) async fn delete(&self, ticket: TicketId) {
        self.0.insert(ticket, None).await;
    }

    /// Whose each of these tickets is; nothing of those that do not exist, or no longer. The log is read once for all of
    /// them, if at all.
    pub(crate) async fn of(
        &self,
        shared: &Shared,
        tickets: &[TicketId],
    ) -> Result<HashMap<TicketId, AccountId>, RealtimeError> {
        let mut found = HashMap::new();
        let unknown = self.known(shared, tickets, &mut found).await;
        if unknown.is_empty() {
            return Ok(found);
        }
        // The semaphore is never closed.
        let _permit = shared.log_reads.acquire().await.ok();
        // Somebody else may have looked meanwhile.
        let unknown = self.known(shared, &unknown, &mut found).await;
        if unknown.is_empty() {
            return Ok(found);
        }
        let ids: Vec<Uuid> = unknown.iter().map(|ticket| ticket.as_uuid()).collect();
        for ends in shared.log.stream_ends(Tickets::CATEGORY, &ids).await? {
            let ticket = TicketId::from_uuid(ends.first.stream.id);
            let is_deleted = matches!(decode(&ends.last), Ok(TicketEvent::Deleted(_)));
            let owner = match Witness::of(&ends.first) {
                Some(Witness::ReaderOf(owner)) if !is_deleted => Some(owner),
                Some(_) | None => None,
            };
            self.0.insert(ticket, owner).await;
            found.extend(owner.map(|owner| (ticket, owner)));
        }
        Ok(found)
    }

    /// Puts those that are known into `found`; gives back the others.
    async fn known(
        &self,
        shared: &Shared,
        tickets: &[TicketId],
        found: &mut HashMap<TicketId, AccountId>,
    ) -> Vec<TicketId> {
        let mut unknown = Vec::new();
        for ticket in tickets {
            let known = match self.0.get(ticket).await {
                Some(owner) => Some(owner),
                None => shared.tickets.remembered(*ticket).await.map(|folded| {
                    let ticket = &folded.ticket;
                    (!ticket.deleted).then_some(ticket.requester)
                }),
            };
            match known {
                Some(owner) => found.extend(owner.map(|owner| (*ticket, owner))),
                None => unknown.push(*ticket),
            }
        }
        unknown
    }
}
