//! What clients are told of people: made once for each audience, and only as much as it may know.

use std::sync::Arc;

use domain::TicketId;
use domain::actor::Actor;
use domain::ids::AccountId;
use domain::policy::{Action, Facts, permit};
use wire::live::{
    Availability, PresenceChanged, PresentPerson, TypingChanged, Typist, Viewer, ViewersChanged, event,
};

use super::State;
use super::board::Changes;
use super::keys::Stroke;
use crate::authenticate::Accounts;
use crate::client::{Client, Delivery};
use crate::frame::Frame;
use crate::shared::Shared;

/// People in one frame, at most.
const PEOPLE_PER_FRAME: usize = 200;
/// People that a `presence:list` names, at most: agents first.
const LISTED_MAX: usize = 1_000;
/// Viewers of one ticket that are named, at most.
const VIEWERS_MAX: usize = 100;

/// Whether `actor` may see who is there, what they look at, and who types.
pub(crate) fn may_watch(actor: &Actor) -> bool {
    permit(actor, Action::WatchPeople, &Facts::General).is_ok()
}

fn person(accounts: &dyn Accounts, id: AccountId, state: Availability) -> Option<PresentPerson> {
    let account = accounts.account(id)?;
    Some(PresentPerson {
        id: id.as_uuid(),
        name: account.name.to_string(),
        role: account.role,
        state,
    })
}

impl State {
    /// Those of `changes` who look another way to agents than they were shown before.
    pub(super) fn newly_shown(&mut self, accounts: &dyn Accounts, changes: &Changes) -> Vec<PresentPerson> {
        let mut news = Vec::new();
        for id in &changes.people {
            let state = self.board.availability(*id);
            let Some(now) = person(accounts, *id, state) else {
                continue;
            };
            let before = if state == Availability::Offline {
                match self.shown.remove(id) {
                    Some(before) => Some(before),
                    None => continue,
                }
            } else {
                self.shown.insert(*id, now.clone())
            };
            if before.as_ref() != Some(&now) {
                news.push(now);
            }
        }
        news
    }

    /// Everybody who is not offline, agents first, and how many are left out because there are too many.
    pub(super) fn people(&self, accounts: &dyn Accounts) -> (Vec<PresentPerson>, u64) {
        let everybody = self.board.people();
        let mut people: Vec<PresentPerson> = everybody
            .filter_map(|(id, state)| person(accounts, id, state))
            .collect();
        people.sort_by(|one, other| {
            let key = |person: &PresentPerson| (!person.role.is_agent(), person.id);
            key(one).cmp(&key(other))
        });
        let left_out = people.len().saturating_sub(LISTED_MAX);
        people.truncate(LISTED_MAX);
        (people, u64::try_from(left_out).unwrap_or(u64::MAX))
    }

    /// Everybody who has the ticket open, whoever does most first.
    pub(super) fn viewers(&self, accounts: &dyn Accounts, ticket: TicketId) -> Vec<Viewer> {
        let known = self.board.viewers(ticket).filter_map(|(id, state)| {
            let account = accounts.account(id)?;
            Some(Viewer {
                id: id.as_uuid(),
                name: account.name.to_string(),
                role: account.role,
                state,
            })
        });
        let mut viewers: Vec<Viewer> = known.collect();
        viewers.sort_by(|one, other| other.state.cmp(&one.state).then(one.id.cmp(&other.id)));
        viewers.truncate(VIEWERS_MAX);
        viewers
    }
}

/// Sends a frame to those of `clients` that `may` have it.
fn send(shared: &Shared, clients: &[Arc<Client>], frame: Option<Arc<Frame>>, may: impl Fn(&Actor) -> bool) {
    let Some(frame) = frame else { return };
    let mut sent = 0;
    for client in clients {
        match client.signal(&frame, &may) {
            Delivery::Sent => sent += 1,
            Delivery::NotForIt | Delivery::Behind => {}
            Delivery::Full => shared.registry.cut(client, "it does not read"),
            Delivery::Closed => {
                shared.registry.remove(client);
            }
        }
    }
    shared.registry.count_signals(sent);
}

/// Tells agents whose state has changed.
pub(super) fn tell_people(shared: &Shared, people: &[PresentPerson]) {
    if people.is_empty() {
        return;
    }
    let agents = shared.registry.agents();
    for people in people.chunks(PEOPLE_PER_FRAME) {
        let people = people.to_vec();
        let frame = Frame::plain(event::PRESENCE_CHANGED, &PresenceChanged { people });
        send(shared, &agents, frame, may_watch);
    }
    tracing::debug!("[Socket.IO] Emitted 'presence:changed' to admins room");
}

/// Tells agents in the ticket's room, and those who have it in a list on the screen, who has it open.
pub(super) fn tell_viewers(shared: &Shared, ticket: TicketId, viewers: Vec<Viewer>) {
    let mut clients = shared.registry.agents();
    clients.retain(|client| client.is_concerned(ticket));
    if clients.is_empty() {
        return;
    }
    let changed = ViewersChanged {
        ticket: ticket.as_uuid(),
        viewers,
    };
    send(
        shared,
        &clients,
        Frame::plain(event::VIEWERS_CHANGED, &changed),
        may_watch,
    );
}

/// Tells the ticket's room, but for the typist's own tabs, who types: agents whom, others only that somebody does, and
/// of internal comments nothing.
pub(super) fn tell_typing(shared: &Shared, stroke: &Stroke) {
    let (account, spot) = (stroke.account, stroke.spot);
    let is_other = |client: &&Arc<Client>| client.grant.is_none_or(|grant| grant.account != account);
    let room = shared.registry.room(spot.ticket);
    let clients: Vec<_> = room.iter().filter(is_other).cloned().collect();
    if clients.is_empty() {
        return;
    }
    let frame = |person: Option<Typist>, typing: bool| {
        let changed = TypingChanged {
            ticket: spot.ticket.as_uuid(),
            internal: spot.internal,
            person,
            typing,
        };
        Frame::plain(event::TYPING, &changed)
    };
    let person = shared.accounts.account(account).map(|known| Typist {
        id: account.as_uuid(),
        name: known.name.to_string(),
    });
    send(shared, &clients, frame(person, stroke.lasts.is_some()), may_watch);
    if spot.internal {
        return;
    }
    // Whoever is not told who it is must not be told that nobody types when somebody else still does.
    let is_typed = |client: &Arc<Client>| {
        let receiver = client.grant.map(|grant| grant.account);
        shared.presence.is_typed(spot.ticket, receiver)
    };
    let (typed, silent): (Vec<_>, Vec<_>) = clients.into_iter().partition(is_typed);
    for (clients, typing) in [(typed, true), (silent, false)] {
        if !clients.is_empty() {
            send(shared, &clients, frame(None, typing), |actor| !may_watch(actor));
        }
    }
}
