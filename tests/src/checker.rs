//! Compares what clients were told with what the log has, after a run with crashes. Pure. The words are Jepsen's.

use std::collections::{HashMap, HashSet};
use std::fmt;

use uuid::Uuid;

/// What one client wrote down about one wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wish {
    /// Names the wish; the log must have it at most once.
    pub key: Uuid,
    /// Whether the server said that it is done.
    pub acknowledged: bool,
    /// Whether the server said that it is refused, and so never will be done.
    pub refused: bool,
}

/// The seven words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Wishes that were sent.
    pub attempted: usize,
    /// Wishes that the server said are done.
    pub acknowledged: usize,
    /// Acknowledged wishes that the log has.
    pub ok: usize,
    /// Acknowledged wishes that the log has not.
    pub lost: Vec<Uuid>,
    /// What the log has though nobody wished it, or though it was refused.
    pub unexpected: Vec<Uuid>,
    /// What the log has more than once.
    pub duplicated: Vec<Uuid>,
    /// Wishes whose answer was lost, and that the log has.
    pub recovered: usize,
}

impl Report {
    /// Whether every promise was kept.
    pub fn is_clean(&self) -> bool {
        self.lost.is_empty() && self.unexpected.is_empty() && self.duplicated.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "attempted {} acknowledged {} ok {} lost {} unexpected {} duplicated {} recovered {}",
            self.attempted,
            self.acknowledged,
            self.ok,
            self.lost.len(),
            self.unexpected.len(),
            self.duplicated.len(),
            self.recovered
        )
    }
}

/// Compares the journals of all clients with the keys of all effects in the log, in log order.
pub fn check(journal: &[Wish], log: &[Uuid]) -> Report {
    let mut counts: HashMap<Uuid, usize> = HashMap::new();
    for key in log {
        *counts.entry(*key).or_default() += 1;
    }
    let mut report = Report {
        attempted: journal.len(),
        ..Report::default()
    };
    let mut wished = HashSet::new();
    for wish in journal {
        assert!(
            wished.insert(wish.key),
            "{} stands in the journal twice",
            wish.key
        );
        let found = counts.get(&wish.key).copied().unwrap_or(0);
        if wish.acknowledged {
            report.acknowledged += 1;
        }
        match (wish.acknowledged, found) {
            (true, 0) => report.lost.push(wish.key),
            (true, _) => report.ok += 1,
            (false, 0) => {}
            (false, _) if wish.refused => report.unexpected.push(wish.key),
            (false, _) => report.recovered += 1,
        }
        if found > 1 {
            report.duplicated.push(wish.key);
        }
    }
    let mut seen = HashSet::new();
    for key in log {
        if !wished.contains(key) && seen.insert(*key) {
            report.unexpected.push(*key);
            if counts[key] > 1 {
                report.duplicated.push(*key);
            }
        }
    }
    report
}
