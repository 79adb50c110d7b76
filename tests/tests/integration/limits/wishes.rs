//! What strangers wish for, and somebody is mailed about.

use reqwest::Method;
use serde_json::json;
use tests::app::{Answer, TestApp};

use super::{PROXY, refused};

/// Somebody at `address` wants an account under `email`.
async fn sign_up(app: &TestApp, address: &str, email: &str) -> Answer {
    let wish = json!({ "email": email, "password": "gulls over the harbour", "name": "Somebody" });
    let request = app.anonymous().request(Method::POST, "/api/auth/register");
    request
        .header("X-Forwarded-For", address)
        .json(&wish)
        .send()
        .await
}

#[tokio::test]
async fn accounts_are_asked_for_slowly_from_one_address() {
    // Two at once, one more every quarter of an hour.
    let app = TestApp::with(&[PROXY, ("WISHES_PER_HOUR", "4")]).await;
    for n in 0..2 {
        let answer = sign_up(&app, "192.0.2.1", &format!("person{n}@example.test")).await;
        assert!(answer.status < 300, "{}", answer.status);
    }
    refused(&sign_up(&app, "192.0.2.1", "person@example.test").await, 900);
    let elsewhere = sign_up(&app, "192.0.2.2", "person@example.test").await;
    assert!(elsewhere.status < 300, "{}", elsewhere.status);
}

#[tokio::test]
async fn nobodys_mailbox_is_filled() {
    // Two at once from one address, four from all together.
    let app = TestApp::with(&[PROXY, ("MAILS_PER_HOUR", "4")]).await;
    let mut statuses = Vec::new();
    for network in 0..3 {
        for _ in 0..3 {
            let answer = sign_up(&app, &format!("192.0.2.{network}"), "Victim@example.test").await;
            statuses.push(answer.status == 429);
        }
    }
    assert_eq!(
        statuses,
        [false, false, true, false, false, true, true, true, true]
    );
}
