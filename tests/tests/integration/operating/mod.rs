//! What operators do while people work.

mod generations;
mod killed;
pub(crate) mod parked;

use serde_json::Value;
use tests::app::{Client, TestApp};
use tests::process::{command, run};
use tests::wait;

/// What a verb came to.
struct Outcome {
    code: Option<i32>,
    said: Value,
    complained: String,
}

/// Runs a verb of `informejo projections` on the app's database, beside the app. It must answer in JSON or not at all.
async fn projections(app: &TestApp, arguments: &[&str]) -> Outcome {
    let mut verb = command();
    verb.arg("projections")
        .args(arguments)
        .arg("--json")
        .env("DATABASE_URL", app.database().url());
    let output = run(&mut verb, "").await;
    Outcome {
        code: output.status.code(),
        said: serde_json::from_slice(&output.stdout).unwrap_or_default(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

/// The read model as the API shows it.
async fn shown(person: &Client, name: &str) -> Value {
    let all = person.get("/api/ops/projections").await.good();
    let found = all.as_array().unwrap().iter().find(|one| one["name"] == name);
    found.unwrap().clone()
}

/// Waits until the API shows the read model so.
async fn until(person: &Client, name: &str, what: &str, fits: impl Fn(&Value) -> bool) -> Value {
    wait::until(what, async || {
        let shown = shown(person, name).await;
        fits(&shown).then_some(shown)
    })
    .await
}
