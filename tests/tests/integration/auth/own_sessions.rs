//! `/api/auth/sessions`: where one is signed in, and signing out there.

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::socketio::{ConnectOptions, SocketClient};

use crate::shape::{has_keys, is_time};

const SESSIONS: &str = "/api/auth/sessions";

async fn listed(client: &Client) -> Vec<Value> {
    client.get(SESSIONS).await.good().as_array().unwrap().clone()
}

async fn socket(app: &TestApp, of: &Client) -> SocketClient {
    let options = ConnectOptions::default().token(of.token());
    SocketClient::connect(&app.url(), options).await
}

#[tokio::test]
async fn one_sees_ones_own_sessions_and_what_they_were_begun_with() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    app.user("Otto").await;
    let agent = format!("Probe/1.0 {}", "x".repeat(400));
    let login = json!({ "email": ulla.email(), "password": ulla.password });
    let request = app.anonymous().request(reqwest::Method::POST, "/api/auth/login");
    let session = request
        .header("User-Agent", &agent)
        .json(&login)
        .send()
        .await
        .good();
    let probe = app.anonymous().signed_in(&session, &ulla.password);

    let sessions = listed(&probe).await;
    assert_eq!(sessions.len(), 2, "{sessions:?}");
    let current: Vec<&Value> = sessions
        .iter()
        .filter(|session| session["current"] == true)
        .collect();
    assert_eq!(current.len(), 1);
    let names = [
        "id",
        "createdAt",
        "lastSeenAt",
        "expiresAt",
        "current",
        "userAgent",
        "address",
    ];
    has_keys(current[0], &names);
    for name in ["createdAt", "lastSeenAt", "expiresAt"] {
        is_time(&current[0][name]);
    }
    assert_eq!(current[0]["userAgent"], agent[..300]);
    assert_eq!(current[0]["address"], "127.0.0.1");
    // A list of sessions opens none of them.
    let shown = json!(sessions).to_string();
    assert!(
        !shown.contains(ulla.token()) && !shown.contains(probe.token()),
        "{shown}"
    );
    let id = current[0]["id"].as_str().unwrap();
    probe.with_token(id).get("/api/auth/me").await.problem(401);
}

#[tokio::test]
async fn one_ends_ones_own_session_with_its_sockets_and_nobody_elses() {
    let app = TestApp::new().await;
    let (ulla, otto) = (app.user("Ulla").await, app.user("Otto").await);
    let elsewhere = ulla.again().await;
    let open = socket(&app, &elsewhere).await;
    let id_of = async |client: &Client| {
        let sessions = listed(client).await;
        let current = sessions
            .into_iter()
            .find(|session| session["current"] == true)
            .unwrap();
        current["id"].as_str().unwrap().to_owned()
    };
    let (theirs, ottos) = (id_of(&elsewhere).await, id_of(&otto).await);
    for id in [ottos.as_str(), &"0".repeat(64), "x", "%00"] {
        ulla.delete(&format!("{SESSIONS}/{id}")).await.problem(404);
    }
    otto.get("/api/auth/me").await.good();
    let ended = Instant::now();
    ulla.delete(&format!("{SESSIONS}/{theirs}")).await.good();
    elsewhere.get("/api/auth/me").await.problem(401);
    open.disconnected().await;
    assert!(ended.elapsed() < Duration::from_secs(1), "{:?}", ended.elapsed());
    ulla.delete(&format!("{SESSIONS}/{theirs}")).await.problem(404);
    ulla.get("/api/auth/me").await.good();
}

#[tokio::test]
async fn signing_out_everywhere_else_leaves_this_session_only() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let (one, two) = (ulla.again().await, ulla.again().await);
    ulla.delete(SESSIONS).await.good();
    for other in [&one, &two] {
        other.get("/api/auth/me").await.problem(401);
    }
    assert_eq!(listed(&ulla).await.len(), 1);
}

#[tokio::test]
async fn changing_the_password_ends_the_other_sessions_with_their_sockets() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let elsewhere = ulla.again().await;
    let open = socket(&app, &elsewhere).await;
    let change = json!({ "currentPassword": ulla.password, "newPassword": "a-different-harbour-11" });
    ulla.post("/api/auth/password", &change).await.good();
    open.disconnected().await;
    elsewhere.get("/api/auth/me").await.problem(401);
    assert_eq!(listed(&ulla).await.len(), 1);
}
