//! Figures in rows and columns.

use serde_json::{Value, json};

use crate::runs::Runs;

/// A column's heading.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Column {
    pub(crate) name: &'static str,
    /// How many digits after the point are worth reading.
    pub(crate) digits: usize,
}

/// A table with a figure, or none, in each place.
#[derive(Debug)]
pub(crate) struct Table {
    title: String,
    columns: Vec<Column>,
    rows: Vec<(String, Vec<Option<Runs>>)>,
}

impl Table {
    pub(crate) fn new(title: impl Into<String>, columns: &[Column]) -> Self {
        Self {
            title: title.into(),
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds what one run measured; values stand in the order of the columns.
    pub(crate) fn record(&mut self, row: &str, values: &[Option<f64>]) {
        let place = self.rows.iter().position(|(name, _)| name == row);
        let place = place.unwrap_or_else(|| {
            self.rows.push((row.to_owned(), vec![None; self.columns.len()]));
            self.rows.len() - 1
        });
        for (cell, value) in self.rows[place].1.iter_mut().zip(values) {
            if let Some(value) = value {
                cell.get_or_insert_default().0.push(*value);
            }
        }
    }

    /// A figure, if it was measured.
    pub(crate) fn figure(&self, row: &str, column: &str) -> Option<&Runs> {
        let place = self.columns.iter().position(|known| known.name == column)?;
        let (_, cells) = self.rows.iter().find(|(name, _)| name == row)?;
        cells.get(place)?.as_ref()
    }

    /// As lines of text, in columns.
    pub(crate) fn text(&self) -> String {
        let heading = self.columns.iter().map(|column| column.name.to_owned());
        let mut lines = vec![std::iter::once(String::new()).chain(heading).collect::<Vec<_>>()];
        for (name, cells) in &self.rows {
            let shown = cells.iter().zip(&self.columns).map(|(cell, column)| {
                cell.as_ref()
                    .map_or_else(|| "-".to_owned(), |runs| runs.show(column.digits))
            });
            lines.push(std::iter::once(name.clone()).chain(shown).collect());
        }
        format!("{}\n{}", self.title, aligned(&lines))
    }

    pub(crate) fn json(&self) -> Value {
        let rows = self.rows.iter().map(|(name, cells)| {
            let figures = self.columns.iter().zip(cells).filter_map(|(column, cell)| {
                let runs = cell.as_ref()?;
                let figure =
                    json!({"median": runs.median(), "min": runs.min(), "max": runs.max(), "runs": runs.0});
                Some((column.name.to_owned(), figure))
            });
            json!({"what": name, "figures": figures.collect::<serde_json::Map<_, _>>()})
        });
        json!({"title": self.title, "rows": rows.collect::<Vec<_>>()})
    }
}

/// Lines of cells, the first column to the left and the others to the right, each as wide as its widest cell.
pub(crate) fn aligned(lines: &[Vec<String>]) -> String {
    let columns = lines.iter().map(Vec::len).max().unwrap_or(0);
    let width = |column: usize| {
        let cells = lines.iter().filter_map(|line| line.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<_> = (0..columns).map(width).collect();
    let mut text = String::new();
    for line in lines {
        let cells = line
            .iter()
            .zip(&widths)
            .enumerate()
            .map(|(column, (cell, width))| {
                if column == 0 {
                    format!("  {cell:<width$}")
                } else {
                    format!("{cell:>width$}")
                }
            });
        text.push_str(cells.collect::<Vec<_>>().join("  ").trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new(
            "Title",
            &[
                Column {
                    name: "per s",
                    digits: 0,
                },
                Column {
                    name: "p50 ms",
                    digits: 1,
                },
            ],
        );
        table.record("one", &[Some(1.0), None]);
        table.record("another", &[Some(1000.0), Some(0.25)]);
        table.record("another", &[Some(2000.0), Some(0.5)]);
        let text = table.text();
        assert_eq!(
            text,
            "Title\n                         per s         p50 ms\n  \
             one                        1              -\n  \
             another  1,500 [1,000-2,000]  0.4 [0.2-0.5]\n"
        );
        assert_eq!(table.figure("one", "p50 ms"), None);
    }
}
