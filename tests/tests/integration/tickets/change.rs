//! `PATCH /api/tickets/{id}`

use serde_json::{Value, json};
use tests::app::{Client, TestApp};

use super::{NOBODYS, path_of, whole};
use crate::shape::has_keys;

async fn desk() -> (TestApp, Client, Client, Value) {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    (app, ada, ulla, ticket)
}

#[tokio::test]
async fn an_agent_changes_anything() {
    let (_app, ada, ulla, ticket) = desk().await;
    let change = json!({
        "title": "Printer cold",
        "description": "It has stopped burning",
        "status": "WAITING",
        "priority": "LOW",
        "category": "OTHER",
        "assignedToId": ada.id(),
    });
    let answer = ada.patch(&path_of(&ticket), &change).await.is(200);
    let changed = answer.json();
    has_keys(&changed, &whole());
    for (name, value) in change.as_object().unwrap() {
        assert_eq!(changed[name], *value);
    }
    // One event for each field.
    assert_eq!(changed["version"], 7);
    assert_eq!(answer.header("etag"), "\"7\"");
    let shown = ulla.get(&path_of(&ticket)).await.good();
    assert_eq!(shown["title"], "Printer cold");
    assert_eq!(shown["assignedTo"]["name"], "Ada");
}

#[tokio::test]
async fn a_requester_changes_the_text_of_their_own_and_nothing_else() {
    let (app, ada, ulla, ticket) = desk().await;
    let path = path_of(&ticket);
    let text = json!({ "title": "Printer smoking", "description": "No flames any more" });
    assert_eq!(ulla.patch(&path, &text).await.good()["title"], "Printer smoking");
    let head = app.head().await;
    for change in [
        json!({ "status": "CLOSED" }),
        json!({ "priority": "CRITICAL" }),
        json!({ "category": "OTHER" }),
        json!({ "assignedToId": ada.id() }),
        json!({ "assignedToId": null }),
        // All or nothing: the permitted half is not done either.
        json!({ "title": "Half of it", "status": "CLOSED" }),
    ] {
        ulla.patch(&path, &change).await.problem(403);
    }
    assert_eq!(app.head().await, head);
    assert_eq!(ulla.get(&path).await.good()["title"], "Printer smoking");
}

#[tokio::test]
async fn resolved_at_follows_the_status() {
    let (_app, ada, _ulla, ticket) = desk().await;
    let path = path_of(&ticket);
    let go = async |status: &str| ada.patch(&path, &json!({ "status": status })).await.good();
    let resolved = go("RESOLVED").await;
    assert_eq!(resolved["resolvedAt"], resolved["updatedAt"]);
    // From resolved to closed it stays; reopened it goes; closed without being resolved it comes (1.14-19).
    assert_eq!(go("CLOSED").await["resolvedAt"], resolved["resolvedAt"]);
    assert_eq!(go("OPEN").await["resolvedAt"], json!(null));
    let closed = go("CLOSED").await;
    assert_eq!(closed["resolvedAt"], closed["updatedAt"]);
    assert_eq!(go("IN_PROGRESS").await["resolvedAt"], json!(null));
}

#[tokio::test]
async fn what_changes_nothing_appends_nothing() {
    let (app, ada, _ulla, ticket) = desk().await;
    let head = app.head().await;
    for change in [
        json!({}),
        json!({ "status": "OPEN" }),
        json!({ "title": "  Printer on fire  ", "assignedToId": null }),
    ] {
        let answer = ada.patch(&path_of(&ticket), &change).await.is(200);
        assert_eq!(answer.header("etag"), "\"1\"");
    }
    assert_eq!(app.head().await, head);
}

#[tokio::test]
async fn only_an_active_agent_can_be_assigned() {
    let (app, ada, ulla, ticket) = desk().await;
    let gone = app.admin("Gone").await;
    let deactivate = json!({ "isActive": false });
    ada.patch(&format!("/api/admin/users/{}", gone.id()), &deactivate)
        .await
        .good();
    let head = app.head().await;
    for assignee in [
        json!(NOBODYS),
        json!(ulla.id()),
        json!(gone.id()),
        json!("nobody"),
        json!(1),
        json!(""),
    ] {
        let change = json!({ "assignedToId": assignee });
        let answer = ada.patch(&path_of(&ticket), &change).await;
        answer.blames(422, "assignedToId");
    }
    assert_eq!(app.head().await, head);
}

#[tokio::test]
async fn a_wrong_field_is_named() {
    let (app, ada, _ulla, ticket) = desk().await;
    let head = app.head().await;
    for (field, value) in [
        ("status", json!("DONE")),
        ("status", json!(null)),
        ("priority", json!("")),
        ("category", json!([])),
        ("title", json!("Four")),
        ("title", json!(null)),
        ("description", json!("short")),
        ("createdById", json!(ada.id())),
        ("resolvedAt", json!("2026-01-01T00:00:00Z")),
        ("version", json!(1)),
    ] {
        let mut change = json!({ "priority": "LOW" });
        change[field] = value;
        ada.patch(&path_of(&ticket), &change).await.blames(422, field);
    }
    assert_eq!(app.head().await, head);
}

#[tokio::test]
async fn a_missing_ticket_is_404() {
    let (_app, ada, _ulla, _ticket) = desk().await;
    let change = json!({ "status": "OPEN" });
    let answer = ada.patch(&format!("/api/tickets/{NOBODYS}"), &change).await;
    assert_eq!(answer.problem(404)["error"], "Ticket not found");
}

#[tokio::test]
async fn who_has_seen_another_version_is_told_and_nothing_is_lost() {
    let (_app, ada, ulla, ticket) = desk().await;
    let path = path_of(&ticket);
    let change = async |person: &Client, tag: &str, change: Value| {
        let request = person.request(reqwest::Method::PATCH, &path);
        request.header("If-Match", tag).json(&change).send().await
    };
    change(&ada, "\"1\"", json!({ "status": "IN_PROGRESS" }))
        .await
        .good();
    // Ulla decided on what she saw before (1.14-17).
    let late = change(&ulla, "\"1\"", json!({ "title": "Printer cold" })).await;
    late.problem(412);
    let shown = ulla.get(&path).await.is(200);
    assert_eq!(shown.json()["title"], "Printer on fire");
    change(&ulla, shown.header("etag"), json!({ "title": "Printer cold" }))
        .await
        .good();
    let both = ulla.get(&path).await.good();
    assert_eq!(
        (&both["title"], &both["status"]),
        (&json!("Printer cold"), &json!("IN_PROGRESS"))
    );
    change(&ulla, "*", json!({ "title": "Printer lukewarm" }))
        .await
        .good();
    for bad in ["1", "\"1", "nonsense"] {
        change(&ulla, bad, json!({ "title": "Printer hot" }))
            .await
            .problem(400);
    }
}
