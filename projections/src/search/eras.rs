//! When a text was said, as marks among its words, so that the index finds the newest of many texts without looking at the
//! others: it has no order of its own.

use std::ops::Range;

use eventlog::Position;

/// Positions in a short era, as a power of two.
const SHORT: u32 = 11;
/// Positions in a long era, as a power of two.
const LONG: u32 = 16;
/// Long eras that are looked through before everything else is.
const LONG_AT_ONCE: i64 = 4;

/// The marks of a text that was said at `position`. No word begins like them.
pub(super) fn marks(position: Position) -> [String; 2] {
    [short(position >> SHORT), long(position >> LONG)]
}

fn short(era: i64) -> String {
    format!("#s{era:x}")
}

fn long(era: i64) -> String {
    format!("#l{era:x}")
}

/// A stretch of the log, and how its texts are found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stretch {
    /// The marks that its texts have, any of them; none: whichever.
    pub(super) marks: Vec<String>,
    /// Texts from here on are in a stretch before this one; none: in none.
    pub(super) until: Option<Position>,
}

/// The log up to `head` in stretches, the newest first, each longer than the one before. A log that is short is one
/// stretch.
pub(super) fn stretches(head: Position) -> Vec<Stretch> {
    let newest = head >> SHORT;
    let mut stretches = Vec::new();
    let mut add = |eras: Range<i64>, mark: fn(i64) -> String| {
        if !eras.is_empty() {
            stretches.push(Stretch {
                marks: eras.map(mark).collect(),
                until: None,
            });
        }
    };
    // The last era has only begun: the one before it goes with it. Texts may have been said since `head` was asked for.
    let recent = (newest - 1).max(0);
    let whole = recent >> (LONG - SHORT);
    let old = (whole - LONG_AT_ONCE).max(0);
    add(recent..newest + 2, short);
    add(whole << (LONG - SHORT)..recent, short);
    add(old..whole, long);
    let rest = old << LONG;
    if rest > 0 {
        stretches.push(Stretch {
            marks: Vec::new(),
            until: Some(rest),
        });
    }
    stretches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_is_in_one_stretch() {
        for head in [
            0, 1, 4_095, 4_096, 65_535, 65_536, 70_000, 400_000, 1_100_000, 9_999_999,
        ] {
            let stretches = stretches(head);
            assert!(stretches.len() <= 4, "{stretches:?}");
            for position in (0..=head).step_by(997).chain([head, head + 1_000]) {
                let marks = marks(position);
                let holding = stretches.iter().filter(|stretch| {
                    stretch.marks.iter().any(|mark| marks.contains(mark))
                        || stretch.until.is_some_and(|until| position < until)
                });
                assert_eq!(holding.count(), 1, "{position} of {head}");
            }
        }
    }
}
