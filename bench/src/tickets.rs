//! Tickets as people write them, and what creating one appends.

use domain::codec;
use domain::ids::{AccountId, TicketId, uuid_v7};
use domain::text::{Description, Title};
use domain::ticket::{Category, Created, Priority};
use domain::{Actor, Role, TicketEvent};
use eventlog::{Append, Metadata, NewEvent, StreamId};
use ops::clock::{OsEntropy, SystemClock};
use uuid::Uuid;

use crate::outcome::Outcome;

const TITLES: [&str; 4] = [
    "Printer on the third floor eats paper",
    "VPN drops every ten minutes since Monday",
    "Please give Carla access to the travel desk",
    "Laptop does not wake up in the docking station",
];

const DESCRIPTIONS: [&str; 3] = [
    "It happens on every second page, also after switching it off and on again. The display says \"E-41\", and nobody \
     here knows what that means. Could somebody have a look before Thursday, please?",
    "I am working from home, the line itself is fine. The client shows that it reconnects, and every session that was \
     open by then is gone. My colleague in the same street does not have this.",
    "She begins on the first of the month and will book the team's journeys from then on; her manager knows about it \
     and has said yes. The same rights as mine are enough.",
];

/// Makes new tickets, each with other ids.
#[derive(Clone, Debug)]
pub(crate) struct Tickets {
    requester: AccountId,
    made: usize,
}

impl Tickets {
    /// Those of somebody new.
    pub(crate) fn new() -> Self {
        Self::of(AccountId::new(&SystemClock, &OsEntropy), 0)
    }

    /// Those of `requester`, from the kind with this number on.
    pub(crate) const fn of(requester: AccountId, made: usize) -> Self {
        Self { requester, made }
    }

    /// The event that begins a new ticket.
    pub(crate) fn created(&mut self) -> Outcome<Created> {
        let made = self.made;
        self.made += 1;
        Ok(Created {
            ticket: TicketId::new(&SystemClock, &OsEntropy),
            requester: self.requester,
            title: Title::parse(TITLES[made % TITLES.len()])?,
            description: Description::parse(DESCRIPTIONS[made % DESCRIPTIONS.len()])?,
            priority: Priority::ALL[made % Priority::ALL.len()],
            category: Category::ALL[made % Category::ALL.len()],
        })
    }

    /// The same as the crate `commands` appends it.
    pub(crate) fn append(&mut self) -> Outcome<Append> {
        let created = self.created()?;
        let stream = StreamId::new("ticket", created.ticket.as_uuid());
        let encoded = codec::encode_ticket(&TicketEvent::Created(created));
        let event = NewEvent {
            event_id: new_id(),
            event_type: encoded.event_type.to_owned(),
            schema_version: encoded.schema_version,
            payload: encoded.payload,
        };
        Ok(Append {
            stream,
            expected: 0,
            events: vec![event],
            metadata: self.metadata(),
            category_unchanged_since: None,
        })
    }

    /// Metadata as the crate `commands` writes it.
    pub(crate) fn metadata(&self) -> Metadata {
        let actor = Actor::Account {
            id: self.requester,
            role: Role::User,
        };
        Metadata {
            actor: actor.to_string(),
            command_id: new_id(),
            correlation_id: new_id(),
            causation_id: None,
            origin: "http".to_owned(),
            fingerprint: None,
            traceparent: None,
        }
    }
}

pub(crate) fn new_id() -> Uuid {
    uuid_v7(&SystemClock, &OsEntropy)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn payloads_are_as_long_as_real_ones() {
        let mut tickets = Tickets::new();
        for _ in 0..100 {
            let append = tickets.append().unwrap();
            let bytes = append.events[0].payload.len();
            assert!((300..=450).contains(&bytes), "{bytes}");
        }
    }
}
