//! `POST /api/auth/register`: a wish for an account, and nothing told of whose the address is (A7).

use std::collections::BTreeSet;

use serde_json::json;
use tests::app::{Answer, TestApp};

/// What somebody can see of an answer: all but what differs from request to request.
fn shown(answer: &Answer) -> (u16, String, BTreeSet<String>) {
    let differs = ["date", "x-request-id"];
    let headers = answer.headers.iter().map(|(name, value)| {
        let known = !differs.contains(&name.as_str());
        format!("{name}: {}", if known { value.to_str().unwrap() } else { "" })
    });
    (answer.status, answer.text(), headers.collect())
}

#[tokio::test]
async fn the_answer_and_the_work_are_the_same_whoever_has_the_address() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    app.user("Taken").await;
    app.guest("Guest").await;
    let gone = app.user("Gone").await;
    let path = format!("/api/admin/users/{}", gone.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    let head = app.head().await;
    let hasher = app.shared().identity.hasher();
    let mut answers = Vec::new();
    for address in ["free", "taken", "TAKEN", "guest", "gone", "ada"] {
        let wish = json!({
            "email": format!(" {address}@example.test"),
            "password": "another-harbour-9",
            "name": "Somebody",
            "department": "Dept 2",
        });
        let before = (hasher.hashes(), hasher.verifications());
        answers.push(app.anonymous().post("/api/auth/register", &wish).await.is(202));
        assert_eq!(hasher.hashes() - before.0, 1, "{address}");
        assert_eq!(hasher.verifications() - before.1, 0, "{address}");
    }
    for answer in &answers {
        assert_eq!(shown(answer), shown(&answers[0]));
    }
    // Nothing has begun or changed (1.14-4).
    assert_eq!(app.head().await, head);
}

#[tokio::test]
async fn nobody_is_let_in_before_the_address_is_proved() {
    let app = TestApp::new().await;
    let wish = json!({ "email": "eve@example.test", "password": "gulls-over-harbour", "name": "Eve" });
    let answer = app.anonymous().post("/api/auth/register", &wish).await.is(202);
    assert!(answer.cookie(tests::app::SESSION_COOKIE).is_none());
    assert!(answer.json()["message"].is_string());
    let login = json!({ "email": "eve@example.test", "password": "gulls-over-harbour" });
    app.anonymous().post("/api/auth/login", &login).await.problem(401);
    assert_eq!(app.head().await, 0);
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
