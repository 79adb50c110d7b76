//! What holds when things break: networks, programs, databases.

mod ambiguous_commit;
mod kill_app;
mod kill_postgres;
mod nodes;
mod outage;
mod rebuild;
mod restore_drill;
mod resuming;
mod shutdown;
mod thousand;
mod two_programs;
mod unsafe_postgres;

use serde_json::json;
use tests::app::Client;
use tests::process::{ServerProcess, command, run};

/// An admin, made by the program's own verb, and signed in at `server`.
async fn admin(server: &ServerProcess, settings: &[(&str, &str)]) -> Client {
    let mut verb = command();
    verb.args([
        "accounts",
        "create-admin",
        "--email",
        "ada@example.test",
        "--name",
        "Ada",
    ]);
    verb.envs(settings.iter().copied());
    let password = "gulls-over-harbour";
    let output = run(&mut verb, &format!("{password}\n")).await;
    assert!(output.status.success(), "{output:?}");
    let nobody = Client::anonymous(&server.url());
    // The server hears of the account by its own subscription.
    let wish = json!({ "email": "ada@example.test", "password": password });
    tests::wait::until("the admin can sign in", async || {
        let answer = nobody.post("/api/auth/login", &wish).await;
        (answer.status == 200).then_some(())
    })
    .await;
    nobody.sign_in("ada@example.test", password).await
}
