//! `GET /api/tickets/{id}`

use serde_json::json;
use tests::app::TestApp;

use super::{AGENT, ATTACHMENT, COMMENT, NOBODYS, path_of, whole};
use crate::shape::{PNG, has_keys, is_time, keys};

#[tokio::test]
async fn a_whole_ticket_has_comments_oldest_first_and_attachments_newest_first() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = path_of(&ticket);
    for content in ["first", "second", "third"] {
        let wish = json!({ "content": content, "isInternal": content == "second" });
        ada.post(&format!("{path}/comments"), &wish).await.is(201);
    }
    for name in ["one.png", "two.png"] {
        let attachments = format!("{path}/attachments");
        ulla.upload(&attachments, name, "image/png", PNG).await.is(201);
    }
    ada.patch(&path, &json!({ "assignedToId": ada.id() }))
        .await
        .good();

    let shown = ada.get(&path).await.good();
    has_keys(&shown, &whole());
    let contents: Vec<_> = shown["comments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|comment| comment["content"].as_str().unwrap())
        .collect();
    assert_eq!(contents, ["first", "second", "third"]);
    let names: Vec<_> = shown["attachments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|attachment| attachment["fileName"].as_str().unwrap())
        .collect();
    assert_eq!(names, ["two.png", "one.png"]);
    has_keys(&shown["comments"][0], COMMENT);
    has_keys(&shown["comments"][0]["user"], AGENT);
    is_time(&shown["comments"][0]["createdAt"]);
    has_keys(&shown["attachments"][0], ATTACHMENT);
    assert_eq!(
        keys(&shown["attachments"][0]["uploadedBy"]),
        ["email", "id", "name"]
    );
    has_keys(&shown["assignedTo"], AGENT);
    assert_eq!(shown["assignedTo"]["name"], "Ada");
    assert_eq!(shown["_count"], json!({ "comments": 3, "attachments": 2 }));

    // The requester does not learn of the internal one, not even by a number (1.14-3).
    let own = ulla.get(&path).await.good();
    assert_eq!(own["comments"].as_array().unwrap().len(), 2);
    assert_eq!(own["_count"]["comments"], 2);
    assert!(!own.to_string().contains("second"));
}

#[tokio::test]
async fn a_foreign_ticket_and_a_missing_one_look_the_same() {
    let app = TestApp::new().await;
    let (ulla, otto) = (app.user("Ulla").await, app.user("Otto").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let without_id = |mut problem: serde_json::Value| {
        problem.as_object_mut().unwrap().remove("requestId");
        problem
    };
    let foreign = otto.get(&path_of(&ticket)).await.problem(404);
    assert_eq!(foreign["error"], "Ticket not found");
    for path in [
        format!("/api/tickets/{NOBODYS}"),
        "/api/tickets/1".to_owned(),
        "/api/tickets/%00".to_owned(),
        "/api/tickets/..%2f..%2fetc".to_owned(),
        "/api/tickets/{}".to_owned(),
    ] {
        let missing = otto.get(&path).await.problem(404);
        assert_eq!(without_id(missing), without_id(foreign.clone()), "{path}");
    }
}

#[tokio::test]
async fn a_tickets_tag_changes_with_it() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = path_of(&ticket);
    let first = ulla.get(&path).await.is(200);
    assert_eq!(first.header("etag"), "\"1\"");
    ulla.post(&format!("{path}/comments"), &json!({ "content": "still" }))
        .await
        .is(201);
    let second = ulla.get(&path).await.is(200);
    assert_eq!(second.header("etag"), "\"2\"");
    assert_eq!(second.json()["version"], 2);
}

/// Its own tag, or a change refused for no visible reason, would tell a requester that a note was written.
#[tokio::test]
async fn an_internal_comment_does_not_change_the_requesters_tag() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = path_of(&ticket);
    let note = json!({ "content": "Third one this month", "isInternal": true });
    ada.post(&format!("{path}/comments"), &note).await.is(201);

    let seen = ulla.get(&path).await.is(200);
    assert_eq!(
        (seen.header("etag"), &seen.json()["version"]),
        ("\"1\"", &json!(1))
    );
    assert_eq!(seen.header("x-position"), "");
    assert_eq!(ada.get(&path).await.is(200).header("etag"), "\"2\"");
    let same = ulla
        .patch(&path, &json!({ "title": "Printer on fire" }))
        .await
        .is(200);
    assert_eq!((same.header("etag"), same.header("x-position")), ("\"1\"", ""));

    let change = ulla
        .request(reqwest::Method::PATCH, &path)
        .header("If-Match", "\"1\"");
    let changed = change
        .json(&json!({ "title": "Printer burnt down" }))
        .send()
        .await
        .is(200);
    assert_eq!(
        (changed.header("etag"), &changed.json()["version"]),
        ("\"2\"", &json!(2))
    );
    let stale = ulla
        .request(reqwest::Method::PATCH, &path)
        .header("If-Match", "\"1\"");
    let stale = stale.json(&json!({ "title": "Printer restored" })).send().await;
    assert_eq!(stale.is(412).header("etag"), "\"2\"");
}
