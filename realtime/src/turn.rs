//! Events that are told together: whoever tells goes to each client once, with all of them, so that they leave in one
//! write.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use domain::TicketId;
use domain::ticket::TicketEvent;
use eventlog::Position;
use tracing::Span;

use crate::broadcast::Scope;
use crate::catch_up::see_to;
use crate::client::{Client, Delivery, Standing};
use crate::passed::{Passed, Stretch};
use crate::registry::Everybody;
use crate::shared::Shared;
use crate::told::Told;

/// Events of one turn, at most. Too many would fill the buffers of clients that read well.
pub(crate) const TURN_EVENTS: u8 = 8;

/// See above. In log order, without gaps.
#[derive(Default)]
pub(crate) struct Turn {
    stretch: Stretch,
    /// What each event's way to the clients is traced as; they end when all is told.
    spans: Vec<Span>,
}

impl Turn {
    pub(crate) fn add(&mut self, position: Position, passed: Passed, span: Span) {
        self.stretch.push((position, passed));
        self.spans.push(span);
    }

    pub(crate) fn is_full(&self) -> bool {
        self.stretch.len() >= usize::from(TURN_EVENTS)
    }

    /// Tells everything, and waits until the writers have begun to write it. Does nothing if there is nothing.
    ///
    /// The order is what makes sure that nobody misses it and nobody has it twice: it can be caught up with before it is
    /// begun, and it is begun before the clients are looked for.
    pub(crate) async fn tell(&mut self, shared: &Arc<Shared>) {
        let stretch = std::mem::take(&mut self.stretch);
        let spans = std::mem::take(&mut self.spans);
        let Some((last, _)) = stretch.last() else {
            return;
        };
        for (position, passed) in &stretch {
            precede(shared, *position, passed);
            shared.recent.lock().push(*position, passed.clone());
        }
        shared.begun.store(*last, Ordering::SeqCst);
        let sent = deliver(shared, &stretch, &audience(shared, &stretch));
        for ((_, passed), sent) in stretch.iter().zip(&sent) {
            settle(shared, passed, *sent);
        }
        drop(spans);
        shared.relayed.send_replace(*last);
        if sent.iter().any(|sent| *sent > 0) {
            shared.writers_turn().await;
        }
    }
}

/// Everybody whom one of these may concern.
fn audience(shared: &Shared, stretch: &Stretch) -> Everybody {
    let registry = &shared.registry;
    let mut groups: Vec<Everybody> = Vec::new();
    let mut tickets = HashSet::new();
    for (_, passed) in stretch {
        match passed {
            Passed::Nothing => {}
            Passed::Account(_) => groups.push(registry.agents().into()),
            Passed::Told(told) if told.scope == Scope::Room => {
                if tickets.insert(told.ticket()) {
                    groups.push(registry.room(told.ticket()));
                }
            }
            Passed::Told(_) | Passed::Missed(_) => return registry.everybody(),
        }
    }
    if !tickets.is_empty() {
        // It may also change a list that somebody elsewhere watches.
        groups.push(shared.lists.watchers().into());
    }
    groups.retain(|group| !group.is_empty());
    match groups.len() {
        0 => Everybody::default(),
        1 => groups.remove(0),
        _ => {
            let mut seen = HashSet::new();
            let all = groups.iter().flat_map(|group| group.iter());
            all.filter(|client| seen.insert(client.id)).cloned().collect()
        }
    }
}

/// Tells how many of `clients` received something, for each event.
fn deliver(shared: &Arc<Shared>, stretch: &Stretch, clients: &[Arc<Client>]) -> Vec<u64> {
    let mut sent = vec![0; stretch.len()];
    for client in clients {
        match client.deliver(stretch, &mut sent) {
            Delivery::Behind => see_to(shared, client, Standing::Behind(client.at())),
            delivery => shared.registry.settle(client, delivery),
        }
    }
    sent
}

/// What must be before anybody hears of it.
fn precede(shared: &Shared, position: Position, passed: &Passed) {
    match passed {
        Passed::Told(told) => {
            if told.after.ticket.deleted {
                withdraw(shared, told.ticket());
            }
            shared.lists.count(told);
        }
        Passed::Missed(_) => shared.lists.forget_counts(position),
        Passed::Account(_) | Passed::Nothing => {}
    }
}

/// What else follows once a broadcast is made.
fn settle(shared: &Shared, passed: &Passed, sent: u64) {
    match passed {
        Passed::Told(told) => settle_ticket(shared, told, sent),
        Passed::Account(told) => {
            shared.registry.count_broadcast(told.name, sent);
            tracing::info!("[Socket.IO] Emitted '{}' to admins room", told.name);
        }
        Passed::Nothing | Passed::Missed(_) => {}
    }
}

fn settle_ticket(shared: &Shared, told: &Told, sent: u64) {
    let (id, name) = (told.ticket(), told.name);
    shared.registry.count_broadcast(name, sent);
    if told.scope != Scope::Room {
        tracing::info!("[Socket.IO] Emitted '{name}' to all clients");
    }
    if told.scope != Scope::All {
        tracing::info!("[Socket.IO] Emitted '{name}' to ticket:{id}");
    }
    if let TicketEvent::CommentAdded(added) = &told.event {
        shared.presence.has_commented(added.author, id);
    }
    if told.after.ticket.deleted {
        close_room(shared, id);
    }
}

/// A ticket is no more: whoever is told what they missed hears of nothing else of it from now on.
pub(crate) fn withdraw(shared: &Shared, ticket: TicketId) {
    shared.deletions.fetch_add(1, Ordering::SeqCst);
    shared.recent.lock().withdraw(ticket);
}

/// Everybody leaves the room of a ticket that is no more.
pub(crate) fn close_room(shared: &Shared, ticket: TicketId) {
    for client in shared.registry.room(ticket).iter() {
        client.leave(ticket, || shared.registry.leave(ticket, client));
    }
}
