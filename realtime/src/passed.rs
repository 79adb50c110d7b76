//! What has become of an event: told, nothing to tell, or missed.

use std::collections::VecDeque;
use std::sync::Arc;

use domain::TicketId;
use domain::actor::Actor;
use domain::ids::AccountId;
use domain::policy::{Action, Facts, permit};
use eventlog::Position;

use crate::account_told::AccountTold;
use crate::told::Told;

/// Positions in a page of the log, aligned: the n-th page ends with position n × this.
pub(crate) const PAGE_EVENTS: Position = 256;

/// What a client is to be told of one position.
#[derive(Clone)]
pub(crate) enum Passed {
    /// This, if it may know of it.
    Told(Arc<Told>),
    /// This of an account, if it may know of it.
    Account(Arc<AccountTold>),
    /// Nothing: the event is not told to anybody, or no longer.
    Nothing,
    /// The event cannot be told: whoever could have seen it must fetch anew.
    Missed(Witness),
}

/// Who could have seen an event that cannot be told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Witness {
    /// Whoever may read the tickets of this account.
    ReaderOf(AccountId),
    /// It is not known who.
    Anybody,
}

impl Witness {
    /// Whether `actor` is one.
    pub(crate) fn is(self, actor: &Actor) -> bool {
        match self {
            Self::ReaderOf(owner) => may_read(actor, owner),
            Self::Anybody => true,
        }
    }
}

/// Whether `actor` may read this account's tickets.
pub(crate) fn may_read(actor: &Actor, requester: AccountId) -> bool {
    permit(actor, Action::ReadTicket, &Facts::ticket_of(actor, requester)).is_ok()
}

/// Several positions, each with what became of it.
pub(crate) type Stretch = Vec<(Position, Passed)>;

impl Passed {
    /// What it takes in memory, roughly, in bytes.
    pub(crate) fn cost(&self) -> usize {
        const PLACE: usize = 32;
        /// With both frames.
        const ACCOUNT: usize = 2_000;
        match self {
            Self::Told(told) => PLACE + told.cost(),
            Self::Account(_) => PLACE + ACCOUNT,
            Self::Nothing | Self::Missed(_) => PLACE,
        }
    }
}

/// What the relay has told last: every position from a first one up to the one that is being told.
pub(crate) struct Recent {
    first: Position,
    passed: VecDeque<Passed>,
    bytes: usize,
    events_max: usize,
    bytes_max: usize,
}

impl Recent {
    /// Nothing yet; the relay goes on after `head`.
    pub(crate) fn new(head: Position, events_max: usize, bytes_max: usize) -> Self {
        Self {
            first: head + 1,
            passed: VecDeque::new(),
            bytes: 0,
            events_max,
            bytes_max,
        }
    }

    /// The first position that is here, or will be.
    pub(crate) fn first(&self) -> Position {
        self.first
    }

    fn next(&self) -> Position {
        self.first + Position::try_from(self.passed.len()).unwrap_or(Position::MAX)
    }

    /// The relay is about to tell this. When it starts over it comes once more, in place of the former.
    pub(crate) fn push(&mut self, position: Position, passed: Passed) {
        if position + 1 == self.next()
            && let Some(former) = self.passed.pop_back()
        {
            self.bytes -= former.cost();
        }
        if position != self.next() {
            // Only if `push` was not called for a position; the log has what is lacking.
            self.passed.clear();
            self.bytes = 0;
            self.first = position;
        }
        self.bytes += passed.cost();
        self.passed.push_back(passed);
        while self.passed.len() > self.events_max || self.bytes > self.bytes_max {
            self.forget_a_page();
        }
    }

    /// Up to the end of the first one's page: what is read from the log instead is then a whole page, the same for
    /// everybody who reads it, now and later.
    fn forget_a_page(&mut self) {
        while let Some(passed) = self.passed.pop_front() {
            self.bytes -= passed.cost();
            self.first += 1;
            if (self.first - 1) % PAGE_EVENTS == 0 {
                return;
            }
        }
    }

    /// At most `max` positions after this one; none of them if it is not told yet. `None` if it is too long ago.
    pub(crate) fn after(&self, position: Position, max: usize) -> Option<Stretch> {
        let skipped = usize::try_from(position + 1 - self.first).ok()?;
        let entries = self.passed.iter().skip(skipped).take(max);
        Some((position + 1..).zip(entries.cloned()).collect())
    }

    /// A ticket is no more: what was told of it is not told again.
    pub(crate) fn withdraw(&mut self, ticket: TicketId) {
        for passed in &mut self.passed {
            if matches!(passed, Passed::Told(told) if told.ticket() == ticket) {
                self.bytes -= passed.cost();
                *passed = Passed::Nothing;
                self.bytes += passed.cost();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn recent(head: Position, upto: Position, events_max: usize) -> Recent {
        let mut recent = Recent::new(head, events_max, usize::MAX);
        for position in head + 1..=upto {
            recent.push(position, Passed::Nothing);
        }
        recent
    }

    fn positions(recent: &Recent, after: Position, max: usize) -> Option<Vec<Position>> {
        let stretch = recent.after(after, max)?;
        Some(stretch.into_iter().map(|(position, _)| position).collect())
    }

    #[test]
    fn it_hands_out_what_it_has_and_says_what_it_lacks() {
        let recent = recent(100, 110, 1_000);
        assert_eq!(positions(&recent, 99, 9), None);
        assert_eq!(positions(&recent, 100, 3), Some(vec![101, 102, 103]));
        assert_eq!(positions(&recent, 108, 9), Some(vec![109, 110]));
        assert_eq!(positions(&recent, 110, 9), Some(vec![]));
        assert_eq!(positions(&recent, 200, 9), Some(vec![]));
    }

    #[test]
    fn it_forgets_whole_pages() {
        let recent = recent(100, 1_400, 1_000);
        assert_eq!(recent.first() % PAGE_EVENTS, 1);
        assert_eq!(recent.first(), 513);
        assert_eq!(positions(&recent, 1_398, 9), Some(vec![1_399, 1_400]));
    }

    #[test]
    fn what_takes_too_much_is_forgotten_whatever_its_number() {
        let mut recent = Recent::new(0, 1_000, 0);
        recent.push(1, Passed::Nothing);
        assert_eq!((recent.first(), recent.bytes), (2, 0));
        assert_eq!(positions(&recent, 0, 9), None);
        assert_eq!(positions(&recent, 1, 9), Some(vec![]));
    }

    #[test]
    fn a_position_may_come_again() {
        let mut recent = recent(0, 5, 1_000);
        recent.push(5, Passed::Missed(Witness::Anybody));
        assert_eq!(positions(&recent, 3, 9), Some(vec![4, 5]));
        let told_last = recent.after(4, 9).unwrap();
        assert!(matches!(told_last[..], [(5, Passed::Missed(_))]));
        recent.push(6, Passed::Nothing);
        assert_eq!(positions(&recent, 0, 9), Some(vec![1, 2, 3, 4, 5, 6]));
    }
}
