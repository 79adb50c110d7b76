//! Trying the table, and that it leaves no operation out.

use std::collections::BTreeSet;

use super::cast::Cast;
use super::examples::named;
use super::table::TABLE;
use crate::service::operations::described;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn everybody_is_answered_as_the_table_says_and_a_refusal_changes_nothing() {
    let cast = Cast::new().await;
    let mut faults = Vec::new();
    for row in TABLE {
        for (name, expected, answer) in cast.try_all(row).await {
            if answer.status != expected {
                let (method, template, body) = (row.method, row.template, row.body);
                faults.push(format!(
                    "{name}: {method} {template} {body}: {} not {expected}",
                    answer.status
                ));
            } else if expected >= 400 {
                answer.problem(expected);
            }
        }
    }
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[tokio::test]
async fn the_table_leaves_no_operation_out_and_makes_none_up() {
    let app = tests::app::TestApp::new().await;
    let described: BTreeSet<_> = described(&app)
        .await
        .into_iter()
        .map(|(method, path)| format!("{method} {}", named(&path)))
        .collect();
    let tried: BTreeSet<_> = TABLE
        .iter()
        .map(|row| format!("{} {}", row.method, named(row.template)))
        .collect();
    assert_eq!(described, tried);
}
