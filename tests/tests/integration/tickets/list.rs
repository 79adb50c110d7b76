//! `GET /api/tickets`: what is listed, in which order, by which filters.

use serde_json::{Value, json};
use tests::app::TestApp;

use super::{ITEM, path_of};
use crate::shape::has_keys;

fn titles(list: &Value) -> Vec<&str> {
    let items = list.as_array().unwrap().iter();
    items.map(|item| item["title"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_list_has_the_originals_items_newest_first() {
    let app = TestApp::new().await;
    let (ada, ulla, otto) = (
        app.admin("Ada").await,
        app.user("Ulla").await,
        app.user("Otto").await,
    );
    let first = ulla.new_ticket("First ticket").await;
    otto.new_ticket("Second ticket").await;
    ulla.new_ticket("Third ticket").await;
    let comment = json!({ "content": "on the first" });
    ulla.post(&format!("{}/comments", path_of(&first)), &comment)
        .await
        .is(201);

    let all = ada.get("/api/tickets").await.good();
    assert_eq!(titles(&all), ["Third ticket", "Second ticket", "First ticket"]);
    for item in all.as_array().unwrap() {
        has_keys(item, ITEM);
    }
    // Also after an update, which in the original's broadcasts lacks it (1.14-11).
    assert_eq!(all[2]["_count"], json!({ "comments": 1, "attachments": 0 }));
    // A requester's list holds their own (1.14-12).
    let own = ulla.get("/api/tickets").await.good();
    assert_eq!(titles(&own), ["Third ticket", "First ticket"]);
}

#[tokio::test]
async fn filters_narrow_and_combine() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let printer = ulla.new_ticket("Printer on fire").await;
    let scanner = ulla.new_ticket("Scanner on fire").await;
    ada.new_ticket("Coffee is cold").await;
    let change = json!({ "status": "WAITING", "priority": "HIGH", "assignedToId": ada.id() });
    ada.patch(&path_of(&printer), &change).await.good();
    ada.patch(
        &path_of(&scanner),
        &json!({ "status": "WAITING", "category": "NETWORK" }),
    )
    .await
    .good();
    let list = async |query: &str| ada.get(&format!("/api/tickets?{query}")).await.good();
    assert_eq!(
        titles(&list("status=WAITING").await),
        ["Scanner on fire", "Printer on fire"]
    );
    assert_eq!(titles(&list("priority=HIGH").await), ["Printer on fire"]);
    assert_eq!(titles(&list("category=NETWORK").await), ["Scanner on fire"]);
    assert_eq!(
        titles(&list("status=WAITING&priority=MEDIUM").await),
        ["Scanner on fire"]
    );
    assert_eq!(titles(&list("assignedToMe=true").await), ["Printer on fire"]);
    assert_eq!(titles(&list("status=CLOSED").await), [""; 0]);
    let of_ulla = format!("requester={}", ulla.id());
    assert_eq!(
        titles(&list(&of_ulla).await),
        ["Scanner on fire", "Printer on fire"]
    );
    let of_ada = format!("assignee={}", ada.id());
    assert_eq!(titles(&list(&of_ada).await), ["Printer on fire"]);
    assert_eq!(
        titles(&list("q=ON%20FIRE").await),
        ["Scanner on fire", "Printer on fire"]
    );
    assert_eq!(titles(&list("q=%25").await), [""; 0]);
}

#[tokio::test]
async fn a_wrong_filter_is_named_and_never_passed_over() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    for (field, query) in [
        ("status", "status=DONE"),
        ("status", "status=open"),
        ("priority", "priority=1"),
        ("category", "category=%00"),
        ("assignee", "assignee=nobody"),
        ("limit", "limit=0"),
        ("limit", "limit=1000000"),
        ("limit", "limit=-1"),
        ("limit", "limit=ten"),
        ("cursor", "cursor=nonsense"),
        ("cursor", "cursor="),
        ("colour", "colour=red"),
    ] {
        ada.get(&format!("/api/tickets?{query}")).await.blames(422, field);
    }
    ada.get("/api/tickets?status=%ff").await.problem(400);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_search_that_takes_too_long_is_told_from_a_database_that_is_away() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    ada.new_ticket("Printer on fire").await;
    // On a small desk nothing makes a search slow but somebody who holds the table.
    let holder = app.database().admin().await;
    holder
        .batch_execute("BEGIN; LOCK TABLE read_tickets.tickets IN ACCESS EXCLUSIVE MODE")
        .await
        .unwrap();
    let problem = ada.get("/api/tickets?q=printer").await.problem(503);
    assert_eq!(problem["detail"], "the search takes too long, narrow it down");
    holder.batch_execute("ROLLBACK").await.unwrap();
    let found = ada.get("/api/tickets?q=printer").await.good();
    assert_eq!(found.as_array().unwrap().len(), 1);
}
