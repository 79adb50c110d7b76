//! `/api/mail/unsubscribe/{token}`

use std::time::Duration;

use identity::{Link, Purpose};
use reqwest::Method;
use serde_json::json;
use tests::app::{Client, TestApp};
use uuid::Uuid;

const VALID: Duration = Duration::from_hours(90 * 24);

/// The path that a mail to this account would name.
async fn path(app: &TestApp, person: &Client, purpose: Purpose) -> String {
    let link = Link {
        purpose,
        subject: person.id().parse::<Uuid>().unwrap(),
        ticket: None,
    };
    let token = app.shared().identity.links.create(&link, VALID).await.unwrap();
    format!("/api/mail/unsubscribe/{}", token.expose())
}

async fn wants(person: &Client) -> serde_json::Value {
    person.get("/api/auth/me").await.good()["notifications"].clone()
}

#[tokio::test]
async fn one_click_ends_mail_about_tickets_again_and_again() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let path = path(&app, &ulla, Purpose::Unsubscribe).await;
    // As mail programs send it: no cookie, no Origin, a form.
    let click = || {
        let request = app.anonymous().request(Method::POST, &path);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        request.body("List-Unsubscribe=One-Click").send()
    };
    for _ in 0..2 {
        assert_eq!(click().await.good(), json!({ "success": true }));
        assert_eq!(wants(&ulla).await, "NONE");
    }
    // They may want it again, and change their mind again.
    let again = json!({ "notifications": "ALL" });
    ulla.patch("/api/auth/me", &again).await.good();
    let multipart = app.anonymous().request(Method::POST, &path);
    let multipart = multipart.header("content-type", "multipart/form-data; boundary=x");
    multipart.body("--x--").send().await.good();
    assert_eq!(wants(&ulla).await, "NONE");
}

#[tokio::test]
async fn the_system_did_it_whoever_is_signed_in_on_that_browser() {
    let app = TestApp::new().await;
    let (ulla, vera) = (app.user("Ulla").await, app.user("Vera").await);
    let path = path(&app, &ulla, Purpose::Unsubscribe).await;
    vera.post(&path, &json!({})).await.good();
    assert_eq!(wants(&ulla).await, "NONE");
    assert_eq!(wants(&vera).await, "ALL");
    let events = app.shared().log.read_category("account", 0, 1_000).await.unwrap();
    let last = events.last().unwrap();
    assert_eq!(last.event_type, "AccountNotificationsChanged");
    assert_eq!(last.parsed_metadata().unwrap().actor, "system:unsubscribe");
}

#[tokio::test]
async fn looking_changes_nothing_and_leads_to_the_page() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let path = path(&app, &ulla, Purpose::Unsubscribe).await;
    let head = app.head().await;
    let token = path.rsplit('/').next().unwrap();
    let shown = app.anonymous().get(&path).await.is(303);
    assert_eq!(shown.header("location"), format!("/unsubscribe#{token}"));
    app.anonymous().request(Method::HEAD, &path).send().await.is(303);
    assert_eq!(app.head().await, head);
    assert_eq!(wants(&ulla).await, "ALL");
    let odd = app
        .anonymous()
        .get("/api/mail/unsubscribe/x%0d%0aSet-Cookie:%20a=b")
        .await;
    assert_eq!(odd.is(303).header("location"), "/unsubscribe#");
}

#[tokio::test]
async fn what_is_no_link_of_this_kind_is_answered_the_same_and_does_nothing() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let reset = path(&app, &ulla, Purpose::PasswordReset).await;
    let old = path(&app, &ulla, Purpose::Unsubscribe).await;
    app.clock().advance(VALID + Duration::from_secs(1));
    let head = app.head().await;
    let nonsense = format!("/api/mail/unsubscribe/{}", "0f".repeat(32));
    let long = format!("/api/mail/unsubscribe/{}", "a".repeat(5_000));
    for path in [
        reset.as_str(),
        &old,
        &nonsense,
        &long,
        "/api/mail/unsubscribe/%ff",
        "/api/mail/unsubscribe/%00",
        "/api/mail/unsubscribe/x",
    ] {
        let answer = app.anonymous().post(path, &json!({})).await;
        assert_eq!(answer.good(), json!({ "success": true }), "{path}");
    }
    assert_eq!(app.head().await, head);
    app.anonymous()
        .post("/api/mail/unsubscribe/", &json!({}))
        .await
        .problem(404);
}

#[tokio::test]
async fn another_sites_page_cannot_send_it() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let path = path(&app, &ulla, Purpose::Unsubscribe).await;
    let request = app.anonymous().request(Method::POST, &path);
    request
        .header("origin", "https://evil.example")
        .send()
        .await
        .problem(403);
    assert_eq!(wants(&ulla).await, "ALL");
}
