//! What somebody is doing: told by their tabs, counted together.

use std::collections::{BTreeMap, HashMap};

use domain::TicketId;
use wire::live::{Availability, Involvement};

/// What one tab, one node or all of them together know of somebody who is connected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Activity {
    /// Online or away; never offline.
    pub(crate) availability: Availability,
    /// The tickets that they have open.
    pub(crate) tickets: BTreeMap<TicketId, Involvement>,
}

impl Activity {
    /// Of a tab that has said nothing yet.
    pub(crate) const fn new() -> Self {
        Self {
            availability: Availability::Online,
            tickets: BTreeMap::new(),
        }
    }

    /// The most active state counts.
    pub(crate) fn join(&mut self, other: &Self) {
        self.availability = self.availability.max(other.availability);
        for (ticket, involvement) in &other.tickets {
            let known = self.tickets.entry(*ticket).or_insert(*involvement);
            *known = (*known).max(*involvement);
        }
    }
}

/// Several activities of one person, so that one can be taken out again without looking at all the others.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    online: usize,
    away: usize,
    tickets: HashMap<TicketId, [usize; 3]>,
}

const INVOLVEMENTS: [Involvement; 3] = [Involvement::Open, Involvement::Viewing, Involvement::Editing];

const fn index(involvement: Involvement) -> usize {
    match involvement {
        Involvement::Open => 0,
        Involvement::Viewing => 1,
        Involvement::Editing => 2,
    }
}

impl Tally {
    pub(crate) fn add(&mut self, activity: &Activity) {
        match activity.availability {
            Availability::Online => self.online += 1,
            Availability::Away | Availability::Offline => self.away += 1,
        }
        for (ticket, involvement) in &activity.tickets {
            self.tickets.entry(*ticket).or_default()[index(*involvement)] += 1;
        }
    }

    /// Takes out what was added.
    pub(crate) fn take(&mut self, activity: &Activity) {
        let count = match activity.availability {
            Availability::Online => &mut self.online,
            Availability::Away | Availability::Offline => &mut self.away,
        };
        *count = count.saturating_sub(1);
        for (ticket, involvement) in &activity.tickets {
            if let Some(counts) = self.tickets.get_mut(ticket) {
                let count = &mut counts[index(*involvement)];
                *count = count.saturating_sub(1);
                if counts.iter().all(|count| *count == 0) {
                    self.tickets.remove(ticket);
                }
            }
        }
    }

    /// All of them together; none if nothing is left.
    pub(crate) fn together(&self) -> Option<Activity> {
        if self.online + self.away == 0 {
            return None;
        }
        let most = |counts: &[usize; 3]| {
            INVOLVEMENTS
                .into_iter()
                .rev()
                .find(|involvement| counts[index(*involvement)] > 0)
        };
        Some(Activity {
            availability: if self.online > 0 {
                Availability::Online
            } else {
                Availability::Away
            },
            tickets: self
                .tickets
                .iter()
                .filter_map(|(ticket, counts)| Some((*ticket, most(counts)?)))
                .collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn activity(availability: Availability, tickets: &[(u128, Involvement)]) -> Activity {
        let ticket = |number| TicketId::from_uuid(Uuid::from_u128(number));
        Activity {
            availability,
            tickets: tickets
                .iter()
                .map(|(number, is)| (ticket(*number), *is))
                .collect(),
        }
    }

    #[test]
    fn the_most_active_tab_counts_and_can_be_taken_out_again() {
        let looks = activity(
            Availability::Away,
            &[(1, Involvement::Viewing), (2, Involvement::Open)],
        );
        let edits = activity(Availability::Online, &[(1, Involvement::Editing)]);
        let mut tally = Tally::default();
        assert_eq!(tally.together(), None);
        tally.add(&looks);
        tally.add(&edits);
        tally.add(&edits);
        let both = activity(
            Availability::Online,
            &[(1, Involvement::Editing), (2, Involvement::Open)],
        );
        assert_eq!(tally.together(), Some(both.clone()));
        let mut joined = looks.clone();
        joined.join(&edits);
        assert_eq!(joined, both);
        tally.take(&edits);
        assert_eq!(tally.together(), Some(both));
        tally.take(&edits);
        assert_eq!(tally.together(), Some(looks.clone()));
        tally.take(&looks);
        assert_eq!(tally.together(), None);
        assert!(tally.tickets.is_empty());
    }
}
