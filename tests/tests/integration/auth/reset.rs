//! `/api/auth/password/forgot` and `/reset`: a new password by mail, and the end of everything that the old one opened.

use std::time::Duration;

use futures::future::join_all;
use serde_json::json;
use tests::app::{Answer, Client, TestApp};

const NEXT: &str = "a-different-harbour-11";

async fn forgot(app: &TestApp, email: &str) -> Answer {
    let wish = json!({ "email": email });
    app.anonymous().post("/api/auth/password/forgot", &wish).await
}

/// The token of a link that is mailed to this person.
async fn mailed(app: &TestApp, of: &Client) -> String {
    forgot(app, of.email()).await.is(202);
    let mail = app.mailbox().next_of(of.email(), "password_reset").await;
    mail.token().to_owned()
}

async fn reset(app: &TestApp, token: &str, password: &str) -> Answer {
    let wish = json!({ "token": token, "newPassword": password });
    app.anonymous().post("/api/auth/password/reset", &wish).await
}

#[tokio::test]
async fn a_new_password_ends_all_that_the_old_one_opened() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let elsewhere = ulla.again().await;
    let wish = json!({ "name": "Robot", "expiresInDays": 30 });
    let made = ulla.post("/api/auth/tokens", &wish).await.is(201).json();
    let robot = ulla.with_token(made["token"].as_str().unwrap());
    robot.get("/api/tickets").await.good();
    let (other, token) = (mailed(&app, &ulla).await, mailed(&app, &ulla).await);

    let answer = reset(&app, &token, NEXT).await.is(200);
    assert!(
        answer.cookie(tests::app::SESSION_COOKIE).is_none(),
        "signed in by a link alone"
    );
    for client in [&ulla, &elsewhere, &robot] {
        client.get("/api/tickets").await.problem(401);
    }
    reset(&app, &token, NEXT).await.problem(401);
    reset(&app, &other, NEXT).await.problem(401);
    let old = json!({ "email": ulla.email(), "password": ulla.password });
    app.anonymous().post("/api/auth/login", &old).await.problem(401);
    let again = app.anonymous().sign_in(" ULLA@example.test ", NEXT).await;
    assert!(
        again
            .get("/api/auth/tokens")
            .await
            .good()
            .as_array()
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn asking_tells_nothing_and_costs_the_same() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    app.user("Ulla").await;
    let gone = app.user("Gone").await;
    let path = format!("/api/admin/users/{}", gone.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    let hasher = app.shared().identity.hasher();
    let before = (hasher.hashes(), hasher.verifications());
    let mut told = Vec::new();
    for address in ["ulla@example.test", "GONE@example.test", "nobody@example.test"] {
        let answer = forgot(&app, address).await.is(202);
        let names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
        told.push((answer.text(), names));
    }
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0], told[2]);
    assert_eq!((hasher.hashes(), hasher.verifications()), before);
    app.mailbox().next_of("ulla@example.test", "password_reset").await;
    forgot(&app, "no address").await.blames(422, "email");
}

#[tokio::test]
async fn a_link_is_good_for_an_hour_for_this_and_for_a_good_password_only() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let token = mailed(&app, &ulla).await;
    // What is refused for the password's sake does not use the link up.
    reset(&app, &token, "short").await.blames(422, "newPassword");
    reset(&app, &token, "password").await.blames(422, "newPassword");
    let confirm = json!({ "token": token, "password": ulla.password });
    app.anonymous()
        .post("/api/auth/register/confirm", &confirm)
        .await
        .problem(401);
    for wrong in ["", "x", &"f00d".repeat(16), ulla.token()] {
        reset(&app, wrong, NEXT).await.problem(401);
    }
    app.clock().advance(Duration::from_mins(61));
    reset(&app, &token, NEXT).await.problem(401);
    let token = mailed(&app, &ulla).await;
    reset(&app, &token, NEXT).await.is(200);
}

#[tokio::test]
async fn a_deactivated_account_is_opened_by_no_link() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let token = mailed(&app, &ulla).await;
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    reset(&app, &token, NEXT).await.problem(401);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_with_one_link_one_sets_the_password() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let token = mailed(&app, &ulla).await;
    let answers = join_all((0..20).map(|_| reset(&app, &token, NEXT))).await;
    assert_eq!(answers.iter().filter(|answer| answer.status == 200).count(), 1);
    app.anonymous().sign_in(ulla.email(), NEXT).await;
}
