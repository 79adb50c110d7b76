//! A list's numbers: read once, moved by each event.

use std::collections::BTreeMap;

use domain::ticket::{Priority, Status, Ticket};
use eventlog::Position;
use projections::tickets::ListTallies;
use tokio::time::Instant;

use super::COUNTS_INTERVAL;

/// Events that may happen while numbers are read, at most; if there are more, the reading begins anew.
const GATHERED_MAX: usize = 10_000;

/// Of which status and priority a ticket is.
pub(super) type Kind = (Status, Priority);
/// How many tickets there are of each kind. There may be zeros.
pub(super) type Cells = BTreeMap<Kind, i64>;

/// What an event does to a list's numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Move {
    /// What the ticket was before, if it was in the list.
    pub(super) from: Option<Kind>,
    /// What it is now, if it is.
    pub(super) to: Option<Kind>,
}

pub(super) const fn kind(ticket: &Ticket) -> Kind {
    (ticket.status, ticket.priority)
}

/// See above.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    state: State,
    changed: bool,
    /// When numbers were told last, and which; none if somebody has been answered others since.
    told: Option<(Instant, Option<Cells>)>,
}

#[derive(Debug, Default)]
enum State {
    /// Nobody has asked for them.
    #[default]
    Unknown,
    /// They are being read; what happens meanwhile waits.
    Gathering(Vec<(Position, Move)>),
    /// They are those of the read model at `base`, moved by everything after it.
    Known { base: Position, cells: Cells },
}

impl Tally {
    /// The numbers, and the position that they are of at least; none if they are not known.
    pub(super) const fn known(&self) -> Option<(Position, &Cells)> {
        match &self.state {
            State::Known { base, cells } => Some((*base, cells)),
            State::Unknown | State::Gathering(_) => None,
        }
    }

    /// The same, for somebody in particular: who must hear of it if the numbers become again what all others know.
    pub(super) fn answer(&mut self) -> Option<(Position, &Cells)> {
        let State::Known { base, cells } = &self.state else {
            return None;
        };
        if let Some((_, told)) = &mut self.told
            && told.as_ref() != Some(cells)
        {
            *told = None;
        }
        Some((*base, cells))
    }

    /// From now on, events wait for what is being read.
    pub(super) fn gather(&mut self) {
        self.state = State::Gathering(Vec::new());
    }

    /// What was read. False if too much happened meanwhile.
    pub(super) fn found(&mut self, read: &ListTallies) -> bool {
        let State::Gathering(gathered) = std::mem::take(&mut self.state) else {
            return false;
        };
        let kinds = read.tallies.iter();
        let mut cells: Cells = kinds
            .map(|tally| ((tally.status, tally.priority), tally.tickets))
            .collect();
        for (position, moved) in gathered {
            if position > read.position {
                apply(&mut cells, moved);
            }
        }
        self.state = State::Known {
            base: read.position,
            cells,
        };
        true
    }

    /// Takes in an event; true if the numbers are others than before.
    pub(super) fn take(&mut self, position: Position, moved: Move) -> bool {
        if moved.from == moved.to {
            return false;
        }
        match &mut self.state {
            State::Unknown => return false,
            State::Gathering(gathered) if gathered.len() >= GATHERED_MAX => {
                self.state = State::Unknown;
                return false;
            }
            State::Gathering(gathered) => gathered.push((position, moved)),
            // The read model had come further than the relay.
            State::Known { base, .. } if position <= *base => return false,
            State::Known { cells, .. } => apply(cells, moved),
        }
        self.changed = true;
        true
    }

    /// The numbers must be read anew, and told.
    pub(super) fn forget(&mut self) {
        self.state = State::Unknown;
        self.changed = true;
    }

    pub(super) const fn has_changed(&self) -> bool {
        self.changed
    }

    /// When the numbers may be told next, at `now` or later; none if they are not known.
    pub(super) fn next_telling(&self, now: Instant) -> Option<Instant> {
        self.known()?;
        let last = self.told.as_ref().map(|(at, _)| *at);
        Some(last.map_or(now, |at| now.max(at + COUNTS_INTERVAL)))
    }

    /// The numbers to be told, which they are taken to be from now on; none if they are those that were told last.
    pub(super) fn tell(&mut self, now: Instant) -> Option<(Position, &Cells)> {
        let State::Known { base, cells } = &self.state else {
            return None;
        };
        self.changed = false;
        let told = self.told.as_ref().and_then(|(_, told)| told.as_ref());
        if told == Some(cells) {
            return None;
        }
        self.told = Some((now, Some(cells.clone())));
        Some((*base, cells))
    }
}

fn apply(cells: &mut Cells, moved: Move) {
    if let Some(from) = moved.from {
        *cells.entry(from).or_default() -= 1;
    }
    if let Some(to) = moved.to {
        *cells.entry(to).or_default() += 1;
    }
    cells.retain(|_, tickets| *tickets != 0);
}

#[cfg(test)]
mod tests {
    use domain::ticket::{Priority, Status};
    use projections::tickets::ListTally;

    use super::*;

    const OPEN: Kind = (Status::Open, Priority::Low);
    const CLOSED: Kind = (Status::Closed, Priority::Low);
    const ENTERS: Move = Move {
        from: None,
        to: Some(OPEN),
    };
    const CLOSES: Move = Move {
        from: Some(OPEN),
        to: Some(CLOSED),
    };

    fn read(position: Position, tickets: i64) -> ListTallies {
        let tally = ListTally {
            status: Status::Open,
            priority: Priority::Low,
            tickets,
        };
        ListTallies {
            position,
            tallies: vec![tally],
        }
    }

    fn cells(tally: &Tally) -> Vec<(Kind, i64)> {
        let (_, cells) = tally.known().unwrap();
        cells.iter().map(|(kind, tickets)| (*kind, *tickets)).collect()
    }

    #[test]
    fn what_happens_while_numbers_are_read_counts_once() {
        let mut tally = Tally::default();
        assert!(!tally.take(1, ENTERS), "nobody has asked");
        tally.gather();
        for position in 2..=4 {
            assert!(tally.take(position, ENTERS));
        }
        assert!(tally.found(&read(3, 10)));
        assert_eq!(cells(&tally), [(OPEN, 11)], "2 and 3 were read");
        assert!(tally.take(5, CLOSES));
        assert_eq!(cells(&tally), [(OPEN, 10), (CLOSED, 1)]);
    }

    #[test]
    fn a_read_model_that_is_ahead_is_not_counted_twice() {
        let mut tally = Tally::default();
        tally.gather();
        assert!(tally.found(&read(7, 10)));
        assert!(!tally.take(6, ENTERS));
        assert!(!tally.take(7, ENTERS));
        assert!(tally.take(8, ENTERS));
        assert_eq!(cells(&tally), [(OPEN, 11)]);
    }

    #[test]
    fn a_change_that_moves_no_number_is_none() {
        let mut tally = Tally::default();
        tally.gather();
        tally.found(&read(1, 1));
        let stays = Move {
            from: Some(OPEN),
            to: Some(OPEN),
        };
        assert!(!tally.take(2, stays));
        assert!(!tally.has_changed());
    }

    #[test]
    fn numbers_are_told_when_they_changed_and_not_too_often() {
        let now = Instant::now();
        let mut tally = Tally::default();
        tally.gather();
        tally.found(&read(1, 1));
        tally.take(2, ENTERS);
        assert_eq!(tally.next_telling(now), Some(now), "the first time at once");
        assert!(tally.tell(now).is_some());
        assert_eq!(tally.next_telling(now), Some(now + COUNTS_INTERVAL));
        tally.take(3, ENTERS);
        tally.take(
            4,
            Move {
                from: Some(OPEN),
                to: None,
            },
        );
        assert!(tally.has_changed());
        assert!(
            tally.tell(now + COUNTS_INTERVAL).is_none(),
            "they are what they were"
        );
        let leaves = Move {
            from: Some(OPEN),
            to: None,
        };
        tally.take(5, ENTERS);
        assert!(tally.answer().is_some());
        tally.take(6, leaves);
        assert!(tally.tell(now).is_some(), "somebody knows of one more");
        tally.forget();
        assert!(tally.has_changed() && tally.next_telling(now).is_none());
    }

    #[test]
    fn more_than_can_wait_begins_the_reading_anew() {
        let mut tally = Tally::default();
        tally.gather();
        for position in 0..=i64::try_from(GATHERED_MAX).unwrap() {
            tally.take(position, ENTERS);
        }
        assert!(!tally.found(&read(1, 1)));
        assert!(tally.known().is_none());
    }
}
