//! The relay: follows the log and hands every event to the clients that may know of it, in log order, from one task.
//!
//! An event is relayed at the position after the last one, or not at all: an error starts the relay over at the same
//! event. A command never waits for it.

use std::sync::Arc;

use domain::TicketId;
use domain::account::Accounts as AccountStreams;
use domain::decider::Decider;
use domain::ids::AccountId;
use domain::ticket::{Attachment, Comment, Ticket, TicketEvent, Tickets};
use eventlog::{Position, RecordedEvent, trace};
use tokio::time::Instant;
use tracing::{Instrument, trace_span};

use crate::account_told::AccountTold;
use crate::error::RealtimeError;
use crate::lists;
use crate::pace::Pace;
use crate::passed::Passed;
use crate::shared::Shared;
use crate::tickets::decode;
use crate::told::Told;
use crate::turn::{Turn, close_room, withdraw};

/// Relays for ever, from the position after the last one relayed. Ends with an error only. Events up to `one_by_one_upto`
/// are told one at a time: where the relay failed, it is to be seen at which.
pub(crate) async fn relay(shared: Arc<Shared>, one_by_one_upto: Position) -> Result<(), RealtimeError> {
    let mut last = *shared.relayed.borrow();
    let mut subscription = shared.log.subscribe(last);
    let mut pace = Pace::default();
    loop {
        let events = pace.next(&shared, &mut subscription).await?;
        let begin = Instant::now();
        let mut turn = Turn::default();
        for event in &events {
            assert_eq!(event.position, last + 1, "positions have no gaps");
            last = event.position;
            if is_of_account(event) {
                // It changes rights, and what comes before it is told by the former ones.
                turn.tell(&shared).await;
            }
            let span = trace::following(event, || {
                trace_span!(target: trace::TARGET, parent: None, "broadcast", otel.kind = "consumer",
                            event.position = event.position)
            });
            let prepared = prepare(&shared, event).instrument(span.clone()).await;
            let is_alone = last <= one_by_one_upto || prepared.as_ref().map_or(true, stands_alone);
            if is_alone {
                turn.tell(&shared).await;
            }
            turn.add(last, prepared?, span);
            if is_alone || turn.is_full() {
                turn.tell(&shared).await;
            }
        }
        turn.tell(&shared).await;
        pace.took(begin.elapsed());
    }
}

fn is_of_account(event: &RecordedEvent) -> bool {
    event.stream.category.as_ref() == AccountStreams::CATEGORY
}

/// Whether it must not be told together with others: clients enter and leave rooms by it.
fn stands_alone(passed: &Passed) -> bool {
    match passed {
        Passed::Told(told) => told.after.ticket.deleted,
        Passed::Account(_) | Passed::Missed(_) => true,
        Passed::Nothing => false,
    }
}

/// Makes of an event what is told of it. Nothing of it is told yet.
async fn prepare(shared: &Arc<Shared>, recorded: &RecordedEvent) -> Result<Passed, RealtimeError> {
    if let Some(witness) = shared.parked_at(recorded) {
        follow_parked(shared, recorded).await?;
        return Ok(Passed::Missed(witness));
    }
    if let Some(probe) = &shared.options.probe {
        probe(recorded);
    }
    if is_of_account(recorded) {
        follow_account(shared, recorded).await?;
        let told = AccountTold::new(Arc::clone(&shared.accounts), recorded);
        return Ok(Passed::Account(Arc::new(told)));
    }
    if recorded.stream.category.as_ref() == Tickets::CATEGORY {
        return Ok(Passed::Told(prepare_ticket_event(shared, recorded).await?));
    }
    Ok(Passed::Nothing)
}

/// Does what must follow from an event that cannot be told: nobody keeps rights that they may have lost, and a ticket that
/// is deleted is told of no more.
async fn follow_parked(shared: &Shared, recorded: &RecordedEvent) -> Result<(), RealtimeError> {
    if is_of_account(recorded) {
        reach(shared, recorded).await?;
        let id = AccountId::from_uuid(recorded.stream.id);
        for client in shared.registry.everybody().iter() {
            if client.grant.is_some_and(|grant| grant.account == id) {
                // It comes back with the rights that it has now, if any.
                shared
                    .registry
                    .cut(client, "what becomes of its account cannot be told");
            }
        }
    }
    let is_of_ticket = recorded.stream.category.as_ref() == Tickets::CATEGORY;
    if is_of_ticket && matches!(decode(recorded), Ok(TicketEvent::Deleted(_))) {
        let id = TicketId::from_uuid(recorded.stream.id);
        shared.owners.delete(id).await;
        withdraw(shared, id);
        close_room(shared, id);
    }
    Ok(())
}

async fn prepare_ticket_event(shared: &Shared, recorded: &RecordedEvent) -> Result<Arc<Told>, RealtimeError> {
    let id = TicketId::from_uuid(recorded.stream.id);
    let event = decode(recorded)?;
    let (before, after) = shared.tickets.around(id, recorded, &event).await?;
    know_people(shared, recorded, &event, &after.ticket).await?;
    if after.ticket.deleted {
        shared.owners.delete(id).await;
    }
    shared.tickets.remember(Arc::clone(&after)).await;
    Ok(Arc::new(Told::new(
        shared.options.audience,
        Arc::clone(&shared.accounts),
        recorded,
        event,
        before,
        after,
    )))
}

/// Waits for the directory if the event names somebody whom it does not know yet.
async fn know_people(
    shared: &Shared,
    recorded: &RecordedEvent,
    event: &TicketEvent,
    ticket: &Ticket,
) -> Result<(), RealtimeError> {
    let comment = Comment::of(ticket.id, event, recorded.recorded_at);
    let attachment = Attachment::of(ticket.id, event, recorded.recorded_at);
    let named = [
        Some(ticket.requester),
        ticket.assignee,
        comment.map(|comment| comment.author),
        attachment.map(|attachment| attachment.uploader),
    ];
    let unknown = |id: AccountId| shared.accounts.account(id).is_none();
    if named.into_iter().flatten().any(unknown) {
        reach(shared, recorded).await?;
    }
    Ok(())
}

async fn reach(shared: &Shared, recorded: &RecordedEvent) -> Result<(), RealtimeError> {
    let position = recorded.position;
    if shared.accounts.reaches(position, shared.options.patience).await {
        Ok(())
    } else {
        Err(RealtimeError::Lagging { position })
    }
}

/// Makes the clients of an account what the account is now: rights change in log order, and at once.
async fn follow_account(shared: &Arc<Shared>, recorded: &RecordedEvent) -> Result<(), RealtimeError> {
    reach(shared, recorded).await?;
    let id = AccountId::from_uuid(recorded.stream.id);
    let actor = shared.actor(id);
    shared.presence.account_changed(id, actor.is_some());
    for client in shared.registry.everybody().iter() {
        if client.grant.is_none_or(|grant| grant.account != id) {
            continue;
        }
        match actor {
            Some(actor) => {
                client.become_actor(actor, |ticket| {
                    shared.registry.leave(ticket, client);
                    tracing::info!("[Socket.IO] Socket {} left ticket:{ticket}", client.id);
                });
                lists::rights_changed(shared, client, recorded.position);
                shared.registry.assign(client);
            }
            None => shared.dismiss(client),
        }
    }
    Ok(())
}
