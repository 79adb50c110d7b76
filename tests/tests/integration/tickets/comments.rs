//! `POST /api/tickets/{id}/comments`

use serde_json::json;
use tests::app::TestApp;

use super::{AGENT, COMMENT, NOBODYS, path_of};
use crate::shape::{has_keys, is_time};

#[tokio::test]
async fn a_comment_is_answered_with_its_author() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("{}/comments", path_of(&ticket));
    let wish = json!({ "content": " still burning\n" });
    let answer = ulla.post(&path, &wish).await.is(201);
    let comment = answer.json();
    has_keys(&comment, COMMENT);
    has_keys(&comment["user"], AGENT);
    assert_eq!(comment["content"], "still burning");
    assert_eq!(comment["isInternal"], false);
    assert_eq!(comment["ticketId"], ticket["id"]);
    assert_eq!(comment["userId"], ulla.id());
    assert_eq!(comment["user"]["name"], "Ulla");
    is_time(&comment["createdAt"]);
}

#[tokio::test]
async fn a_requester_cannot_write_an_internal_comment() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("{}/comments", path_of(&ticket));
    let wish = json!({ "content": "psst", "isInternal": true });
    ulla.post(&path, &wish).await.problem(403);
    let shown = ulla.get(&path_of(&ticket)).await.good();
    assert_eq!(shown["comments"], json!([]));
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("{}/comments", path_of(&ticket));
    for (field, wish) in [
        ("content", json!({})),
        ("content", json!({ "content": "" })),
        ("content", json!({ "content": "  \n\t " })),
        ("content", json!({ "content": null })),
        ("content", json!({ "content": "a\u{0}b" })),
        ("content", json!({ "content": "x".repeat(64 * 1024 + 1) })),
        ("isInternal", json!({ "content": "a", "isInternal": "yes" })),
        ("userId", json!({ "content": "a", "userId": NOBODYS })),
    ] {
        ulla.post(&path, &wish).await.blames(422, field);
    }
    let missing = format!("/api/tickets/{NOBODYS}/comments");
    ulla.post(&missing, &json!({ "content": "a" })).await.problem(404);
}
