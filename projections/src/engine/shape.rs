//! The shape of a read model's tables: what decides whether a program can apply events to stored tables, or read them.
//! Indexes are not part of it: whoever has other indexes is faster or slower, but not wrong.

use super::model::ReadModel;

/// The separator of a table's parts, and the one of tables.
const PARTS: (char, char) = ('\u{1f}', '\u{1e}');

/// The tables of `model` with their columns and keys, as it is stored beside them.
pub(crate) fn shape(model: &dyn ReadModel) -> String {
    let tables = model.tables().iter().map(|table| {
        let columns = columns(table.columns).join(",");
        let keys: Vec<String> = table.keys.iter().map(|key| squeezed(key)).collect();
        let parts = [table.name.to_owned(), columns, keys.join(";")];
        parts.join(&PARTS.0.to_string())
    });
    tables.collect::<Vec<_>>().join(&PARTS.1.to_string())
}

/// Everything about the tables of `model`, as programs stored it that did not know of shapes.
pub(crate) fn definition(model: &dyn ReadModel) -> String {
    let mut text = String::new();
    for table in model.tables() {
        let parts = [table.name, table.columns, table.storage];
        for part in parts.iter().chain(table.keys).chain(table.indexes) {
            text.push_str(part);
            text.push('\n');
        }
    }
    text
}

/// Whether the queries of a program whose tables have the shape `wanted` can be answered from tables of the shape
/// `stored`: every table and column that it knows is there. Others may be there too.
pub(crate) fn covers(stored: &str, wanted: &str) -> bool {
    wanted.split(PARTS.1).all(|wanted| {
        let (name, wanted) = name_and_columns(wanted);
        stored.split(PARTS.1).any(|stored| {
            let (stored_name, stored) = name_and_columns(stored);
            name == stored_name && wanted.iter().all(|column| stored.contains(column))
        })
    })
}

fn name_and_columns(table: &str) -> (&str, Vec<&str>) {
    let mut parts = table.split(PARTS.0);
    let name = parts.next().unwrap_or_default();
    (name, split(parts.next().unwrap_or_default()))
}

/// The definitions of columns in what stands between the brackets of CREATE TABLE, without needless blanks.
fn columns(text: &str) -> Vec<String> {
    split(text).into_iter().map(squeezed).collect()
}

/// Splits at the commas that stand in no brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    text.split(|character| {
        depth += i32::from(character == '(') - i32::from(character == ')');
        character == ',' && depth == 0
    })
    .collect()
}

fn squeezed(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(tables: &[(&str, &str)]) -> String {
        let tables = tables
            .iter()
            .map(|(name, text)| format!("{name}{}{}{}", PARTS.0, columns(text).join(","), PARTS.0));
        tables.collect::<Vec<_>>().join(&PARTS.1.to_string())
    }

    #[test]
    fn tables_with_more_than_is_asked_for_can_be_read_and_no_others() {
        let wanted = of(&[
            ("a", "id  uuid NOT NULL,\n  price numeric(10, 2)"),
            ("b", "id uuid"),
        ]);
        assert!(covers(&wanted, &wanted));
        assert!(covers(
            &of(&[
                ("b", "id uuid, more text"),
                ("a", "price numeric(10, 2), id uuid NOT NULL"),
                ("c", "x text")
            ]),
            &wanted
        ));
        assert!(
            !covers(&of(&[("a", "id uuid NOT NULL, price numeric(10, 2)")]), &wanted),
            "a table is missing"
        );
        assert!(
            !covers(&of(&[("a", "id uuid NOT NULL"), ("b", "id uuid")]), &wanted),
            "a column is missing"
        );
        assert!(!covers(
            &of(&[("a", "id text NOT NULL, price numeric(10, 2)"), ("b", "id uuid")]),
            &wanted
        ));
    }
}
