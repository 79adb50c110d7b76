//! How two generations differ, in words and as JSON.

use projections::engine::{Comparison, Difference, Sample, SampleKind};
use serde_json::{Value, json};

/// For programs.
pub(super) fn as_json(comparison: &Comparison) -> Value {
    let tables = comparison.tables.iter().filter(|table| differs(table)).map(|table| {
        json!({
            "table": table.table, "rowsOnlyLive": table.only_first, "rowsOnlyNext": table.only_second,
            "columns": table.columns.iter().map(|(name, rows)| json!({ "column": name, "rows": rows })).collect::<Vec<_>>(),
            "samples": table.samples.iter().map(sample_json).collect::<Vec<_>>(),
        })
    });
    json!({ "position": comparison.position, "tables": tables.collect::<Vec<_>>() })
}

fn sample_json(sample: &Sample) -> Value {
    let key: serde_json::Map<String, Value> = sample
        .key
        .iter()
        .map(|(column, value)| (column.clone(), json!(value)))
        .collect();
    match &sample.kind {
        SampleKind::OnlyFirst => json!({ "key": key, "only": "live" }),
        SampleKind::OnlySecond => json!({ "key": key, "only": "next" }),
        SampleKind::Changed(columns) => {
            let columns: Vec<Value> = columns
                .iter()
                .map(|(column, live, next)| json!({ "column": column, "live": live, "next": next }))
                .collect();
            json!({ "key": key, "columns": columns })
        }
    }
}

/// For people.
pub(super) fn in_words(comparison: &Comparison) -> String {
    let mut lines = Vec::new();
    for table in comparison.tables.iter().filter(|table| differs(table)) {
        let columns: Vec<String> = table
            .columns
            .iter()
            .map(|(column, rows)| format!("{column} in {rows}"))
            .collect();
        lines.push(format!(
            "table {}: {} rows are only in the live generation as they are, {} only in the next",
            table.table, table.only_first, table.only_second
        ));
        if !columns.is_empty() {
            lines.push(format!(
                "  columns that differ, in rows of both: {}",
                columns.join(", ")
            ));
        }
        lines.extend(
            table
                .samples
                .iter()
                .map(|sample| format!("  {}", sample_line(sample))),
        );
    }
    lines.join("\n")
}

fn sample_line(sample: &Sample) -> String {
    let key: Vec<String> = sample
        .key
        .iter()
        .map(|(column, value)| format!("{column} {value}"))
        .collect();
    let what = match &sample.kind {
        SampleKind::OnlyFirst => "only in the live generation".to_owned(),
        SampleKind::OnlySecond => "only in the next".to_owned(),
        SampleKind::Changed(columns) => {
            let shown = |value: &Option<String>| {
                value
                    .as_ref()
                    .map_or_else(|| "null".to_owned(), |value| format!("{value:?}"))
            };
            let columns: Vec<String> = columns
                .iter()
                .map(|(column, live, next)| format!("{column} {} → {}", shown(live), shown(next)))
                .collect();
            columns.join(", ")
        }
    };
    format!("{}: {what}", key.join(", "))
}

fn differs(table: &Difference) -> bool {
    table.only_first + table.only_second > 0
}
