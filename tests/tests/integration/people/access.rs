//! `POST /api/admin/users/{id}/end-access`, and what deactivation ends.

use std::time::{Duration, Instant};

use serde_json::json;
use tests::app::{Client, TestApp};
use tests::socketio::{ConnectOptions, SocketClient};

const NOBODYS: &str = "/api/admin/users/00000000-0000-4000-8000-000000000000/end-access";

async fn rows(app: &TestApp, table: &str, person: &Client) -> i64 {
    let admin = app.database().admin().await;
    let sql = format!(
        "SELECT count(*) FROM auth.{table} WHERE account_id = '{}'",
        person.id()
    );
    admin.query_one(&sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_admin_ends_everything_by_which_somebody_is_recognised() {
    let app = TestApp::new().await;
    let (ada, ulla, bert) = (
        app.admin("Ada").await,
        app.user("Ulla").await,
        app.user("Bert").await,
    );
    let elsewhere = ulla.again().await;
    let socket = SocketClient::connect(&app.url(), ConnectOptions::default().token(ulla.token())).await;
    let path = format!("/api/admin/users/{}/end-access", ulla.id());
    for nobody in [&ulla, &bert] {
        nobody.post(&path, &json!({})).await.problem(403);
    }
    ulla.get("/api/auth/me").await.good();

    let began = Instant::now();
    let ended = ada.post(&path, &json!({})).await.good();
    assert_eq!(ended["sessions"], 2);
    assert_eq!(ended["devices"], 2);
    for kind in ["links", "codes", "tokens"] {
        assert_eq!(ended[kind], 0, "{kind}");
    }
    socket.disconnected().await;
    assert!(began.elapsed() < Duration::from_secs(3), "{:?}", began.elapsed());
    for session in [&ulla, &elsewhere] {
        session.get("/api/auth/me").await.problem(401);
    }
    for table in ["sessions", "devices", "api_tokens", "access_codes"] {
        assert_eq!(rows(&app, table, &ulla).await, 0, "{table}");
    }
    bert.get("/api/auth/me").await.good();
    // The account stays: its owner comes back by the front door.
    ulla.again().await.get("/api/auth/me").await.good();
    ada.post(NOBODYS, &json!({})).await.problem(404);
}

#[tokio::test]
async fn deactivation_ends_what_was_given_out_and_none_of_it_comes_back() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    for table in ["sessions", "devices", "api_tokens", "access_codes"] {
        assert_eq!(rows(&app, table, &ulla).await, 0, "{table}");
    }
    ada.patch(&path, &json!({ "isActive": true })).await.good();
    ulla.get("/api/auth/me").await.problem(401);
    ulla.again().await.get("/api/auth/me").await.good();
}
