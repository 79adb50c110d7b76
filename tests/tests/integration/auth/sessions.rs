//! Sessions: when they end, and what of them is stored (A4).

use std::time::Duration;

use serde_json::json;
use tests::app::{SESSION_COOKIE, TestApp};

#[tokio::test]
async fn logging_out_ends_the_session_and_takes_the_cookie_back() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let other = ulla.again().await;
    let answer = ulla
        .in_browser()
        .post("/api/auth/logout", &json!({}))
        .await
        .is(200);
    assert_eq!(answer.cookie(SESSION_COOKIE).unwrap(), "");
    ulla.get("/api/auth/me").await.problem(401);
    other.get("/api/auth/me").await.good();
    // A session that has ended already can be ended again.
    ulla.post("/api/auth/logout", &json!({})).await.good();
}

#[tokio::test]
async fn deactivation_ends_every_session_at_once_and_reactivation_revives_none() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    ulla.get("/api/tickets").await.problem(401);
    ada.patch(&path, &json!({ "isActive": true })).await.good();
    ulla.get("/api/tickets").await.problem(401);
    let again = ulla.again().await;
    again.get("/api/tickets").await.good();
}

#[tokio::test]
async fn a_new_role_acts_at_once() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    ada.patch(
        &format!("/api/admin/users/{}", ulla.id()),
        &json!({ "role": "OPERATOR" }),
    )
    .await
    .good();
    // Whether the session lives on or not: the old rights are gone.
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let answer = ulla.get(&path).await;
    assert!(matches!(answer.status, 401 | 403), "{}", answer.text());
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used_and_in_any_case_in_the_end() {
    let app = TestApp::with(&[("SESSION_IDLE_HOURS", "2"), ("SESSION_MAX_DAYS", "1")]).await;
    let ulla = app.user("Ulla").await;
    // Used every hour it lives on, but for a day at most.
    for _ in 0..23 {
        app.clock().advance(Duration::from_hours(1));
        ulla.get("/api/auth/me").await.good();
    }
    app.clock().advance(Duration::from_hours(2));
    ulla.get("/api/auth/me").await.problem(401);
    let idle = ulla.again().await;
    idle.get("/api/auth/me").await.good();
    app.clock()
        .advance(Duration::from_hours(2) + Duration::from_secs(1));
    idle.get("/api/auth/me").await.problem(401);
}

#[tokio::test]
async fn what_is_stored_opens_nothing() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let admin = app.database().admin().await;
    let rows = admin
        .query("SELECT to_jsonb(s)::text FROM auth.sessions s", &[])
        .await
        .unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let row: String = row.get(0);
        assert!(!row.contains(ulla.token()), "{row}");
    }
}

#[tokio::test]
async fn a_wrong_authorization_is_nobodys_whatever_the_cookie_says() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let browser = ulla.in_browser();
    for value in ["Bearer nonsense", "Basic dTpw", "Bearer", ""] {
        let request = browser.request(reqwest::Method::GET, "/api/auth/me");
        let answer = request.header("Authorization", value).send().await;
        assert_eq!(answer.status, 401, "{value:?}");
    }
}
