//! Changed rights act at once on connections that are open (R4).

use std::time::Duration;

use serde_json::json;
use tests::app::TestApp;
use tokio::time::timeout;

use super::{caught_up, heard_of, join, socket_of};

/// How soon a connection must end whose session has.
const AT_ONCE: Duration = Duration::from_secs(1);

#[tokio::test]
async fn logging_out_ends_the_sessions_sockets_and_no_others() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let elsewhere = ulla.again().await;
    let (socket, other) = (socket_of(&app, &ulla).await, socket_of(&app, &elsewhere).await);
    ulla.post("/api/auth/logout", &json!({})).await.good();
    timeout(AT_ONCE, socket.disconnected()).await.expect("at once");
    caught_up(&other, &elsewhere).await;
}

#[tokio::test]
async fn deactivation_ends_every_socket_of_the_account() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let sockets = [socket_of(&app, &ulla).await, socket_of(&app, &ulla).await];
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    for socket in &sockets {
        timeout(AT_ONCE, socket.disconnected()).await.expect("at once");
    }
    ulla.get("/api/auth/me").await.problem(401);
}

#[tokio::test]
async fn who_is_no_agent_any_more_hears_no_more_of_others_tickets() {
    let app = TestApp::new().await;
    let (ada, eve, ulla) = (
        app.admin("Ada").await,
        app.admin("Eve").await,
        app.user("Ulla").await,
    );
    let ticket = ulla.new_ticket("Printer on fire").await;
    let agent = socket_of(&app, &ada).await;
    let demoted = socket_of(&app, &eve).await;
    join(&demoted, &ticket).await;
    let path = format!("/api/admin/users/{}", eve.id());
    ada.patch(&path, &json!({ "role": "USER" })).await.good();
    let comments = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    ulla.post(&comments, &json!({ "content": "not for Eve" }))
        .await
        .is(201);
    let change = json!({ "title": "Not for Eve any more" });
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    ulla.patch(&path, &change).await.good();
    // The agent hears of it last; and whoever is no agent any more hears of tickets of their own.
    caught_up(&agent, &ulla).await;
    caught_up(&demoted, &eve).await;
    assert_eq!(heard_of(&demoted, &ticket), [""; 0]);
}
