//! How the rows of a table are laid out: names and types of its columns, and which of them are its key.

use eventlog::Fields;
use uuid::Uuid;

use crate::engine::model::Table;

/// Longest text of a key that is shown.
const SHOWN_CHARS_MAX: usize = 64;

#[derive(Debug)]
pub(super) struct Layout {
    pub(super) table: &'static str,
    columns: Vec<Column>,
    /// Places of the key's columns.
    key: Vec<usize>,
}

#[derive(Debug)]
struct Column {
    name: &'static str,
    kind: &'static str,
}

impl Layout {
    /// As the table's own statements say it.
    pub(super) fn of(table: &Table) -> Self {
        let uncommented = table
            .columns
            .lines()
            .map(|line| line.split("--").next().unwrap_or_default());
        let columns: Vec<Column> = uncommented
            .flat_map(|line| line.split(','))
            .filter_map(|column| {
                let mut words = column.split_whitespace();
                Some(Column {
                    name: words.next()?,
                    kind: words.next()?,
                })
            })
            .collect();
        let primary = table.keys.iter().find_map(|key| {
            let (_, rest) = key.split_once("PRIMARY KEY (")?;
            rest.split(')').next()
        });
        let names = primary.into_iter().flat_map(|names| names.split(','));
        let place = |name: &str| columns.iter().position(|column| column.name == name.trim());
        let key: Vec<usize> = names.filter_map(place).collect();
        Self {
            table: table.name,
            // Without a key a row is known by all of its columns.
            key: if key.is_empty() {
                (0..columns.len()).collect()
            } else {
                key
            },
            columns,
        }
    }

    /// All fields of a row with their lengths; `None` if it has another number of them.
    fn fields<'a>(&self, row: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let mut fields = Fields::of(row, i16::try_from(self.columns.len()).ok()?)?;
        self.columns.iter().map(|_| fields.raw()).collect()
    }

    /// The fields of a row's key.
    pub(super) fn key<'a>(&self, row: &'a [u8]) -> Option<Vec<&'a [u8]>> {
        let fields = self.fields(row)?;
        self.key.iter().map(|place| fields.get(*place).copied()).collect()
    }

    /// The key for people.
    pub(super) fn shown(&self, row: &[u8]) -> String {
        let Some(fields) = self.fields(row) else {
            return "of another layout".to_owned();
        };
        let parts = self.key.iter().map(|place| {
            let Column { name, kind } = &self.columns[*place];
            format!("{name}={}", value(kind, fields[*place]))
        });
        parts.collect::<Vec<_>>().join(" ")
    }

    /// The names of the columns in which two rows differ.
    pub(super) fn differences(&self, one: &[u8], other: &[u8]) -> Vec<String> {
        let (Some(one), Some(other)) = (self.fields(one), self.fields(other)) else {
            return vec!["the number of columns".to_owned()];
        };
        let columns = self.columns.iter().zip(one.iter().zip(&other));
        columns
            .filter(|(_, (one, other))| one != other)
            .map(|(column, _)| column.name.to_owned())
            .collect()
    }
}

/// A field with its length, as text.
fn value(kind: &str, field: &[u8]) -> String {
    let bytes = field.get(4..).unwrap_or_default();
    let number = |bytes: &[u8]| Some(i64::from_be_bytes(bytes.try_into().ok()?));
    let known = match kind {
        "uuid" => Uuid::from_slice(bytes).ok().map(|id| id.to_string()),
        "bigint" => number(bytes).map(|number| number.to_string()),
        "text" => std::str::from_utf8(bytes)
            .ok()
            .map(|text| text.chars().take(SHOWN_CHARS_MAX).collect()),
        _ => None,
    };
    known.unwrap_or_else(|| "?".to_owned())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::engine::copy::Copies;

    const TABLE: Table = Table {
        name: "things",
        columns: "
            id    bigint NOT NULL, -- which, and whose
            owner uuid,
            name  text   NOT NULL",
        storage: "",
        keys: &["ALTER TABLE things ADD PRIMARY KEY (id, owner)"],
        indexes: &[],
    };

    pub(crate) fn layout() -> Layout {
        Layout::of(&TABLE)
    }

    pub(crate) fn row(id: i64, name: &str) -> Vec<u8> {
        let mut copies = Copies::new(1);
        copies.table(0).row(3).bigint(id).uuid(Uuid::nil()).text(name);
        let (_, bytes) = copies.take(0).remove(0);
        eventlog::copied_rows(&bytes).next().unwrap().to_vec()
    }

    #[test]
    fn is_read_from_the_statements_of_the_table() {
        let layout = layout();
        assert_eq!(layout.key, [0, 1]);
        assert_eq!(
            layout.shown(&row(7, "x")),
            "id=7 owner=00000000-0000-0000-0000-000000000000"
        );
        assert_eq!(layout.differences(&row(7, "x"), &row(7, "y")), ["name"]);
        assert_eq!(layout.differences(&row(7, "x"), &row(8, "x")), ["id"]);
        assert_eq!(
            layout.differences(&row(7, "x"), b"\0\0"),
            ["the number of columns"]
        );
        assert_eq!(layout.shown(b"\0\0"), "of another layout");
    }

    #[test]
    fn every_table_of_the_registry_has_a_key() {
        for model in crate::registry::read_models() {
            for table in model.tables() {
                let layout = Layout::of(table);
                assert!(
                    layout.key.len() < layout.columns.len(),
                    "{}: {layout:?}",
                    table.name
                );
            }
        }
    }
}
