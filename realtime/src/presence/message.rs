//! What nodes tell each other, as lines of JSON. Names are short: a notification takes less than 8,000 bytes.
//!
//! A node of another version may say what is not known here; that is passed over.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use domain::TicketId;
use domain::ids::AccountId;
use serde::{Deserialize, Serialize};
use uuid::Uuid;
use wire::live::{Availability, Involvement};

use super::activity::Activity;
use super::keys::{Spot, Stroke};
use crate::signals::SIGNAL_BYTES_MAX;

/// Tickets that a node tells of one person, at most: those that they do most with.
const TICKETS_MAX: usize = 100;
/// Bytes of an envelope around people, at most.
const ENVELOPE_BYTES: usize = 200;

/// A message with its sender.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Envelope {
    /// The node.
    #[serde(rename = "n")]
    pub(super) node: Uuid,
    /// Counts its messages from 1, so that gaps show.
    #[serde(rename = "q")]
    pub(super) number: u64,
    #[serde(flatten)]
    pub(super) message: Message,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "lowercase")]
pub(super) enum Message {
    /// The node lives.
    Beat,
    /// It asks what the others know: all of them, or this one.
    Ask {
        #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
        of: Option<Uuid>,
    },
    /// It stops. Its people have a moment to come to another node.
    Gone,
    /// These people do something else than before.
    People {
        #[serde(rename = "p")]
        people: Vec<Person>,
    },
    /// A part of all that it knows, from 0; what is in none of the parts is not so.
    All {
        #[serde(rename = "i")]
        part: usize,
        #[serde(rename = "k")]
        parts: usize,
        #[serde(rename = "p")]
        people: Vec<Person>,
    },
    /// Somebody types, or no longer.
    Keys {
        #[serde(rename = "a")]
        account: Uuid,
        #[serde(rename = "k")]
        ticket: Uuid,
        #[serde(rename = "i")]
        internal: bool,
        /// For how many milliseconds, if nothing else is said; none: it has ended.
        #[serde(rename = "ms", default, skip_serializing_if = "Option::is_none")]
        lasts_ms: Option<u64>,
    },
}

/// What somebody does on one node.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Person {
    #[serde(rename = "a")]
    account: Uuid,
    /// None if they are not there.
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    availability: Option<Availability>,
    #[serde(rename = "v", default, skip_serializing_if = "BTreeMap::is_empty")]
    tickets: BTreeMap<Uuid, Involvement>,
}

impl Person {
    pub(super) fn new(account: AccountId, activity: Option<&Activity>) -> Self {
        let mut tickets: Vec<(Uuid, Involvement)> = activity
            .iter()
            .flat_map(|activity| &activity.tickets)
            .map(|(ticket, involvement)| (ticket.as_uuid(), *involvement))
            .collect();
        if tickets.len() > TICKETS_MAX {
            tickets.sort_by(|(_, one), (_, other)| other.cmp(one));
            tickets.truncate(TICKETS_MAX);
        }
        Self {
            account: account.as_uuid(),
            availability: activity.map(|activity| activity.availability),
            tickets: tickets.into_iter().collect(),
        }
    }

    pub(super) fn into_activity(self) -> (AccountId, Option<Activity>) {
        let there = self
            .availability
            .filter(|availability| *availability != Availability::Offline);
        let activity = there.map(|availability| Activity {
            availability,
            tickets: self
                .tickets
                .into_iter()
                .map(|(ticket, involvement)| (TicketId::from_uuid(ticket), involvement))
                .collect(),
        });
        (AccountId::from_uuid(self.account), activity)
    }

    /// Bytes that it takes in a message, at most.
    fn bytes(&self) -> usize {
        80 + 52 * self.tickets.len()
    }
}

impl Message {
    pub(super) fn keys(stroke: &Stroke) -> Self {
        Self::Keys {
            account: stroke.account.as_uuid(),
            ticket: stroke.spot.ticket.as_uuid(),
            internal: stroke.spot.internal,
            lasts_ms: stroke
                .lasts
                .map(|lasts| u64::try_from(lasts.as_millis()).unwrap_or(u64::MAX)),
        }
    }

    /// Everything, in as many parts as it takes; one if there is nothing.
    pub(super) fn all(people: impl Iterator<Item = (AccountId, Activity)>) -> Vec<Self> {
        let mut chunks = chunks(people.map(|(account, activity)| Person::new(account, Some(&activity))));
        if chunks.is_empty() {
            chunks.push(Vec::new());
        }
        let parts = chunks.len();
        let all = |(part, people)| Self::All { part, parts, people };
        chunks.into_iter().enumerate().map(all).collect()
    }

    /// What has changed, in as many messages as it takes.
    pub(super) fn people(people: impl Iterator<Item = Person>) -> Vec<Self> {
        chunks(people)
            .into_iter()
            .map(|people| Self::People { people })
            .collect()
    }
}

fn chunks(people: impl Iterator<Item = Person>) -> Vec<Vec<Person>> {
    let mut chunks: Vec<Vec<Person>> = Vec::new();
    let mut bytes = 0;
    for person in people {
        bytes += person.bytes();
        match chunks.last_mut() {
            Some(chunk) if bytes + ENVELOPE_BYTES <= SIGNAL_BYTES_MAX => chunk.push(person),
            Some(_) | None => {
                bytes = person.bytes();
                chunks.push(vec![person]);
            }
        }
    }
    chunks
}

/// A stroke as another node tells it.
pub(super) const fn stroke(account: Uuid, ticket: Uuid, internal: bool, lasts_ms: Option<u64>) -> Stroke {
    Stroke {
        account: AccountId::from_uuid(account),
        spot: Spot {
            ticket: TicketId::from_uuid(ticket),
            internal,
        },
        lasts: match lasts_ms {
            Some(lasts_ms) => Some(Duration::from_millis(lasts_ms)),
            None => None,
        },
    }
}

/// Everything of another node, of which parts have arrived.
#[derive(Debug, Default)]
pub(super) struct Parts {
    arrived: usize,
    people: HashMap<AccountId, Activity>,
}

impl Parts {
    /// Another part; all of them once the last has come, if none was missed.
    pub(super) fn add(
        &mut self,
        part: usize,
        parts: usize,
        people: Vec<Person>,
    ) -> Option<HashMap<AccountId, Activity>> {
        if part == 0 {
            *self = Self::default();
        }
        if part != self.arrived {
            *self = Self::default();
            return None;
        }
        self.arrived += 1;
        let there = people.into_iter().map(Person::into_activity);
        let there = there.filter_map(|(account, activity)| Some((account, activity?)));
        self.people.extend(there);
        (self.arrived == parts).then(|| std::mem::take(self).people)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn activity(tickets: u128) -> Activity {
        let ticket = |number| (TicketId::from_uuid(Uuid::from_u128(number)), Involvement::Viewing);
        Activity {
            availability: Availability::Online,
            tickets: (0..tickets).map(ticket).collect(),
        }
    }

    fn everybody(count: u128, tickets: u128) -> Vec<(AccountId, Activity)> {
        let somebody = |number| (AccountId::from_uuid(Uuid::from_u128(number)), activity(tickets));
        (0..count).map(somebody).collect()
    }

    fn written(message: Message) -> String {
        let envelope = Envelope {
            node: Uuid::max(),
            number: u64::MAX,
            message,
        };
        serde_json::to_string(&envelope).unwrap()
    }

    #[test]
    fn everything_is_told_in_parts_that_fit_and_put_together_again() {
        for (people, tickets) in [(0, 0), (1, 100), (1_000, 0), (200, 30), (7, 250)] {
            let all = everybody(people, tickets);
            let told = Message::all(all.iter().cloned());
            let mut parts = Parts::default();
            let mut heard = None;
            for message in told {
                let line = written(message);
                assert!(line.len() <= SIGNAL_BYTES_MAX, "{}", line.len());
                let envelope: Envelope = serde_json::from_str(&line).unwrap();
                let Message::All {
                    part,
                    parts: of,
                    people,
                } = envelope.message
                else {
                    panic!("{line}");
                };
                assert!(heard.is_none());
                heard = parts.add(part, of, people);
            }
            let heard = heard.unwrap();
            assert_eq!(heard.len(), all.len());
            for (account, activity) in all {
                assert_eq!(
                    heard[&account].tickets.len(),
                    activity.tickets.len().min(TICKETS_MAX)
                );
            }
        }
    }

    #[test]
    fn a_missed_part_makes_the_whole_void() {
        let mut parts = Parts::default();
        assert_eq!(parts.add(0, 3, Vec::new()), None);
        assert_eq!(parts.add(2, 3, Vec::new()), None);
        assert_eq!(parts.add(0, 2, Vec::new()), None);
        assert_eq!(parts.add(1, 2, Vec::new()), Some(HashMap::new()));
        assert_eq!(parts.add(1, 2, Vec::new()), None);
    }

    #[test]
    fn what_another_version_says_is_passed_over_or_understood() {
        let future = r#"{"n":"00000000-0000-0000-0000-000000000001","q":1,"t":"dance","x":1}"#;
        assert!(serde_json::from_str::<Envelope>(future).is_err());
        let more = r#"{"n":"00000000-0000-0000-0000-000000000001","q":1,"t":"beat","x":1}"#;
        assert!(serde_json::from_str::<Envelope>(more).is_ok());
    }
}
