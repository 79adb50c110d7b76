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
use eventlog::{RecordedEvent, trace};
use tracing::{Instrument, trace_span};

use crate::broadcast::Scope;
use crate::client::{Client, Delivery};
use crate::error::RealtimeError;
use crate::lists;
use crate::shared::Shared;
use crate::tickets::decode;
use crate::told::Told;

/// Events that are taken from the log at once.
const BATCH_EVENTS: usize = 256;
/// Events that are emitted before the connections' writers get their turn. Several packets in one flush are cheaper
/// than one each; too many would fill the buffers of clients that read well.
const EVENTS_PER_TURN: usize = 8;

/// Relays for ever, from the position after the last one relayed. Ends with an error only.
pub(crate) async fn relay(shared: Arc<Shared>) -> Result<(), RealtimeError> {
    let mut subscription = shared.log.subscribe(*shared.relayed.borrow());
    loop {
        let events = subscription.next(BATCH_EVENTS).await?;
        for (index, event) in events.iter().enumerate() {
            assert_eq!(
                event.position,
                *shared.relayed.borrow() + 1,
                "positions have no gaps"
            );
            let span = trace::following(event, || {
                trace_span!(target: trace::TARGET, parent: None, "broadcast", otel.kind = "consumer",
                            event.position = event.position)
            });
            relay_event(&shared, event).instrument(span).await?;
            shared.relayed.send_replace(event.position);
            if index % EVENTS_PER_TURN == EVENTS_PER_TURN - 1 {
                tokio::task::yield_now().await;
            }
        }
    }
}

async fn relay_event(shared: &Arc<Shared>, recorded: &RecordedEvent) -> Result<(), RealtimeError> {
    if shared.parked.lock().contains(&recorded.stream.id) {
        return Ok(());
    }
    if let Some(probe) = &shared.options.probe {
        probe(recorded);
    }
    let category = recorded.stream.category.as_ref();
    if category == Tickets::CATEGORY {
        relay_ticket_event(shared, recorded).await
    } else if category == AccountStreams::CATEGORY {
        follow_account(shared, recorded).await
    } else {
        Ok(())
    }
}

async fn relay_ticket_event(shared: &Shared, recorded: &RecordedEvent) -> Result<(), RealtimeError> {
    let id = TicketId::from_uuid(recorded.stream.id);
    let event = decode(recorded)?;
    let (before, after) = shared.tickets.around(id, recorded, &event).await?;
    know_people(shared, recorded, &event, &after.ticket).await?;
    let told = Told::new(
        shared.options.audience,
        Arc::clone(&shared.accounts),
        recorded,
        event,
        before,
        Arc::clone(&after),
    );
    emit(shared, &told);
    shared.tickets.remember(after).await;
    Ok(())
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

fn emit(shared: &Shared, told: &Told) {
    let id = told.ticket();
    shared.lists.count(told);
    let emitted = match told.scope {
        Scope::All | Scope::AllAndRoom => deliver(shared, told, &shared.registry.everybody()),
        // It may also change a list that somebody elsewhere watches. Whoever is both has it once.
        Scope::Room => {
            let in_room = deliver(shared, told, &shared.registry.room(id));
            in_room + deliver(shared, told, &shared.lists.watchers())
        }
    };
    shared.registry.count_broadcast(told.name, emitted);
    if told.scope != Scope::Room {
        tracing::info!("[Socket.IO] Emitted '{}' to all clients", told.name);
    }
    if told.scope != Scope::All {
        tracing::info!("[Socket.IO] Emitted '{}' to ticket:{id}", told.name);
    }
    if let TicketEvent::CommentAdded(added) = &told.event {
        shared.presence.has_commented(added.author, id);
    }
    if told.after.ticket.deleted {
        for client in shared.registry.room(id) {
            client.leave(id, || shared.registry.leave(id, &client));
        }
    }
}

/// Hands the event to those of `clients` that it is for; tells how many those are.
fn deliver(shared: &Shared, told: &Told, clients: &[Arc<Client>]) -> u64 {
    let mut sent = 0;
    for client in clients {
        let delivery = client.deliver(told);
        sent += u64::from(delivery == Delivery::Sent);
        shared.registry.settle(client, delivery);
    }
    sent
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
