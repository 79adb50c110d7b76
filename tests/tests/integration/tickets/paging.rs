//! Pages of `GET /api/tickets`: bounded, and stable while others insert (H3).

use std::collections::HashSet;

use serde_json::{Value, json};
use tests::app::{Answer, Client, TestApp};

const TICKETS: usize = 25;

/// The path of the next page, from `Link`.
fn next(answer: &Answer) -> Option<String> {
    let link = answer.header("link");
    let target = link.strip_prefix('<')?.split('>').next()?;
    assert!(link.ends_with("rel=\"next\""), "{link}");
    Some(target.to_owned())
}

fn ids(answer: &Answer) -> Vec<String> {
    let list = answer.good();
    let items = list.as_array().unwrap().iter();
    items
        .map(|item| item["id"].as_str().unwrap().to_owned())
        .collect()
}

async fn tickets(person: &Client, number: usize) -> Vec<String> {
    let mut ids = Vec::new();
    for number in 0..number {
        let ticket: Value = person.new_ticket(&format!("Ticket number {number}")).await;
        ids.push(ticket["id"].as_str().unwrap().to_owned());
    }
    ids
}

#[tokio::test]
async fn pages_hold_everything_once_while_others_insert() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let made = tickets(&ulla, TICKETS).await;
    let mut seen = Vec::new();
    let mut path = Some("/api/tickets?limit=4".to_owned());
    let mut pages = 0;
    while let Some(at) = path {
        let page = ulla.get(&at).await.is(200);
        let found = ids(&page);
        assert!(found.len() <= 4);
        seen.extend(found);
        path = next(&page);
        pages += 1;
        // Newer ones come before the first page, and must not shift the others.
        ulla.new_ticket("Inserted while paging").await;
    }
    let expected: Vec<_> = made.iter().rev().cloned().collect();
    assert_eq!(seen, expected);
    assert_eq!(pages, TICKETS.div_ceil(4));
}

#[tokio::test]
async fn filters_go_along_to_the_next_page() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let made = tickets(&ada, 6).await;
    for id in &made[..3] {
        let change = serde_json::json!({ "status": "CLOSED" });
        ada.patch(&format!("/api/tickets/{id}"), &change).await.good();
    }
    let first = ada.get("/api/tickets?status=CLOSED&limit=2").await.is(200);
    let second = ada.get(&next(&first).unwrap()).await.is(200);
    let found: HashSet<_> = ids(&first).into_iter().chain(ids(&second)).collect();
    assert_eq!(found, made[..3].iter().cloned().collect());
    assert_eq!(next(&second), None);
}

#[tokio::test]
async fn a_page_is_bounded_whatever_is_asked_for() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let all = (0..101).map(|number| {
        let ulla = ulla.clone();
        async move { ulla.new_ticket(&format!("Ticket number {number}")).await }
    });
    futures::future::join_all(all).await;
    let page = ulla.get("/api/tickets").await.is(200);
    assert_eq!(ids(&page).len(), 100);
    assert_eq!(ids(&ulla.get(&next(&page).unwrap()).await).len(), 1);
    assert_eq!(ids(&ulla.get("/api/tickets?limit=200").await).len(), 101);
    ulla.get("/api/tickets?limit=201").await.blames(422, "limit");
}

#[tokio::test]
async fn each_order_goes_on_where_its_page_ended_and_nowhere_else() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let made = tickets(&ada, 8).await;
    // The first one matters most, and is what changed last; the last one before it.
    for (place, priority) in [(7, "HIGH"), (2, "LOW"), (0, "CRITICAL")] {
        let change = json!({ "priority": priority });
        ada.patch(&format!("/api/tickets/{}", made[place]), &change)
            .await
            .good();
    }
    let in_order = |places: [usize; 8]| places.map(|place| made[place].clone());
    let mut cursors = Vec::new();
    for (sort, expected) in [
        ("newest", [7, 6, 5, 4, 3, 2, 1, 0]),
        ("oldest", [0, 1, 2, 3, 4, 5, 6, 7]),
        ("updated", [0, 2, 7, 6, 5, 4, 3, 1]),
        ("priority", [0, 7, 6, 5, 4, 3, 1, 2]),
    ] {
        let mut seen = Vec::new();
        let mut path = Some(format!("/api/tickets?sort={sort}&limit=3"));
        while let Some(at) = path {
            let page = ada.get(&at).await.is(200);
            seen.extend(ids(&page));
            path = next(&page);
            let cursor = path.as_deref().and_then(|path| path.split("cursor=").nth(1));
            cursors.extend(cursor.map(|cursor| (sort, cursor.to_owned())));
        }
        assert_eq!(seen, in_order(expected), "{sort}");
        // The same list, as it was just now.
        let then = format!("/api/tickets?sort={sort}&at={}", app.head().await);
        assert_eq!(ids(&ada.get(&then).await.is(200)), in_order(expected), "{sort}");
    }
    for sort in ["newest", "oldest", "updated", "priority"] {
        for (own, cursor) in &cursors {
            let answer = ada
                .get(&format!("/api/tickets?sort={sort}&cursor={cursor}"))
                .await;
            if *own == sort {
                answer.is(200);
            } else {
                answer.blames(422, "cursor");
            }
        }
    }
    ada.get("/api/tickets?sort=best").await.blames(422, "sort");
}
