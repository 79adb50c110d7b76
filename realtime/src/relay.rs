//! The relay: follows the log and hands every event to the clients that may know of it, in log order, from one task.
//!
//! An event is relayed at the position after the last one, or not at all: an error starts the relay over at the same
//! event. A command never waits for it.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::TicketId;
use domain::account::Accounts as AccountStreams;
use domain::decider::Decider;
use domain::ids::AccountId;
use domain::ticket::{Attachment, Comment, Ticket, TicketEvent, Tickets};
use eventlog::{Position, RecordedEvent, trace};
use tracing::{Instrument, trace_span};

use crate::account_told::AccountTold;
use crate::broadcast::Scope;
use crate::catch_up::see_to;
use crate::client::{Client, Delivery, Standing};
use crate::error::RealtimeError;
use crate::lists;
use crate::passed::Passed;
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
    let position = recorded.position;
    if let Some(witness) = shared.parked_at(recorded) {
        shared.lists.forget_counts();
        tell(shared, position, &Passed::Missed(witness));
        return Ok(());
    }
    if let Some(probe) = &shared.options.probe {
        probe(recorded);
    }
    let category = recorded.stream.category.as_ref();
    if category == Tickets::CATEGORY {
        return relay_ticket_event(shared, recorded).await;
    }
    if category == AccountStreams::CATEGORY {
        follow_account(shared, recorded).await?;
        let told = AccountTold::new(Arc::clone(&shared.accounts), recorded);
        let name = told.name;
        let emitted = tell(shared, position, &Passed::Account(Arc::new(told)));
        shared.registry.count_broadcast(name, emitted);
        tracing::info!("[Socket.IO] Emitted '{name}' to admins room");
        return Ok(());
    }
    tell(shared, position, &Passed::Nothing);
    Ok(())
}

async fn relay_ticket_event(shared: &Arc<Shared>, recorded: &RecordedEvent) -> Result<(), RealtimeError> {
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
    if after.ticket.deleted {
        shared.owners.delete(id).await;
    }
    emit(shared, Arc::new(told));
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

fn emit(shared: &Arc<Shared>, told: Arc<Told>) {
    let author = match &told.event {
        TicketEvent::CommentAdded(added) => Some(added.author),
        _ => None,
    };
    let (id, name, scope, is_deleted) = (told.ticket(), told.name, told.scope, told.after.ticket.deleted);
    if is_deleted {
        // Before anybody hears of it: whoever is told what he missed hears of nothing else from now on.
        shared.deletions.fetch_add(1, Ordering::SeqCst);
        shared.recent.lock().withdraw(id);
    }
    shared.lists.count(&told);
    let emitted = tell(shared, told.position, &Passed::Told(told));
    shared.registry.count_broadcast(name, emitted);
    if scope != Scope::Room {
        tracing::info!("[Socket.IO] Emitted '{name}' to all clients");
    }
    if scope != Scope::All {
        tracing::info!("[Socket.IO] Emitted '{name}' to ticket:{id}");
    }
    if let Some(author) = author {
        shared.presence.has_commented(author, id);
    }
    if is_deleted {
        for client in shared.registry.room(id) {
            client.leave(id, || shared.registry.leave(id, &client));
        }
    }
}

/// Hands what has become of a position to those clients that are live; tells how many received something.
///
/// The order is what makes sure that nobody misses it and nobody has it twice: it can be caught up with before it is begun,
/// and it is begun before the clients are looked for.
fn tell(shared: &Arc<Shared>, position: Position, passed: &Passed) -> u64 {
    shared.recent.lock().push(position, passed.clone());
    shared.begun.store(position, Ordering::SeqCst);
    match passed {
        Passed::Nothing => 0,
        Passed::Account(_) => deliver(shared, position, passed, &shared.registry.agents()),
        // It may also change a list that somebody elsewhere watches. Whoever is both has it once.
        Passed::Told(told) if told.scope == Scope::Room => {
            let in_room = deliver(shared, position, passed, &shared.registry.room(told.ticket()));
            in_room + deliver(shared, position, passed, &shared.lists.watchers())
        }
        Passed::Told(_) | Passed::Missed(_) => {
            deliver(shared, position, passed, &shared.registry.everybody())
        }
    }
}

/// Tells how many of `clients` received something.
fn deliver(shared: &Arc<Shared>, position: Position, passed: &Passed, clients: &[Arc<Client>]) -> u64 {
    let mut sent = 0;
    for client in clients {
        match client.deliver(position, passed) {
            Delivery::Behind => see_to(shared, client, Standing::Behind(position - 1)),
            delivery => {
                sent += u64::from(delivery == Delivery::Sent);
                shared.registry.settle(client, delivery);
            }
        }
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
