//! `Idempotency-Key`: repeating has one effect (D4), and changes at the same time lose nothing (D5).

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{Answer, Client, TestApp};
use tests::wait;

use super::path_of;

async fn post(person: &Client, path: &str, key: &str, wish: &Value) -> Answer {
    // On a busy machine it may take a second try: that is what the key is for.
    person.insist(Method::POST, path, key, wish).await
}

fn wish(title: &str) -> Value {
    json!({ "title": title, "description": "Probe description text", "category": "OTHER" })
}

#[tokio::test]
async fn a_repeated_request_has_one_effect_and_the_same_answer() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let first = post(&ulla, "/api/tickets", "key-1", &wish("Printer"))
        .await
        .is(201);
    let head = app.head().await;
    let again = post(&ulla, "/api/tickets", "key-1", &wish("Printer"))
        .await
        .is(201);
    assert_eq!(again.json(), first.json());
    assert_eq!(again.position(), first.position());
    assert_eq!(app.head().await, head);
    let comments = format!("{}/comments", path_of(&first.json()));
    let said = json!({ "content": "once" });
    let first = post(&ulla, &comments, "key-2", &said).await.is(201);
    let again = post(&ulla, &comments, "key-2", &said).await.is(201);
    assert_eq!(again.json(), first.json());
    assert_eq!(app.head().await, head + 1);
}

#[tokio::test]
async fn a_repetition_is_answered_as_the_first_time_whatever_came_between() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let first = post(&ulla, "/api/tickets", "key-1", &wish("Printer"))
        .await
        .is(201)
        .json();
    ada.patch(&path_of(&first), &json!({ "title": "Another title" }))
        .await
        .good();
    let again = post(&ulla, "/api/tickets", "key-1", &wish("Printer"))
        .await
        .is(201)
        .json();
    assert_eq!(again["id"], first["id"]);
    assert_eq!(again["version"], 1);
    assert_eq!(again["title"], "Printer");
}

#[tokio::test]
async fn a_key_belongs_to_one_request_and_one_person() {
    let app = TestApp::new().await;
    let (ulla, otto) = (app.user("Ulla").await, app.user("Otto").await);
    let first = post(&ulla, "/api/tickets", "key-1", &wish("Printer"))
        .await
        .is(201)
        .json();
    let head = app.head().await;
    post(&ulla, "/api/tickets", "key-1", &wish("Scanner"))
        .await
        .problem(422);
    let comments = format!("{}/comments", path_of(&first));
    let said = json!({ "content": "with the same key" });
    post(&ulla, &comments, "key-1", &said).await.problem(422);
    assert_eq!(app.head().await, head);
    let other = post(&otto, "/api/tickets", "key-1", &wish("Printer"))
        .await
        .is(201)
        .json();
    assert_ne!(other["id"], first["id"]);
    let long = "k".repeat(256);
    for bad in [long.as_str(), "with blank"] {
        post(&ulla, "/api/tickets", bad, &wish("Printer"))
            .await
            .problem(400);
    }
}

#[tokio::test]
async fn fifty_at_once_with_one_key_have_one_effect() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let head = app.head().await;
    let wish = wish("Printer");
    let all = (0..50).map(|_| post(&ulla, "/api/tickets", "key-1", &wish));
    let answers = futures::future::join_all(all).await;
    let first = answers[0].good();
    for answer in answers {
        assert_eq!(answer.is(201).json(), first);
    }
    assert_eq!(app.head().await, head + 1);
}

/// Whoever comes while the first one is under way finds a ticket that is gone, or at another version: by their own doing.
#[tokio::test]
async fn repetitions_at_once_are_not_refused_for_what_the_first_of_them_did() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let path = path_of(&ada.new_ticket("Printer on fire").await);
    let other = app.second_node().await;
    let nodes = [ada.at(&app.url()), ada.at(&other.url())];
    let head = app.head().await;
    let change = json!({ "title": "Printer put out" });
    for (method, key, tag) in [
        (Method::PATCH, "key-1", "\"1\""),
        (Method::DELETE, "key-2", "\"2\""),
    ] {
        let ask = async |node: &Client| {
            let request = node.request(method.clone(), &path).header("If-Match", tag);
            let request = request.header("Idempotency-Key", key).json(&change);
            let answer = request.send().await;
            (answer.status != 503).then_some(answer)
        };
        let all = (0..20).map(|number: usize| {
            let node = &nodes[number % 2];
            wait::until("an answer other than 503", async || ask(node).await)
        });
        let answers = futures::future::join_all(all).await;
        let first = (answers[0].good(), answers[0].position());
        for answer in &answers {
            assert_eq!((answer.good(), answer.position()), first);
        }
    }
    assert_eq!(app.head().await, head + 2);
}

#[tokio::test]
async fn sixty_four_at_once_on_one_ticket_lose_nothing() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let path = path_of(&ticket);
    let all = (0..64_usize).map(async |number| {
        let key = format!("key-{number}");
        if number.is_multiple_of(2) {
            let said = json!({ "content": format!("comment {number}") });
            post(&ada, &format!("{path}/comments"), &key, &said).await
        } else {
            let change = json!({ "title": format!("Title number {number}") });
            ada.insist(Method::PATCH, &path, &key, &change).await
        }
    });
    let answers = futures::future::join_all(all).await;
    let done = answers.iter().filter(|answer| answer.status < 300).count();
    for answer in &answers {
        assert!(
            matches!(answer.status, 200 | 201 | 409),
            "{}: {}",
            answer.asked,
            answer.text()
        );
    }
    // Within one process nobody is turned away at this number.
    assert_eq!(done, 64);
    let shown = ada.get(&path).await.good();
    assert_eq!(shown["version"], 65);
    assert_eq!(shown["comments"].as_array().unwrap().len(), 32);
}

#[tokio::test]
async fn of_two_who_saw_the_same_version_one_wins() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    for round in 0..10 {
        let ticket = ada.new_ticket(&format!("Round number {round}")).await;
        let path = path_of(&ticket);
        let race = ["RESOLVED", "WAITING"].map(|status| {
            let request = ada.request(Method::PATCH, &path).header("If-Match", "\"1\"");
            request.json(&json!({ "status": status })).send()
        });
        let [one, two] = <[Answer; 2]>::try_from(futures::future::join_all(race).await).unwrap();
        let (won, lost) = if one.status == 200 { (one, two) } else { (two, one) };
        lost.problem(412);
        // What is stored is what the winner was told, and consistent.
        let shown = ada.get(&path).await.good();
        assert_eq!(shown, won.good());
        assert_eq!(shown["resolvedAt"].is_string(), shown["status"] == "RESOLVED");
    }
}

#[tokio::test]
async fn a_repetition_opens_nothing_to_whoever_has_lost_the_right() {
    let app = TestApp::new().await;
    let (ada, berta, ulla) = (
        app.admin("Ada").await,
        app.admin("Berta").await,
        app.user("Ulla").await,
    );
    let path = path_of(&ulla.new_ticket("Printer on fire").await);
    let change = json!({ "status": "IN_PROGRESS" });
    let person = format!("/api/admin/users/{}", ulla.id());
    let rename = json!({ "name": "Ulla Unruh" });
    berta.insist(Method::PATCH, &path, "key-1", &change).await.good();
    berta
        .insist(Method::PATCH, &person, "key-2", &rename)
        .await
        .good();
    ada.patch(
        &format!("/api/admin/users/{}", berta.id()),
        &json!({ "role": "USER" }),
    )
    .await
    .good();
    ulla.upload(
        &format!("{path}/attachments"),
        "salaries.txt",
        "text/plain",
        b"of everybody",
    )
    .await
    .is(201);
    let head = app.head().await;
    berta.get(&path).await.problem(404);
    berta
        .insist(Method::PATCH, &path, "key-1", &change)
        .await
        .problem(404);
    berta
        .insist(Method::PATCH, &person, "key-2", &rename)
        .await
        .problem(403);
    assert_eq!(app.head().await, head);
}
