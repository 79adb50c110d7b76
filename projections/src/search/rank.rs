//! Which ticket comes first: by what it was found, and how lately it changed.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use domain::TicketId;

use super::find::By;

/// Milliseconds after which a ticket counts half as much as one that changes now.
const HALVED_AFTER_MS: i64 = 180 * 24 * 60 * 60 * 1_000;
/// Steps of a score in which a weight doubles.
const DOUBLING: i64 = 1_000;

/// A ticket that was found, and by what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Rated {
    pub(super) rank: Rank,
    pub(super) by: By,
}

/// A place among the tickets that a search finds: just after this ticket. As text it is opaque to clients, and safe in a
/// URL. It does not depend on the time: as time goes by, all tickets lose alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rank {
    score: i64,
    ticket: TicketId,
}

impl Rank {
    pub(super) fn of(by: &By, updated_at_ms: i64, ticket: TicketId) -> Self {
        let recency = updated_at_ms / (HALVED_AFTER_MS / DOUBLING);
        Self {
            score: weight(by) + recency,
            ticket,
        }
    }

    pub(super) const fn ticket(&self) -> TicketId {
        self.ticket
    }
}

/// The logarithm of what a ticket is worth.
fn weight(by: &By) -> i64 {
    let doublings = |times: i64| times * DOUBLING;
    // Far more than any time can make up for.
    let number = if by.number { doublings(1_000_000) } else { 0 };
    let place = match (by.title, by.words, !by.comments.is_empty()) {
        (true, ..) => doublings(5),
        (false, true, _) => doublings(3),
        (false, false, true) => doublings(1),
        (false, false, false) => 0, // a file's name
    };
    // What is said again and again counts a little more.
    let times = by.comments.len() + by.files.len();
    let more = DOUBLING / 4 * i64::try_from(times.min(4)).unwrap_or(0);
    number + place + more
}

impl Ord for Rank {
    fn cmp(&self, other: &Self) -> Ordering {
        (self.score, self.ticket.as_uuid()).cmp(&(other.score, other.ticket.as_uuid()))
    }
}

impl PartialOrd for Rank {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Rank {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", self.score, self.ticket)
    }
}

/// The text is no place among search results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a place among search results")]
pub struct NotARank;

impl FromStr for Rank {
    type Err = NotARank;

    fn from_str(text: &str) -> Result<Self, NotARank> {
        let (score, ticket) = text.split_once('_').ok_or(NotARank)?;
        Ok(Self {
            score: score.parse().map_err(|_| NotARank)?,
            ticket: ticket.parse().map_err(|_| NotARank)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: i64 = 1_795_393_955_572;
    const DAY: i64 = 24 * 60 * 60 * 1_000;

    fn rank(by: &By, days_ago: i64) -> Rank {
        Rank::of(by, NOW - days_ago * DAY, TicketId::from_uuid(Uuid::from_u128(7)))
    }

    fn title() -> By {
        By {
            title: true,
            words: true,
            ..By::default()
        }
    }

    fn words() -> By {
        By {
            words: true,
            ..By::default()
        }
    }

    fn comments(number: i64) -> By {
        By {
            comments: (2..2 + number).collect(),
            ..By::default()
        }
    }

    #[test]
    fn titles_come_before_descriptions_before_comments_before_files() {
        let file = By {
            files: vec![2],
            ..By::default()
        };
        let order = [title(), words(), comments(1), file];
        assert!(
            order
                .map(|by| rank(&by, 0))
                .is_sorted_by(|one, other| one > other)
        );
        assert!(rank(&comments(3), 0) > rank(&comments(1), 0));
    }

    #[test]
    fn what_changed_lately_comes_first_but_does_not_make_up_for_everything() {
        assert!(rank(&title(), 1) > rank(&title(), 2));
        assert!(rank(&title(), 90) > rank(&words(), 0));
        assert!(rank(&comments(1), 0) > rank(&title(), 3_650));
        let number = By {
            number: true,
            ..By::default()
        };
        assert!(rank(&number, 36_500) > rank(&title(), 0));
    }

    #[test]
    fn a_place_survives_its_text() {
        let place = rank(&title(), 3);
        assert_eq!(place.to_string().parse(), Ok(place));
        for bad in ["", "_", "1_", "1_7", "x_00000000-0000-0000-0000-000000000007"] {
            assert_eq!(bad.parse::<Rank>(), Err(NotARank), "{bad}");
        }
    }
}
