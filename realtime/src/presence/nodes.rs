//! The other nodes: whether they live, and whether something of theirs was missed.

use std::collections::HashMap;
use std::time::Duration;

use domain::ids::AccountId;
use tokio::time::Instant;
use uuid::Uuid;

use super::PresenceStats;
use super::activity::Activity;
use super::message::{Envelope, Message, Parts, Person};

/// Nodes that are known at once, at most.
const NODES_MAX: usize = 256;
/// Shortest time between two tellings of everything: many may ask at once.
const ALL_EVERY: Duration = Duration::from_millis(500);

/// Another node.
#[derive(Debug)]
struct Node {
    /// When it is forgotten if nothing is heard of it.
    until: Instant,
    /// The number of its last message.
    last: u64,
    parts: Parts,
    /// Nothing of it has been missed since it last told everything.
    whole: bool,
    /// It has said that it stops.
    gone: bool,
}

/// What a message means for what is known of its sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It follows on the last one.
    InOrder,
    /// Something of this node was missed before it.
    AfterGap,
    /// It is this node's own, or old: it is to be passed over.
    Ignored,
}

/// See above.
#[derive(Debug, Default)]
pub(super) struct Nodes {
    known: HashMap<Uuid, Node>,
    /// The number of this node's last message.
    number: u64,
    owes_all: bool,
    /// When all that this node knows may be told again.
    all_at: Option<Instant>,
    heard: u64,
    pub(super) missed: u64,
}

impl Nodes {
    /// This node's next message.
    pub(super) fn envelope(&mut self, node: Uuid, message: Message) -> Envelope {
        self.number += 1;
        Envelope {
            node,
            number: self.number,
            message,
        }
    }

    /// A message came; its sender lives until `until` at least.
    pub(super) fn hear(&mut self, own: Uuid, node: Uuid, number: u64, until: Instant) -> Heard {
        if node == own {
            return Heard::Ignored;
        }
        let known = self.known.len();
        let heard = match self.known.get_mut(&node) {
            Some(sender) if number <= sender.last || sender.gone => return Heard::Ignored,
            Some(sender) => {
                let is_next = number == sender.last + 1;
                sender.last = number;
                sender.until = until;
                if is_next {
                    Heard::InOrder
                } else {
                    sender.whole = false;
                    Heard::AfterGap
                }
            }
            None if known >= NODES_MAX => return Heard::Ignored,
            None => {
                let sender = Node {
                    until,
                    last: number,
                    parts: Parts::default(),
                    whole: number == 1,
                    gone: false,
                };
                self.known.insert(node, sender);
                if number == 1 {
                    Heard::InOrder
                } else {
                    Heard::AfterGap
                }
            }
        };
        self.heard += 1;
        heard
    }

    /// Whether all that this node has told is known.
    pub(super) fn is_whole(&self, node: Uuid) -> bool {
        self.known.get(&node).is_some_and(|known| known.whole)
    }

    /// A part of everything that a node knows has come, the how manieth and of how many; all of it, if this was the
    /// last one.
    pub(super) fn add_part(
        &mut self,
        node: Uuid,
        (part, parts): (usize, usize),
        people: Vec<Person>,
    ) -> Option<HashMap<AccountId, Activity>> {
        let sender = self.known.get_mut(&node)?;
        let all = sender.parts.add(part, parts, people)?;
        sender.whole = true;
        Some(all)
    }

    /// Somebody asked for all that this node knows.
    pub(super) fn owe_all(&mut self) {
        self.owes_all = true;
    }

    /// When all that this node knows is to be told, if it is.
    pub(super) fn all_due(&self) -> Option<Instant> {
        self.owes_all.then(|| self.all_at.unwrap_or_else(Instant::now))
    }

    /// Whether all that this node knows is to be told now; then it counts as told.
    pub(super) fn must_tell_all(&mut self, now: Instant) -> bool {
        let must = self.owes_all && self.all_at.is_none_or(|at| at <= now);
        if must {
            self.owes_all = false;
            self.all_at = Some(now + ALL_EVERY);
        }
        must
    }

    /// A node has said that it stops: it is forgotten at `until`, whatever old message of its still comes.
    pub(super) fn leave(&mut self, node: Uuid, until: Instant) {
        if let Some(leaving) = self.known.get_mut(&node) {
            leaving.until = until;
            leaving.gone = true;
        }
    }

    /// When the next node is forgotten.
    pub(super) fn next_expiry(&self) -> Option<Instant> {
        self.known.values().map(|node| node.until).min()
    }

    /// Forgets those that have been silent for too long; tells which.
    pub(super) fn expire(&mut self, now: Instant) -> Vec<Uuid> {
        let silent = |(node, known): (&Uuid, &Node)| (known.until <= now).then_some(*node);
        let forgotten: Vec<Uuid> = self.known.iter().filter_map(silent).collect();
        for node in &forgotten {
            self.known.remove(node);
        }
        forgotten
    }

    pub(super) fn stats(&self) -> PresenceStats {
        PresenceStats {
            nodes: self.known.len(),
            told: self.number,
            heard: self.heard,
            missed: self.missed,
            ..PresenceStats::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn gaps_show_and_what_is_old_or_own_is_passed_over() {
        let now = Instant::now();
        let until = now + Duration::from_secs(1);
        let (own, one, two) = (Uuid::from_u128(1), Uuid::from_u128(2), Uuid::from_u128(3));
        let mut nodes = Nodes::default();
        assert_eq!(nodes.hear(own, own, 1, until), Heard::Ignored);
        assert_eq!(nodes.hear(own, one, 1, until), Heard::InOrder);
        assert_eq!(nodes.hear(own, one, 2, until), Heard::InOrder);
        assert_eq!(nodes.hear(own, one, 2, until), Heard::Ignored);
        assert_eq!(nodes.hear(own, one, 4, until), Heard::AfterGap);
        assert_eq!(
            nodes.hear(own, two, 9, until),
            Heard::AfterGap,
            "its beginning was missed"
        );
        assert!(nodes.expire(now).is_empty());
        nodes.leave(one, now);
        assert_eq!(
            nodes.hear(own, one, 5, until),
            Heard::Ignored,
            "it has said that it stops"
        );
        assert_eq!(nodes.expire(now), [one]);
        assert_eq!(nodes.expire(until), [two]);
        assert_eq!(nodes.next_expiry(), None);
        assert_eq!(nodes.stats().heard, 4);
    }
}
