//! Folding the whole log in memory, for a rebuild.

use std::collections::HashMap;

use eventlog::EventFacts;
use uuid::Uuid;

use super::said::{Beginning, Known, Said, said};
use super::tables::{TEXTS, TICKETS, WORDS};
use super::vocabulary::Vocabulary;
use crate::engine::{ApplyError, Copies, Fold, More};

/// How many tickets go out at once at the end of a rebuild.
const TICKETS_AT_ONCE: usize = 5_000;

/// The tickets' own words and the vocabulary; comments and files never change, and go out at once.
#[derive(Default)]
pub(super) struct Bulk {
    places: HashMap<Uuid, usize>,
    tickets: Vec<(Uuid, Beginning)>,
    out: usize,
    vocabulary: Vocabulary,
}

impl Fold for Bulk {
    fn push(&mut self, event: &EventFacts<'_>, out: &mut Copies) -> Result<(), ApplyError> {
        let ticket = event.stream;
        let place = self.places.get(&ticket).copied();
        let known = place.map(|place| {
            let Beginning {
                requester, position, ..
            } = self.tickets[place].1;
            Known { requester, position }
        });
        match (said(known, event, &mut self.vocabulary)?, place) {
            (Said::Begun(beginning), _) => {
                self.places.insert(ticket, self.tickets.len());
                self.tickets.push((ticket, beginning));
            }
            (Said::Title(title), Some(place)) => self.tickets[place].1.title = title,
            (Said::Description(description), Some(place)) => {
                self.tickets[place].1.description = description;
            }
            (Said::Text(text), _) => {
                out.table(TEXTS)
                    .row(6)
                    .uuid(text.ticket)
                    .bigint(text.version)
                    .text(text.kind.as_str())
                    .bigint(text.position)
                    .optional(text.reader, |rows, reader| rows.uuid(reader))
                    .binary(text.words.as_bytes());
            }
            (Said::Title(_) | Said::Description(_) | Said::Nothing, _) => {}
        }
        Ok(())
    }

    fn pass_over(&mut self, _: &EventFacts<'_>, _: &mut Copies) {}

    fn finish(&mut self, out: &mut Copies) -> More {
        let until = (self.out + TICKETS_AT_ONCE).min(self.tickets.len());
        for (ticket, beginning) in &self.tickets[self.out..until] {
            out.table(TICKETS)
                .row(5)
                .uuid(*ticket)
                .uuid(beginning.requester)
                .bigint(beginning.position)
                .binary(beginning.title.as_bytes())
                .binary(beginning.description.as_bytes());
        }
        self.out = until;
        if until < self.tickets.len() {
            return More::Yes;
        }
        std::mem::take(&mut self.vocabulary).put(out.table(WORDS));
        More::No
    }
}
