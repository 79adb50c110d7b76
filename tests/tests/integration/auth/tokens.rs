//! `/api/auth/tokens`: what programs act with, and all that they may not do.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{Client, SESSION_COOKIE, TestApp};
use tests::socketio::{ConnectOptions, SocketClient};
use tests::wait;

use crate::shape::has_keys;

const TOKENS: &str = "/api/auth/tokens";

/// A program that acts for `owner` with this role, and its token's id.
async fn robot(owner: &Client, role: &str) -> (Client, String) {
    let wish = json!({ "name": "Robot", "role": role, "expiresInDays": 30 });
    let made = owner.post(TOKENS, &wish).await.is(201).json();
    let id = made["details"]["id"].as_str().unwrap().to_owned();
    (owner.with_token(made["token"].as_str().unwrap()), id)
}

#[tokio::test]
async fn a_token_is_shown_once_and_acts_for_its_owner() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let wish = json!({ "name": " Nightly report ", "expiresInDays": 365 });
    let made = ulla.post(TOKENS, &wish).await.is(201).json();
    let token = made["token"].as_str().unwrap();
    assert!(token.starts_with("inf_") && token.len() == 68, "{}", token.len());
    let names = ["id", "name", "role", "createdAt", "expiresAt", "lastUsedAt"];
    has_keys(&made["details"], &names);
    assert_eq!(made["details"]["name"], "Nightly report");
    assert_eq!(made["details"]["role"], "USER");
    let robot = ulla.with_token(token);
    let ticket = robot.new_ticket("Printer on fire").await;
    assert_eq!(ticket["createdBy"]["id"], ulla.id());
    let listed = ulla.get(TOKENS).await;
    assert!(!listed.text().contains(&token[4..]));
    assert!(listed.json()[0]["lastUsedAt"].is_string());
    // What its program did is told from what its owner did, in the record.
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    ulla.patch(&path, &json!({ "title": "Printer still on fire" }))
        .await
        .good();
    let admin = app.database().admin().await;
    let sql = "SELECT metadata->>'origin' FROM log.events WHERE stream = $1 ORDER BY version";
    let id: uuid::Uuid = ticket["id"].as_str().unwrap().parse().unwrap();
    let rows = admin.query(sql, &[&id]).await.unwrap();
    let origins: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
    assert_eq!(origins, ["token", "http"]);
}

#[tokio::test]
async fn wrong_wishes_are_refused_by_field() {
    let app = TestApp::new().await;
    let (ulla, aude) = (app.user("Ulla").await, app.auditor("Aude").await);
    let good = json!({ "name": "Robot", "role": "USER", "expiresInDays": 30 });
    for (field, value) in [
        ("name", json!("")),
        ("name", json!("x".repeat(101))),
        ("name", json!("a\nb")),
        ("name", json!(null)),
        ("role", json!("ADMIN")),
        ("role", json!("AUDITOR")),
        ("role", json!("KING")),
        ("expiresInDays", json!(0)),
        ("expiresInDays", json!(366)),
        ("expiresInDays", json!(-1)),
        ("expiresInDays", json!(null)),
        ("token", json!("inf_mine")),
    ] {
        let mut wish = good.clone();
        wish[field] = value;
        ulla.post(TOKENS, &wish).await.blames(422, field);
    }
    aude.post(TOKENS, &good).await.blames(422, "role");
    let gina = app.guest("Gina").await;
    gina.post(TOKENS, &good).await.problem(403);
}

#[tokio::test]
async fn a_token_does_at_most_what_its_role_and_its_owner_may() {
    let app = TestApp::new().await;
    let (ada, other) = (app.admin("Ada").await, app.admin("Other").await);
    let ulla = app.user("Ulla").await;
    let (as_user, _) = robot(&ada, "USER").await;
    let (as_admin, _) = robot(&ada, "ADMIN").await;
    let foreign = ulla.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}", foreign["id"].as_str().unwrap());
    // Its owner is an admin; its role is a user's: what is another's is not there, not even in lists or counts.
    as_user.get(&path).await.problem(404);
    as_user.get("/api/users").await.problem(403);
    as_user.get("/api/admin/users").await.problem(403);
    assert_eq!(as_user.get("/api/tickets").await.good(), json!([]));
    assert_eq!(as_user.get("/api/auth/me").await.good()["role"], "USER");
    let comment = json!({ "content": "x", "isInternal": true });
    as_user
        .post(&format!("{path}/comments"), &comment)
        .await
        .problem(404);
    as_admin.get(&path).await.good();

    // The owner is demoted: at once the token is no more than they are. With a role beside its own it is nobody's.
    let account = format!("/api/admin/users/{}", ada.id());
    other.patch(&account, &json!({ "role": "USER" })).await.good();
    as_admin.get("/api/users").await.problem(403);
    as_admin.get("/api/tickets").await.good();
    other.patch(&account, &json!({ "role": "AUDITOR" })).await.good();
    as_admin.get("/api/tickets").await.problem(401);
    other.patch(&account, &json!({ "isActive": false })).await.good();
    as_user.get("/api/tickets").await.problem(401);
    // Nor does it come back with the account.
    other
        .patch(&account, &json!({ "role": "ADMIN", "isActive": true }))
        .await
        .good();
    as_user.get("/api/tickets").await.problem(401);
}

#[tokio::test]
async fn a_token_manages_nothing_that_opens_an_account() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let (robot, id) = robot(&ulla, "USER").await;
    let password = json!({ "currentPassword": ulla.password, "newPassword": "a-different-harbour-11" });
    let token = json!({ "name": "Next", "expiresInDays": 30 });
    for (method, path, body) in [
        (Method::GET, TOKENS.to_owned(), Value::Null),
        (Method::POST, TOKENS.to_owned(), token),
        (Method::DELETE, format!("{TOKENS}/{id}"), Value::Null),
        (Method::GET, "/api/auth/sessions".to_owned(), Value::Null),
        (Method::DELETE, "/api/auth/sessions".to_owned(), Value::Null),
        (
            Method::DELETE,
            format!("/api/auth/sessions/{}", "0".repeat(64)),
            Value::Null,
        ),
        (Method::POST, "/api/auth/password".to_owned(), password),
        (Method::POST, "/api/auth/logout".to_owned(), json!({})),
    ] {
        let request = robot.request(method, &path);
        let request = if body.is_null() {
            request
        } else {
            request.json(&body)
        };
        request.send().await.problem(403);
    }
    ulla.get("/api/auth/me").await.good();
    // Nor does it open a socket, or stand in a cookie's place.
    let options = ConnectOptions::default().token(robot.token());
    SocketClient::open(&app.url(), options).refused().await;
    let cookie = app.anonymous().request(Method::GET, "/api/auth/me");
    let cookie = cookie.header("Cookie", &format!("{SESSION_COOKIE}={}", robot.token()));
    cookie.send().await.problem(401);
}

#[tokio::test]
async fn a_token_ends_when_it_is_withdrawn_on_every_node_or_expires() {
    let app = TestApp::new().await;
    let second = app.second_node().await;
    let (ulla, otto) = (app.user("Ulla").await, app.user("Otto").await);
    let (one, id) = robot(&ulla, "USER").await;
    let (other, _) = robot(&ulla, "USER").await;
    one.at(&second.url()).get("/api/tickets").await.good();
    otto.delete(&format!("{TOKENS}/{id}")).await.problem(404);
    ulla.delete(&format!("{TOKENS}/x")).await.problem(404);
    one.get("/api/tickets").await.good();

    ulla.delete(&format!("{TOKENS}/{id}")).await.good();
    one.get("/api/tickets").await.problem(401);
    let withdrawn = std::time::Instant::now();
    wait::until("the other node has heard", async || {
        let answer = one.at(&second.url()).get("/api/tickets").await;
        (answer.status == 401).then_some(())
    })
    .await;
    assert!(
        withdrawn.elapsed() < Duration::from_secs(1),
        "{:?}",
        withdrawn.elapsed()
    );
    ulla.delete(&format!("{TOKENS}/{id}")).await.problem(404);
    other.get("/api/tickets").await.good();
    app.clock().advance(Duration::from_hours(30 * 24));
    other.get("/api/tickets").await.problem(401);
    second.stop().await;
}

#[tokio::test]
async fn fifty_are_the_most_and_a_copy_of_the_database_opens_nothing() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let wish = json!({ "name": "Robot", "expiresInDays": 1 });
    let mut made = Vec::new();
    for _ in 0..11 {
        made.extend(join_all((0..5).map(|_| ulla.post(TOKENS, &wish))).await);
    }
    let tokens: Vec<String> = made
        .iter()
        .filter(|answer| answer.status == 201)
        .map(|answer| answer.json()["token"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(tokens.len(), 50);
    assert!(
        made.iter()
            .filter(|answer| answer.status != 201)
            .all(|answer| answer.status == 409)
    );
    let admin = app.database().admin().await;
    let sql = "SELECT t::text, encode(token_hash, 'hex') FROM auth.api_tokens t LIMIT 1";
    let row = admin.query_one(sql, &[]).await.unwrap();
    let (stored, hash): (String, String) = (row.get(0), row.get(1));
    for token in &tokens {
        assert!(!stored.contains(&token[4..]), "{stored}");
    }
    for found in [hash.clone(), format!("inf_{hash}")] {
        ulla.with_token(&found).get("/api/auth/me").await.problem(401);
    }
}
