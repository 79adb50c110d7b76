//! Who is typing: one place for each person, and when the others must be told.
//!
//! A person's node decides. It tells at once, then again at most every [`Pace::again`] while keys are pressed, so that
//! whoever hears nothing more knows that it has ended.

use std::collections::HashMap;
use std::time::Duration;

use domain::TicketId;
use domain::ids::AccountId;
use socketioxide::socket::Sid;
use tokio::time::Instant;
use uuid::Uuid;

/// Signs of typing that one account may give within [`Pace::again`]: more than fingers can.
const SIGNS_MAX: u32 = 40;

/// Times of typing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    /// Somebody who has pressed no key for so long types no longer.
    pub(crate) silence: Duration,
    /// Shortest time between two frames that one person's keys cause.
    pub(crate) again: Duration,
}

/// Where somebody types.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Spot {
    pub(crate) ticket: TicketId,
    /// Whether it will be an internal comment.
    pub(crate) internal: bool,
}

/// What the others must be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stroke {
    pub(crate) account: AccountId,
    pub(crate) spot: Spot,
    /// How long it holds if nothing more is heard; none: it has ended.
    pub(crate) lasts: Option<Duration>,
}

/// Somebody who types, or has typed a moment ago, on this node.
#[derive(Debug)]
struct Typist {
    tab: Sid,
    /// Where keys are pressed, and until when that holds without another.
    wanted: Option<(Spot, Instant)>,
    /// What the others have been told.
    shown: Option<Spot>,
    /// When keys may cause the next frame.
    next: Instant,
    /// How many signs of typing there have been since the time beside it.
    signs: (u32, Instant),
}

impl Typist {
    /// When something is to be done.
    fn due(&self) -> Instant {
        match self.wanted {
            Some((spot, until)) if self.shown == Some(spot) => until,
            Some((_, until)) => self.next.min(until),
            None => self.next,
        }
    }
}

/// See above.
#[derive(Debug)]
pub(crate) struct Keys {
    pace: Pace,
    here: HashMap<AccountId, Typist>,
    elsewhere: HashMap<(Uuid, AccountId), (Spot, Instant)>,
    strokes: Vec<(Stroke, Told)>,
}

/// Who is still to be told of a stroke.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// The clients of this node and all other nodes.
    Nobody,
    /// The clients of this node only: the other nodes know.
    OtherNodes,
}

impl Keys {
    pub(crate) fn new(pace: Pace) -> Self {
        Self {
            pace,
            here: HashMap::new(),
            elsewhere: HashMap::new(),
            strokes: Vec::new(),
        }
    }

    /// A key was pressed in a tab of this node. If there are too many signs of it, this one does not count; gives back
    /// when the next one does.
    pub(crate) fn press(
        &mut self,
        account: AccountId,
        tab: Sid,
        spot: Spot,
        now: Instant,
    ) -> Result<(), Duration> {
        let pace = self.pace;
        let typist = self.here.entry(account).or_insert(Typist {
            tab,
            wanted: None,
            shown: None,
            next: now,
            signs: (0, now),
        });
        let (signs, since) = &mut typist.signs;
        let age = now.saturating_duration_since(*since);
        if age >= pace.again {
            (*signs, *since) = (0, now);
        } else if *signs >= SIGNS_MAX {
            return Err(pace.again.saturating_sub(age));
        }
        *signs += 1;
        typist.tab = tab;
        typist.wanted = Some((spot, now + pace.silence));
        if let Some(shown) = typist.shown.filter(|shown| *shown != spot) {
            typist.shown = None;
            self.strokes.push((ended(account, shown), Told::Nobody));
        }
        if now >= typist.next {
            typist.shown = Some(spot);
            typist.next = now + pace.again;
            self.strokes
                .push((lasting(account, spot, pace.silence), Told::Nobody));
        }
        Ok(())
    }

    /// A tab says that no keys are pressed any more.
    pub(crate) fn rest(&mut self, account: AccountId, tab: Sid, ticket: TicketId, now: Instant) {
        let Some(typist) = self.here.get_mut(&account) else {
            return;
        };
        let is_there = |(spot, _): &(Spot, Instant)| spot.ticket == ticket;
        if typist.tab == tab && typist.wanted.as_ref().is_some_and(is_there) {
            typist.wanted = None;
            self.settle(now);
        }
    }

    /// A tab has gone.
    pub(crate) fn close(&mut self, account: AccountId, tab: Sid) {
        if self.here.get(&account).is_some_and(|typist| typist.tab == tab) {
            self.stop(account);
        }
    }

    /// A tab has left a ticket's room.
    pub(crate) fn leave(&mut self, account: AccountId, tab: Sid, ticket: TicketId) {
        if self.here.get(&account).is_some_and(|typist| typist.tab == tab) {
            self.stop_in(account, ticket);
        }
    }

    /// Whatever this person typed is no longer so: they have lost a right, or are gone.
    pub(crate) fn stop(&mut self, account: AccountId) {
        if let Some(typist) = self.here.get_mut(&account) {
            typist.wanted = None;
            if let Some(shown) = typist.shown.take() {
                self.strokes.push((ended(account, shown), Told::Nobody));
            }
        }
    }

    /// What this person typed in the ticket has been sent.
    pub(crate) fn stop_in(&mut self, account: AccountId, ticket: TicketId) {
        if let Some(typist) = self.here.get_mut(&account) {
            typist.wanted = typist.wanted.filter(|(spot, _)| spot.ticket != ticket);
            if let Some(shown) = typist.shown.take_if(|shown| shown.ticket == ticket) {
                self.strokes.push((ended(account, shown), Told::Nobody));
            }
        }
        let strokes = &mut self.strokes;
        self.elsewhere.retain(|(_, who), (spot, _)| {
            let is_sent = *who == account && spot.ticket == ticket;
            if is_sent {
                strokes.push((ended(account, *spot), Told::OtherNodes));
            }
            !is_sent
        });
    }

    /// Another node tells of its own.
    pub(crate) fn hear(&mut self, node: Uuid, stroke: Stroke, now: Instant) {
        let key = (node, stroke.account);
        let before = match stroke.lasts {
            // No node says more than what holds for a moment, whatever its clock does.
            Some(lasts) => {
                let until = now + lasts.min(self.pace.silence);
                self.elsewhere.insert(key, (stroke.spot, until))
            }
            None => self.elsewhere.remove(&key),
        };
        if let Some((spot, _)) = before
            && (spot != stroke.spot || stroke.lasts.is_none())
        {
            self.strokes.push((ended(stroke.account, spot), Told::OtherNodes));
        }
        if stroke.lasts.is_some() {
            self.strokes.push((stroke, Told::OtherNodes));
        }
    }

    /// Another node is gone.
    pub(crate) fn forget_node(&mut self, node: Uuid) {
        let strokes = &mut self.strokes;
        self.elsewhere.retain(|(from, account), (spot, _)| {
            if *from == node {
                strokes.push((ended(*account, *spot), Told::OtherNodes));
            }
            *from != node
        });
    }

    /// Whether anybody but `receiver` types something public in the ticket, as far as the others have been told.
    pub(crate) fn is_typed(&self, ticket: TicketId, receiver: Option<AccountId>) -> bool {
        let here = self
            .here
            .iter()
            .filter_map(|(account, typist)| Some((*account, typist.shown?)));
        let elsewhere = self
            .elsewhere
            .iter()
            .map(|((_, account), (spot, _))| (*account, *spot));
        here.chain(elsewhere)
            .any(|(account, spot)| Some(account) != receiver && spot.ticket == ticket && !spot.internal)
    }

    /// How many people type.
    pub(crate) fn count(&self) -> usize {
        let here = self.here.values().filter(|typist| typist.shown.is_some());
        here.count() + self.elsewhere.len()
    }

    /// When something is to be done next.
    pub(crate) fn due(&self) -> Option<Instant> {
        let here = self.here.values().map(Typist::due);
        let elsewhere = self.elsewhere.values().map(|(_, until)| *until);
        here.chain(elsewhere).min()
    }

    /// What is to be told now, in order.
    pub(crate) fn take(&mut self, now: Instant) -> Vec<(Stroke, Told)> {
        self.settle(now);
        std::mem::take(&mut self.strokes)
    }

    fn settle(&mut self, now: Instant) {
        let (pace, strokes) = (self.pace, &mut self.strokes);
        self.here.retain(|account, typist| {
            typist.wanted = typist.wanted.filter(|(_, until)| now < *until);
            match (typist.wanted, typist.shown) {
                (Some((spot, _)), Some(shown)) if spot == shown => {}
                _ if now < typist.next => {}
                (Some((spot, until)), _) => {
                    typist.shown = Some(spot);
                    typist.next = now + pace.again;
                    strokes.push((lasting(*account, spot, until - now), Told::Nobody));
                }
                (None, Some(shown)) => {
                    typist.shown = None;
                    typist.next = now + pace.again;
                    strokes.push((ended(*account, shown), Told::Nobody));
                }
                (None, None) => return false,
            }
            true
        });
        self.elsewhere.retain(|(_, account), (spot, until)| {
            if now >= *until {
                strokes.push((ended(*account, *spot), Told::OtherNodes));
            }
            now < *until
        });
    }
}

const fn ended(account: AccountId, spot: Spot) -> Stroke {
    Stroke {
        account,
        spot,
        lasts: None,
    }
}

const fn lasting(account: AccountId, spot: Spot, lasts: Duration) -> Stroke {
    Stroke {
        account,
        spot,
        lasts: Some(lasts),
    }
}

#[cfg(test)]
mod tests;
