//! A desk with many texts: words of an invented language, as unevenly common as those of a real one.

use domain::TicketEvent;
use domain::codec;
use domain::ids::{AccountId, CommentId, TicketId};
use domain::text::{CommentBody, Description, Title};
use domain::ticket::{Category, CommentAdded, Created, Priority, Visibility};
use eventlog::{Append, EventLog, NewEvent, StreamId};
use futures::future::try_join_all;
use ops::clock::{OsEntropy, SystemClock};

use crate::outcome::Outcome;
use crate::tickets::{Tickets, new_id};

const AT_ONCE: usize = 500;
const REQUESTERS: usize = 2_000;
/// Comments on each ticket, one of which is internal.
pub(super) const COMMENTS: usize = 10;
/// Words in the language.
const WORDS: usize = 40_000;

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    /// A number below `sides`.
    fn roll(&mut self, sides: usize) -> usize {
        // Knuth's generator; its high bits are good enough for words.
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % sides
    }

    /// The place of a word among those of the language: the first is twice as common as the second, and so on.
    fn place(&mut self) -> usize {
        let share = f64::from(u32::try_from(self.roll(1 << 24)).unwrap_or(0)) / f64::from(1 << 24);
        let words = f64::from(u32::try_from(WORDS).unwrap_or(u32::MAX));
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "between 0 and the number of words"
        )]
        let place = words.powf(share) as usize;
        place.saturating_sub(1).min(WORDS - 1)
    }

    fn text(&mut self, words: usize) -> String {
        let words: Vec<String> = (0..words).map(|_| word(self.place())).collect();
        words.join(" ")
    }
}

/// The word at a place, the most common ones first. Common words are short.
pub(super) fn word(place: usize) -> String {
    const FIRST: [&str; 16] = [
        "b", "d", "f", "g", "k", "l", "m", "n", "p", "r", "s", "t", "v", "z", "br", "st",
    ];
    const SECOND: [&str; 10] = ["a", "e", "i", "o", "u", "an", "el", "or", "is", "un"];
    let mut rest = place;
    let mut word = String::new();
    loop {
        // Neighbours in the order of commonness begin differently.
        word.push_str(FIRST[rest * 7 % FIRST.len()]);
        word.push_str(SECOND[rest / FIRST.len() % SECOND.len()]);
        rest /= FIRST.len() * SECOND.len();
        if rest == 0 && word.len() > 3 {
            return word;
        }
    }
}

/// Appends so many tickets with their comments; the requesters.
pub(super) async fn write(log: &EventLog, tickets: usize) -> Outcome<Vec<AccountId>> {
    let requesters: Vec<AccountId> = (0..REQUESTERS)
        .map(|_| AccountId::new(&SystemClock, &OsEntropy))
        .collect();
    let mut dice = Dice(7);
    for first in (0..tickets).step_by(AT_ONCE) {
        let numbers = first..(first + AT_ONCE).min(tickets);
        let appends = numbers.map(|number| ticket(&mut dice, requesters[number % REQUESTERS], number));
        let appends = appends.collect::<Outcome<Vec<Append>>>()?;
        try_join_all(appends.into_iter().map(|append| log.append(append))).await?;
    }
    Ok(requesters)
}

fn ticket(dice: &mut Dice, requester: AccountId, number: usize) -> Outcome<Append> {
    let ticket = TicketId::new(&SystemClock, &OsEntropy);
    let words = 4 + dice.roll(5);
    let created = Created {
        ticket,
        requester,
        title: Title::parse(&dice.text(words))?,
        description: Description::parse(&dice.text(60))?,
        priority: Priority::ALL[number % Priority::ALL.len()],
        category: Category::ALL[number % Category::ALL.len()],
    };
    let mut events = vec![event(&TicketEvent::Created(created))];
    for number in 0..COMMENTS {
        let words = 10 + dice.roll(40);
        events.push(event(&TicketEvent::CommentAdded(CommentAdded {
            comment: CommentId::new(&SystemClock, &OsEntropy),
            author: requester,
            body: CommentBody::parse(&dice.text(words))?,
            visibility: if number == COMMENTS - 1 {
                Visibility::Internal
            } else {
                Visibility::Public
            },
        })));
    }
    Ok(Append {
        stream: StreamId::new("ticket", ticket.as_uuid()),
        expected: 0,
        events,
        metadata: Tickets::of(requester, 0).metadata(),
        category_unchanged_since: None,
    })
}

fn event(event: &TicketEvent) -> NewEvent {
    let encoded = codec::encode_ticket(event);
    NewEvent {
        event_id: new_id(),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        payload: encoded.payload,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_word_is_another() {
        let words: HashSet<String> = (0..WORDS).map(word).collect();
        assert!(words.len() > WORDS * 9 / 10, "{}", words.len());
        let mut dice = Dice(1);
        let places: Vec<usize> = (0..10_000).map(|_| dice.place()).collect();
        let first = places.iter().filter(|place| **place == 0).count();
        let tenth = places.iter().filter(|place| **place == 9).count();
        assert!(first > tenth * 4, "{first} {tenth}");
    }
}
