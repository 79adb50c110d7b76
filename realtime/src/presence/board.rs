//! Who is there and what they do: the tabs of this node, what the other nodes tell, and all of it together.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};

use domain::TicketId;
use domain::ids::AccountId;
use socketioxide::socket::Sid;
use tokio::time::Instant;
use uuid::Uuid;
use wire::live::{Availability, Involvement};

use super::activity::{Activity, Tally};

/// Closed tabs of one person that are remembered for a while, at most: a reload leaves one.
const CLOSED_MAX: usize = 8;

/// Somebody's tabs on this node.
#[derive(Debug, Default)]
struct Here {
    tabs: HashMap<Sid, Activity>,
    /// Tabs that have been closed a moment ago, by the number under which they will be forgotten.
    closed: VecDeque<(u64, Activity)>,
    tally: Tally,
}

/// What has changed since it was last asked.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Changes {
    /// Those who may be reached otherwise, or are somebody else's business now.
    pub(crate) people: HashSet<AccountId>,
    /// The tickets whose viewers have changed.
    pub(crate) tickets: HashSet<TicketId>,
    /// Those whose tabs on this node say something else: the other nodes must hear of it.
    pub(crate) here: HashSet<AccountId>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.people.is_empty() && self.tickets.is_empty() && self.here.is_empty()
    }
}

/// See above. Everything in it is bounded by the connections that there are, here and on the other nodes.
#[derive(Debug, Default)]
pub(crate) struct Board {
    here: HashMap<AccountId, Here>,
    owners: HashMap<Sid, AccountId>,
    /// When closed tabs are forgotten, in this order, and whose they are.
    closed: VecDeque<(Instant, u64, AccountId)>,
    closed_number: u64,
    nodes: HashMap<Uuid, HashMap<AccountId, Activity>>,
    together: HashMap<AccountId, Activity>,
    viewers: HashMap<TicketId, BTreeMap<AccountId, Involvement>>,
    changes: Changes,
}

impl Board {
    /// A tab of this person's has been opened.
    pub(crate) fn open(&mut self, account: AccountId, tab: Sid) {
        self.owners.insert(tab, account);
        self.tell(account, tab, Activity::new());
    }

    /// A tab says whether whoever sits before it is there.
    pub(crate) fn set_availability(&mut self, tab: Sid, availability: Availability) {
        self.change(tab, |activity| activity.availability = availability);
    }

    /// A tab says what it does with a ticket; none if it has closed it. What a closed tab of the same person did with
    /// it counts no longer: this is the same tab, loaded again.
    pub(crate) fn set_involvement(&mut self, tab: Sid, ticket: TicketId, involvement: Option<Involvement>) {
        let Some(account) = self.owners.get(&tab).copied() else {
            return;
        };
        if let Some(here) = self.here.get_mut(&account) {
            for (_, closed) in &mut here.closed {
                if closed.tickets.contains_key(&ticket) {
                    here.tally.take(closed);
                    closed.tickets.remove(&ticket);
                    here.tally.add(closed);
                }
            }
        }
        self.change(tab, |activity| match involvement {
            Some(involvement) => {
                activity.tickets.insert(ticket, involvement);
            }
            None => {
                activity.tickets.remove(&ticket);
            }
        });
    }

    /// A tab has gone. Until `until`, if that is given, it counts as if it were still there: it may be loading again.
    pub(crate) fn close(&mut self, tab: Sid, until: Option<Instant>) {
        let Some(account) = self.owners.remove(&tab) else {
            return;
        };
        let Some(here) = self.here.get_mut(&account) else {
            return;
        };
        let Some(activity) = here.tabs.remove(&tab) else {
            return;
        };
        match until {
            Some(until) => {
                self.closed_number += 1;
                here.closed.push_back((self.closed_number, activity));
                self.closed.push_back((until, self.closed_number, account));
                if here.closed.len() > CLOSED_MAX
                    && let Some((_, oldest)) = here.closed.pop_front()
                {
                    here.tally.take(&oldest);
                }
            }
            None => here.tally.take(&activity),
        }
        self.settle_here(account);
    }

    /// Nothing of this person's closed tabs counts any longer.
    pub(crate) fn forget_closed(&mut self, account: AccountId) {
        if let Some(here) = self.here.get_mut(&account) {
            for (_, activity) in here.closed.drain(..) {
                here.tally.take(&activity);
            }
            self.settle_here(account);
        }
    }

    /// When the next closed tab is forgotten.
    pub(crate) fn next_expiry(&self) -> Option<Instant> {
        self.closed.front().map(|(until, ..)| *until)
    }

    /// Forgets the closed tabs whose time has come.
    pub(crate) fn expire(&mut self, now: Instant) {
        while let Some((until, number, account)) = self.closed.front().copied() {
            if until > now {
                return;
            }
            self.closed.pop_front();
            let Some(here) = self.here.get_mut(&account) else {
                continue;
            };
            let Some(at) = here.closed.iter().position(|(closed, _)| *closed == number) else {
                continue;
            };
            if let Some((_, activity)) = here.closed.remove(at) {
                here.tally.take(&activity);
            }
            self.settle_here(account);
        }
    }

    /// Another node says what this person does there; none if they are there no longer.
    pub(crate) fn set_elsewhere(&mut self, node: Uuid, account: AccountId, activity: Option<Activity>) {
        let people = self.nodes.entry(node).or_default();
        match activity {
            Some(activity) => people.insert(account, activity),
            None => people.remove(&account),
        };
        self.settle(account);
    }

    /// Another node says everything that it knows; an empty one is forgotten.
    pub(crate) fn set_node(&mut self, node: Uuid, people: HashMap<AccountId, Activity>) {
        let before = if people.is_empty() {
            self.nodes.remove(&node)
        } else {
            self.nodes.insert(node, people)
        };
        let now = self.nodes.get(&node).into_iter().flat_map(HashMap::keys);
        let concerned: HashSet<AccountId> = before
            .iter()
            .flat_map(HashMap::keys)
            .chain(now)
            .copied()
            .collect();
        for account in concerned {
            self.settle(account);
        }
    }

    /// Somebody's name or role has changed: those who see them must be told.
    pub(crate) fn touch(&mut self, account: AccountId) {
        if let Some(activity) = self.together.get(&account) {
            self.changes.people.insert(account);
            self.changes.tickets.extend(activity.tickets.keys());
        }
    }

    /// What this person does on this node.
    pub(crate) fn here(&self, account: AccountId) -> Option<Activity> {
        self.here.get(&account)?.tally.together()
    }

    /// Everybody who is on this node.
    pub(crate) fn everybody_here(&self) -> impl Iterator<Item = (AccountId, Activity)> + '_ {
        let known = |(account, here): (&AccountId, &Here)| Some((*account, here.tally.together()?));
        self.here.iter().filter_map(known)
    }

    /// Whether somebody can be reached.
    pub(crate) fn availability(&self, account: AccountId) -> Availability {
        let activity = self.together.get(&account);
        activity.map_or(Availability::Offline, |activity| activity.availability)
    }

    /// Everybody who is not offline.
    pub(crate) fn people(&self) -> impl Iterator<Item = (AccountId, Availability)> + '_ {
        self.together
            .iter()
            .map(|(account, activity)| (*account, activity.availability))
    }

    /// Everybody who has the ticket open.
    pub(crate) fn viewers(&self, ticket: TicketId) -> impl Iterator<Item = (AccountId, Involvement)> + '_ {
        let viewers = self.viewers.get(&ticket).into_iter().flatten();
        viewers.map(|(account, involvement)| (*account, *involvement))
    }

    /// How many people are not offline, and how many tickets somebody has open.
    pub(crate) fn counts(&self) -> (usize, usize) {
        (self.together.len(), self.viewers.len())
    }

    pub(crate) fn has_changed(&self) -> bool {
        !self.changes.is_empty()
    }

    /// What has changed since this was last called.
    pub(crate) fn take_changes(&mut self) -> Changes {
        std::mem::take(&mut self.changes)
    }

    fn change(&mut self, tab: Sid, change: impl FnOnce(&mut Activity)) {
        let Some(account) = self.owners.get(&tab).copied() else {
            return;
        };
        let known = self.here.get(&account).and_then(|here| here.tabs.get(&tab));
        let Some(mut activity) = known.cloned() else {
            return;
        };
        change(&mut activity);
        self.tell(account, tab, activity);
    }

    fn tell(&mut self, account: AccountId, tab: Sid, activity: Activity) {
        let here = self.here.entry(account).or_default();
        here.tally.add(&activity);
        if let Some(before) = here.tabs.insert(tab, activity) {
            here.tally.take(&before);
        }
        self.settle_here(account);
    }

    fn settle_here(&mut self, account: AccountId) {
        let is_left = |here: &Here| here.tabs.is_empty() && here.closed.is_empty();
        if self.here.get(&account).is_some_and(is_left) {
            self.here.remove(&account);
        }
        self.changes.here.insert(account);
        self.settle(account);
    }

    /// Puts together what all nodes know of somebody.
    fn settle(&mut self, account: AccountId) {
        let mut now = self.here(account);
        for people in self.nodes.values() {
            let Some(activity) = people.get(&account) else {
                continue;
            };
            match &mut now {
                Some(now) => now.join(activity),
                None => now = Some(activity.clone()),
            }
        }
        let before = match &now {
            Some(now) => self.together.insert(account, now.clone()),
            None => self.together.remove(&account),
        };
        if before.as_ref().map(|before| before.availability) != now.as_ref().map(|now| now.availability) {
            self.changes.people.insert(account);
        }
        let (before, now) = (tickets(before), tickets(now));
        for ticket in before.keys().filter(|ticket| !now.contains_key(ticket)) {
            if let Some(viewers) = self.viewers.get_mut(ticket) {
                viewers.remove(&account);
                if viewers.is_empty() {
                    self.viewers.remove(ticket);
                }
            }
            self.changes.tickets.insert(*ticket);
        }
        for (ticket, involvement) in now {
            if before.get(&ticket) != Some(&involvement) {
                self.viewers
                    .entry(ticket)
                    .or_default()
                    .insert(account, involvement);
                self.changes.tickets.insert(ticket);
            }
        }
    }
}

fn tickets(activity: Option<Activity>) -> BTreeMap<TicketId, Involvement> {
    activity.map(|activity| activity.tickets).unwrap_or_default()
}

#[cfg(test)]
mod tests;
