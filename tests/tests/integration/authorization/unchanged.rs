//! That nothing has changed: a digest of every table and of the object store.

use std::collections::BTreeMap;
use std::path::Path;

use tests::app::TestApp;
use tests::wait;
use tokio::sync::Mutex;
use tokio_postgres::Client;

/// Columns that say when something was used last, which a refusal may change.
const LAST_USED: &str = "'{last_seen_at,last_used_at}'::text[]";
/// Tables that change by themselves or are made to: leases, heads signed by the clock, and how often somebody has tried.
const RESTLESS: [&str; 4] = [
    "read_engine.",
    "log.signed_heads",
    "auth.limits",
    "reactors.checkpoints",
];

/// What there is, by the names of tables and files.
pub(crate) type State = BTreeMap<String, String>;

/// Looks at a help desk's tables and files.
pub(crate) struct Watch {
    database: Client,
    sql: String,
}

impl Watch {
    /// Of the tables that there are now.
    pub(crate) async fn over(app: &TestApp) -> Self {
        let database = app.database().admin().await;
        let tables = "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables
                      WHERE schemaname NOT IN ('pg_catalog', 'information_schema')";
        let tables = database.query(tables, &[]).await.unwrap();
        let tables: Vec<String> = tables.iter().map(|row| row.get(0)).collect();
        assert!(tables.len() > 10, "{tables:?}");
        let watched = tables
            .iter()
            .filter(|table| !RESTLESS.iter().any(|restless| table.starts_with(restless)));
        let digests: Vec<String> = watched
            .map(|table| {
                // The log only grows, and its hash chain is in its rows.
                if table == "log.events" {
                    return format!("SELECT '{table}', coalesce(max(position), 0)::text FROM {table}");
                }
                let row = format!("(to_jsonb(t) - {LAST_USED})::text");
                format!("SELECT '{table}', md5(coalesce(string_agg({row}, ',' ORDER BY {row}), '')) FROM {table} t")
            })
            .collect();
        Self {
            database,
            sql: digests.join(" UNION ALL "),
        }
    }

    /// What there is now.
    pub(crate) async fn state(&self, app: &TestApp) -> State {
        let rows = self.database.query(&self.sql, &[]).await.unwrap();
        let mut state: State = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
        files(app.data_dir(), &mut state);
        state
    }

    /// What there is when everything that follows from what was done is done: read models, mails.
    pub(crate) async fn settled(&self, app: &TestApp) -> State {
        let looked = Mutex::new((State::new(), 0));
        wait::until("nothing to change any more", async || {
            let state = self.state(app).await;
            let mut looked = looked.lock().await;
            looked.1 = if state == looked.0 { looked.1 + 1 } else { 0 };
            looked.0.clone_from(&state);
            (looked.1 == 2).then_some(state)
        })
        .await
    }
}

/// The names of what differs.
pub(crate) fn differences(before: &State, after: &State) -> Vec<String> {
    let names = before.keys().chain(after.keys());
    let differ = names.filter(|name| before.get(*name) != after.get(*name));
    differ.cloned().collect()
}

/// Every file under `folder` with its length.
fn files(folder: &Path, state: &mut State) {
    for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
        // What is gone again was on its way somewhere.
        let Ok(metadata) = entry.metadata() else { continue };
        if metadata.is_dir() {
            files(&entry.path(), state);
        } else {
            state.insert(entry.path().display().to_string(), metadata.len().to_string());
        }
    }
}
