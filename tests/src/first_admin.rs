//! The first admin of a desk, made by the program's own verb, as an operator makes one.

use std::process::Output;

use serde_json::json;

use crate::app::Client;
use crate::process::{command, run};
use crate::wait;

const EMAIL: &str = "ada@example.test";
const PASSWORD: &str = "gulls-over-harbour";

/// Makes `ada@example.test` at the desk that these settings are of; what the verb said.
pub async fn create_admin(settings: &[(&str, &str)], name: &str, password: &str) -> Output {
    let mut verb = command();
    verb.args(["accounts", "create-admin", "--email", EMAIL, "--name", name]);
    verb.envs(settings.iter().copied());
    let output = run(&mut verb, &format!("{password}\n")).await;
    assert!(output.status.success(), "{output:?}");
    output
}

/// Makes her, and signs her in where `nobody` is.
pub async fn first_admin(nobody: &Client, settings: &[(&str, &str)], name: &str) -> Client {
    create_admin(settings, name, PASSWORD).await;
    // The server hears of the account by its own subscription.
    let wish = json!({ "email": EMAIL, "password": PASSWORD });
    wait::until("the admin can sign in", async || {
        let answer = nobody.post("/api/auth/login", &wish).await;
        (answer.status == 200).then_some(())
    })
    .await;
    nobody.sign_in(EMAIL, PASSWORD).await
}
