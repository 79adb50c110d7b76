//! The second round: the rows that differ, whole, so that it can be said how.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use eventlog::Findings;
use tokio_postgres::Client;

use super::digests::{Digests, KeyHash, key_hash};
use super::layout::Layout;
use super::live::{Look, Rows, Snapshot};
use super::{Divergence, RowFault, fresh, live};
use crate::engine::model::ReadModel;
use crate::engine::skips::Skips;
use crate::error::EngineError;

/// Rows that are looked at again, by the keys of their tables.
pub(super) struct Wanted {
    tables: Vec<(u64, HashSet<KeyHash>)>,
}

impl Wanted {
    pub(super) fn of(digests: &[Digests]) -> Self {
        Self {
            tables: digests.iter().map(Digests::different).collect(),
        }
    }

    pub(super) fn is_any(&self) -> bool {
        self.tables.iter().any(|(count, _)| *count > 0)
    }
}

/// The wanted rows of one side, by table and key.
struct Found<'a> {
    layouts: &'a [Layout],
    wanted: &'a Wanted,
    rows: BTreeMap<(usize, KeyHash), Vec<Vec<u8>>>,
}

impl Rows for Found<'_> {
    fn restart(&mut self) {
        self.rows.clear();
    }

    fn row(&mut self, table: usize, row: &[u8]) {
        let key = key_hash(row, &self.layouts[table]);
        if self.wanted.tables[table].1.contains(&key) {
            self.rows.entry((table, key)).or_default().push(row.to_vec());
        }
    }
}

/// Looks at both sides again, as they are now, and says of each row how it differs. The model may have gone on since: a
/// row that differs no longer is counted, not shown.
pub(super) async fn explain(
    client: &Client,
    model: &dyn ReadModel,
    skips: &Skips,
    snapshot: Snapshot,
    layouts: &[Layout],
    wanted: Wanted,
    findings: &mut Findings<Divergence>,
) -> Result<(), EngineError> {
    let side = || Found {
        layouts,
        wanted: &wanted,
        rows: BTreeMap::new(),
    };
    let (mut stored, mut folded) = (side(), side());
    let live = match live::look(client, model, snapshot, &mut stored).await? {
        Look::At(live) => live,
        Look::Nothing(divergence) => {
            findings.add(divergence);
            return Ok(());
        }
    };
    let mut keep = |table: usize, row: &[u8]| folded.row(table, row);
    fresh::fold(client, model, skips, &live, &mut keep, &mut |_, _| {}).await?;
    let mut shown = vec![0_u64; layouts.len()];
    let keys: BTreeSet<_> = stored.rows.keys().chain(folded.rows.keys()).copied().collect();
    for place in keys {
        let (mut stored, mut folded) = (
            stored.rows.remove(&place).unwrap_or_default(),
            folded.rows.remove(&place).unwrap_or_default(),
        );
        let layout = &layouts[place.0];
        strike_equal(&mut stored, &mut folded);
        for (row, how) in faults(layout, &stored, &folded) {
            shown[place.0] += 1;
            findings.add(Divergence::Row {
                table: layout.table,
                key: layout.shown(row),
                how,
            });
        }
    }
    for ((layout, (count, _)), shown) in layouts.iter().zip(&wanted.tables).zip(shown) {
        let count = count.saturating_sub(shown);
        if count > 0 {
            findings.add(Divergence::Rows {
                table: layout.table,
                count,
            });
        }
    }
    Ok(())
}

fn strike_equal(one: &mut Vec<Vec<u8>>, other: &mut Vec<Vec<u8>>) {
    one.retain(|row| match other.iter().position(|same| same == row) {
        Some(place) => {
            other.swap_remove(place);
            false
        }
        None => true,
    });
}

/// What is wrong with the rows of one key, each with a row that shows the key.
fn faults<'a>(layout: &Layout, stored: &'a [Vec<u8>], folded: &'a [Vec<u8>]) -> Vec<(&'a [u8], RowFault)> {
    let pairs = stored.iter().zip(folded);
    let mut faults: Vec<_> = pairs
        .map(|(stored, folded)| {
            let columns = layout.differences(stored, folded);
            (folded.as_slice(), RowFault::Differs(columns))
        })
        .collect();
    let common = faults.len();
    let surplus = stored[common..].iter();
    faults.extend(surplus.map(|row| (row.as_slice(), RowFault::Surplus)));
    let missing = folded[common..].iter();
    faults.extend(missing.map(|row| (row.as_slice(), RowFault::Missing)));
    faults
}
