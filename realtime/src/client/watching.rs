//! What a client looks at: lists, and tickets.

use domain::TicketId;
use domain::actor::Actor;
use domain::ids::AccountId;

use super::{Client, Membership, Phase, State};
use crate::lists::{NotWatched, Watched};

impl Client {
    /// Watches what `watch` makes of the client's present rights, in place of what it watched by the same name.
    pub(crate) fn watch(
        &self,
        lists_max: usize,
        watch: impl FnOnce(&Actor) -> Result<Watched, &'static str>,
    ) -> Result<Watched, NotWatched> {
        let mut state = self.state.lock();
        let watched = watch(&state.actor).map_err(|error| NotWatched::Because(error.to_owned()))?;
        let State { phase, lists, .. } = &mut *state;
        let is_full = lists.len() >= lists_max;
        let name = &watched.watch.name;
        match lists.iter_mut().find(|former| former.watch.name == *name) {
            Some(former) => former.become_watched(watched.clone()),
            None if is_full => return Err(NotWatched::Limited),
            None if matches!(phase, Phase::Gone) => {}
            None => lists.push(watched.clone()),
        }
        Ok(watched)
    }

    /// Watches the list of this name no longer.
    pub(crate) fn unwatch(&self, name: &str) {
        self.state
            .lock()
            .lists
            .retain(|watched| &*watched.watch.name != name);
    }

    /// Watches this no longer. What has been watched by the same name since stays.
    pub(crate) fn give_up(&self, given_up: &Watched) {
        let mut state = self.state.lock();
        state
            .lists
            .retain(|watched| !watched.watch.is_wish(&given_up.watch));
    }

    /// Watches by its present rights what it watched by former ones; what it may not any more, no longer. True if
    /// anything is another list now.
    pub(crate) fn watch_anew(&self, anew: impl Fn(&Watched, &Actor) -> Option<Watched>) -> bool {
        let mut state = self.state.lock();
        let actor = state.actor;
        let mut has_changed = false;
        state.lists.retain_mut(|watched| {
            let Some(now) = anew(watched, &actor) else {
                has_changed = true;
                return false;
            };
            has_changed |= !now.is_same(watched);
            watched.become_watched(now);
            true
        });
        has_changed
    }

    /// Whether it watches any list.
    pub(crate) fn is_watching(&self) -> bool {
        !self.state.lock().lists.is_empty()
    }

    /// What it watches.
    pub(crate) fn watched(&self) -> Vec<Watched> {
        self.state.lock().lists.clone()
    }

    /// Whether one of its lists has the ticket on the screen.
    pub(crate) fn shows(&self, ticket: TicketId) -> bool {
        let state = self.state.lock();
        state.lists.iter().any(|watched| watched.shows(ticket))
    }

    /// Whether it is in the ticket's room or has the ticket on the screen in one of its lists.
    pub(crate) fn is_concerned(&self, ticket: TicketId) -> bool {
        let is_in = self.while_here(Some(ticket), |_, owner| owner.is_some());
        is_in == Some(true) || self.shows(ticket)
    }

    /// Does something while the client can neither go nor become somebody else nor leave the room of `ticket`; tells it
    /// who the client is and, if it is in that room, whose the ticket is. `None` if the client has gone.
    pub(crate) fn while_here<T>(
        &self,
        ticket: Option<TicketId>,
        act: impl FnOnce(&Actor, Option<AccountId>) -> T,
    ) -> Option<T> {
        let state = self.state.lock();
        if matches!(state.phase, Phase::Gone) {
            return None;
        }
        let owner = ticket.and_then(|ticket| match state.rooms.get(&ticket)? {
            Membership::In { requester } => Some(*requester),
            Membership::Asked(_) => None,
        });
        Some(act(&state.actor, owner))
    }
}
