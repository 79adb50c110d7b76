//! What the program does is what its description says, for whatever fits the description and whatever does not: thousands of
//! requests made up by schemathesis (H1). For each role on a desk of its own, since admins change people.
//!
//! `SCHEMATHESIS_SEED` makes up others; the seed stands in what a failing test shows.

use std::path::Path;

use serde_json::json;
use tests::app::{Client, TestApp};
use tests::foreign::prepared;
use tokio::process::Command;

use super::operations::described;
use crate::shape::PNG;

/// Requests for each operation that are chance, beside those that are worked out from the description.
const CHANCE: &str = "6";
/// Fixed: what fails here fails again.
const SEED: &str = "20261128";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_is_answered_as_described() {
    let app = TestApp::new().await;
    furnish(&app).await;
    asks(&app, None).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_user_is_answered_as_described() {
    let app = TestApp::new().await;
    let ulla = furnish(&app).await;
    asks(&app, Some(&ulla)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_admin_is_answered_as_described() {
    let app = TestApp::new().await;
    furnish(&app).await;
    asks(&app, Some(&app.admin("Ada").await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_auditor_is_answered_as_described() {
    let app = TestApp::new().await;
    furnish(&app).await;
    asks(&app, Some(&app.auditor("Aude").await)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_is_answered_as_described() {
    let app = TestApp::new().await;
    furnish(&app).await;
    asks(&app, Some(&app.operator("Opa").await)).await;
}

/// Somebody with a ticket, so that lists are not empty.
async fn furnish(app: &TestApp) -> Client {
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let comment = json!({ "content": "said" });
    ulla.post(&format!("{path}/comments"), &comment).await.is(201);
    ulla.upload(&format!("{path}/attachments"), "a.png", "image/png", PNG)
        .await
        .is(201);
    ulla
}

/// Everything that schemathesis can think of, asked by `person`.
async fn asks(app: &TestApp, person: Option<&Client>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("foreign/schemathesis");
    let mut command = Command::new(prepared("tools/schemathesis/bin/schemathesis"));
    command
        .arg("--config-file")
        .arg(folder.join("schemathesis.toml"))
        .arg("run")
        .arg(format!("{}/api/openapi.json", app.url()))
        .args(["--max-examples", CHANCE, "--seed"])
        .arg(std::env::var("SCHEMATHESIS_SEED").unwrap_or_else(|_| SEED.to_owned()))
        .env("SCHEMATHESIS_HOOKS", "hooks")
        .env("PYTHONPATH", &folder)
        .env("PYTHONDONTWRITEBYTECODE", "1")
        // What it leaves behind goes with the test.
        .current_dir(app.data_dir())
        .kill_on_drop(true);
    if let Some(person) = person {
        command.env("TOKEN", person.token());
    }
    let output = command.output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let complaints = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}\n{complaints}");
    // All but the description, which is where it looks.
    let operations = described(app).await.len() - 1;
    assert!(
        said.contains(&format!("Tested: {operations}\n")),
        "not all of the {operations} operations were asked for:\n{said}"
    );
    if let Some(person) = person {
        let still = person.get("/api/auth/me").await;
        assert_eq!(
            still.status,
            200,
            "a request ended the session that asked: name it in {}/hooks.py",
            folder.display()
        );
    }
}
