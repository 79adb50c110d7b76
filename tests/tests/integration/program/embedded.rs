//! `serve` without a database: it makes one, keeps it, and takes over one that was left behind.

use std::path::Path;
use std::time::Duration;

use serde_json::json;
use tests::app::Client;
use tests::first_admin::create_admin;
use tests::process::ServerProcess;

const PASSWORD: &str = "gulls-over-harbour";
const WITHIN: Duration = Duration::from_secs(10);

async fn sign_in(server: &ServerProcess) -> Client {
    let nobody = Client::anonymous(&server.url());
    nobody.sign_in("ada@example.test", PASSWORD).await
}

fn is_running(data_dir: &Path) -> bool {
    data_dir.join("postgres/data/postmaster.pid").exists()
}

#[tokio::test]
async fn a_desk_starts_from_nothing_and_again_with_its_data_even_after_a_kill() {
    let folder = tests::postgres::new_data_dir();
    let data_dir = folder.path().to_str().unwrap();
    let settings = [("DATA_DIR", data_dir)];
    // Before its first start, so that somebody can administer at once.
    create_admin(&settings, "Ada", PASSWORD).await;
    assert!(!is_running(folder.path()), "the verb stops what it started");

    let mut server = ServerProcess::start(&settings).await;
    let ticket = sign_in(&server).await.new_ticket("Before the kill").await;
    server.kill().await;
    assert!(is_running(folder.path()), "nobody has stopped Postgres");

    let mut server = ServerProcess::start(&settings).await;
    let ada = sign_in(&server).await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    assert_eq!(ada.get(&path).await.good()["title"], "Before the kill");
    assert!(server.terminate(WITHIN).await.success());
    assert!(!is_running(folder.path()), "Postgres is stopped on the way out");

    let mut server = ServerProcess::start(&settings).await;
    sign_in(&server).await.get(&path).await.good();
    assert!(server.terminate(WITHIN).await.success());
}

#[tokio::test]
async fn the_demo_fills_an_empty_desk_once() {
    let folder = tests::postgres::new_data_dir();
    let settings = [("DATA_DIR", folder.path().to_str().unwrap()), ("DEMO", "true")];
    let mut server = ServerProcess::start(&settings).await;
    server.log().line_with("not shown again").await;
    let said = server.log().line_with(" ADMIN ").await;
    let words: Vec<&str> = said.split_whitespace().collect();
    let [email, _, password] = words[..] else {
        panic!("{said}")
    };
    let ada = Client::anonymous(&server.url()).sign_in(email, password).await;
    assert_eq!(ada.account["role"], "ADMIN", "{said}");
    let tickets = ada.get("/api/tickets").await.good().as_array().unwrap().len();
    assert!(tickets > 3);
    assert!(server.terminate(WITHIN).await.success());

    let mut server = ServerProcess::start(&settings).await;
    let ada = Client::anonymous(&server.url()).sign_in(email, password).await;
    assert_eq!(
        ada.get("/api/tickets").await.good().as_array().unwrap().len(),
        tickets
    );
    let again = server.log().lines().join("\n");
    assert!(!again.contains(password), "shown once");
    ada.post("/api/auth/logout", &json!({})).await.good();
    assert!(server.terminate(WITHIN).await.success());
}
