//! `GET /api/tickets/{id}/diff` and `GET /api/audit/diff`

use serde_json::{Value, json};

use super::past::{Past, each, next};

#[tokio::test]
async fn a_tickets_two_moments_differ_in_words_and_as_json() {
    let past = Past::new().await;
    let [begun, noted, said, changed] = past.at;
    let path = format!("{}/diff?from={begun}&to={changed}", past.path);
    let answer = past.otto.get(&path).await.is(200);
    assert_eq!(answer.header("x-from-position"), begun.to_string());
    assert_eq!(answer.header("x-to-position"), changed.to_string());
    let diff = answer.json();
    assert_eq!(
        (&diff["kind"], &diff["fromPosition"]),
        (&json!("CHANGED"), &json!(begun))
    );
    assert_eq!(
        diff["text"],
        "\"Printer on fire\" changed: the status changed from OPEN to WAITING; the assignee changed from none to Ada; \
         an internal note by Ada was added: \"Third one of this batch\"; a comment by Ada was added: \"Is it warm?\"."
    );
    assert_eq!(
        each(&diff["changes"], "field"),
        ["status", "assignee", "comment", "comment"]
    );
    assert_eq!(diff["added"], json!({ "comments": 2, "attachments": 0 }));
    assert_eq!(
        past.accesses("DIFFERENCE").await,
        [json!(format!("from={begun}&to={changed}"))]
    );

    let own = past.ulla.get(&path).await.good();
    assert_eq!(own["added"]["comments"], 1);
    assert!(!own.to_string().contains("Third one"), "{own}");
    let quiet = format!("{}/diff?from={begun}&to={noted}", past.path);
    assert_eq!(past.ulla.get(&quiet).await.good()["kind"], "UNCHANGED");
    assert_eq!(past.ada.get(&quiet).await.good()["kind"], "CHANGED");
    let same = format!("{}/diff?from={said}&to={said}", past.path);
    let same = past.ada.get(&same).await.good();
    assert_eq!(same["text"], "\"Printer on fire\" did not change.");
    let whole = past.ulla.get(&format!("{}/diff", past.path)).await.good();
    assert_eq!(
        (&whole["kind"], &whole["changes"][2]["text"]),
        (&json!("ADDED"), &json!("the status is WAITING"))
    );
}

#[tokio::test]
async fn where_a_ticket_was_not_there_it_was_added_or_removed_or_cannot_be_compared() {
    let past = Past::new().await;
    let begun = past.at[0];
    let deleted = past.ada.delete(&past.path).await.is(200).position();
    let kind = async |from: i64, to: i64| {
        let path = format!("{}/diff?from={from}&to={to}", past.path);
        past.otto.get(&path).await.good()["kind"].clone()
    };
    assert_eq!(kind(begun - 1, begun).await, "ADDED");
    assert_eq!(kind(begun, deleted).await, "REMOVED");
    assert_eq!(kind(0, deleted).await, "ADDED_AND_REMOVED");
    for (from, to) in [(0, begun - 1), (deleted, deleted)] {
        let path = format!("{}/diff?from={from}&to={to}", past.path);
        past.otto.get(&path).await.problem(404);
    }
    let backwards = format!("{}/diff?from={deleted}&to={begun}", past.path);
    past.otto.get(&backwards).await.blames(422, "from");
    past.ada.get(&format!("{}/diff", past.path)).await.problem(404);
}

#[tokio::test]
async fn the_desks_two_moments_differ_by_its_tickets_once_each_in_order_and_in_pages() {
    let past = Past::new().await;
    let from = past.at[0];
    let scanner = past.ulla.new_ticket("Scanner on fire").await;
    let scanner = format!("/api/tickets/{}", scanner["id"].as_str().unwrap());
    past.ulla.new_ticket("Coffee is cold").await;
    past.ada.delete(&scanner).await.good();
    past.ada
        .post(
            &format!("{}/comments", past.path),
            &json!({ "content": "Still?" }),
        )
        .await
        .is(201);
    let mut seen: Vec<Value> = Vec::new();
    let mut path = Some(format!("/api/audit/diff?from={from}&limit=2"));
    while let Some(at) = path {
        let page = past.otto.get(&at).await.is(200);
        seen.extend(page.json().as_array().unwrap().clone());
        path = next(&page);
        if let Some(next) = &path {
            let to = page.header("x-to-position");
            assert!(next.contains(&format!("from={from}&to={to}&cursor=")), "{next}");
        }
    }
    let seen = Value::Array(seen);
    assert_eq!(
        each(&seen, "title"),
        ["Printer on fire", "Scanner on fire", "Coffee is cold"]
    );
    assert_eq!(each(&seen, "kind"), ["CHANGED", "ADDED_AND_REMOVED", "ADDED"]);
    assert_eq!(
        seen[0]["text"],
        "\"Printer on fire\" changed: the status changed from OPEN to WAITING; the assignee changed from none to Ada; \
         3 comments were added."
    );
    assert_eq!(
        seen[1]["text"],
        "\"Scanner on fire\" was added and removed again."
    );
    let whole = past.otto.get("/api/audit/diff").await.good();
    assert_eq!(each(&whole, "kind"), ["ADDED", "ADDED_AND_REMOVED", "ADDED"]);
    let none = past.otto.get("/api/audit/diff?from=0&to=0").await.good();
    assert_eq!(none, json!([]));
    past.otto
        .get("/api/audit/diff?from=2&to=1")
        .await
        .blames(422, "from");
    past.otto
        .get("/api/audit/diff?cursor=x")
        .await
        .blames(422, "cursor");
    assert_eq!(past.accesses("DIFFERENCE").await.len(), 4);
}
