//! `POST /api/auth/register`

use serde_json::json;
use tests::app::TestApp;

use crate::shape::{has_keys, is_time};

#[tokio::test]
async fn an_account_is_answered_as_in_the_original() {
    let app = TestApp::new().await;
    let wish = json!({
        "email": "Ulla@Example.test",
        "password": "gulls-over-harbour",
        "name": "Ulla",
        "department": "Dept 1",
    });
    let account = app
        .anonymous()
        .post("/api/auth/register", &wish)
        .await
        .is(201)
        .json();
    has_keys(
        &account,
        &["id", "email", "name", "role", "department", "createdAt"],
    );
    assert_eq!(account["role"], "USER");
    assert_eq!(account["department"], "Dept 1");
    is_time(&account["createdAt"]);
}

#[tokio::test]
async fn an_address_belongs_to_one_account_whatever_its_case() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let head = app.head().await;
    for email in ["ulla@example.test", "ULLA@EXAMPLE.TEST", " Ulla@example.test "] {
        let wish = json!({ "email": email, "password": "another-harbour-9", "name": "Not Ulla" });
        let answer = app.anonymous().post("/api/auth/register", &wish).await;
        assert_eq!(answer.problem(400)["error"], "User already exists");
    }
    // Nothing about the account has changed (1.14-4).
    assert_eq!(app.head().await, head);
    assert_eq!(ulla.get("/api/auth/me").await.good()["name"], "Ulla");
}

#[tokio::test]
async fn of_many_at_once_one_gets_the_address() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    let wish = json!({ "email": "one@example.test", "password": "gulls-over-harbour", "name": "The one" });
    let all = (0..6).map(|_| anonymous.post("/api/auth/register", &wish));
    let answers = futures::future::join_all(all).await;
    let made = answers.iter().filter(|answer| answer.status == 201).count();
    assert_eq!(made, 1);
    for answer in answers.iter().filter(|answer| answer.status != 201) {
        assert!(matches!(answer.status, 400 | 503), "{}", answer.text());
    }
}

#[tokio::test]
async fn a_wrong_field_is_named_and_the_password_not_repeated() {
    let app = TestApp::new().await;
    let head = app.head().await;
    let good = json!({ "email": "a@example.test", "password": "gulls-over-harbour", "name": "Ada" });
    let canary = "canary7";
    for (field, value) in [
        ("email", json!("nobody")),
        ("email", json!("a@b\r\nBcc: c@d.example")),
        ("email", json!(format!("{}@example.test", "a".repeat(250)))),
        ("email", json!(null)),
        ("password", json!(canary)),
        ("password", json!("password")),
        ("password", json!(12_345_678)),
        ("password", json!("x".repeat(10_000))),
        ("name", json!("A")),
        ("name", json!("A\u{0}B")),
        ("department", json!(5)),
        ("role", json!("ADMIN")),
        ("isActive", json!(true)),
    ] {
        let mut wish = good.clone();
        wish[field] = value;
        let answer = app.anonymous().post("/api/auth/register", &wish).await;
        answer.blames(422, field);
        assert!(!answer.text().contains(canary), "{}", answer.text());
    }
    assert_eq!(app.head().await, head);
}

#[tokio::test]
async fn nobody_becomes_an_admin_over_http() {
    let app = TestApp::new().await;
    // A fresh desk has no account, and no route that would make the first admin (A11, 1.14-6).
    assert_eq!(app.head().await, 0);
    app.anonymous().post("/api/init", &json!({})).await.problem(404);
    let ulla = app.user("Ulla").await;
    assert_eq!(ulla.account["role"], "USER");
    let path = format!("/api/admin/users/{}", ulla.id());
    let answer = ulla.patch(&path, &json!({ "role": "ADMIN" })).await;
    assert!(matches!(answer.status, 403 | 404), "{}", answer.text());
}
