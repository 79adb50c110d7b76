//! What a guest sees and does with a session: everything about the tickets of their own, nothing about others'.

use serde_json::json;
use tests::app::TestApp;

use super::{Wish, file, guest, path_of, submit};
use crate::shape::PNG;

const GINA: &str = "gina@example.test";

/// Defect 21: a guest with several tickets saw only the newest, and comments went to the newest.
#[tokio::test]
async fn a_guest_sees_all_own_tickets_and_answers_on_the_one_in_view() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let older = Wish::of(GINA)
        .with("title", "The older one")
        .submit(&app.anonymous())
        .await;
    let older = path_of(&older);
    let (gina, newest) = guest(&app, GINA).await;
    let list = gina.get("/api/tickets").await.good();
    let said = list.to_string();
    assert!(
        said.contains("The older one") && said.contains("Printer on fire"),
        "{said}"
    );

    let comment = json!({ "content": "still on fire" });
    gina.post(&format!("{older}/comments"), &comment).await.is(201);
    let upload = gina
        .upload(&format!("{older}/attachments"), "a.png", "image/png", PNG)
        .await
        .is(201);
    let seen = ada.get(&older).await.good();
    assert_eq!(seen["comments"][0]["content"], "still on fire");
    assert_eq!(seen["comments"][0]["user"]["id"], gina.id());
    assert_eq!(seen["attachments"][0]["uploadedBy"]["id"], gina.id());
    let other = ada.get(&newest).await.good();
    assert_eq!(
        (&other["comments"], &other["attachments"]),
        (&json!([]), &json!([]))
    );

    let download = gina
        .get(upload.json()["filePath"].as_str().unwrap())
        .await
        .is(200);
    assert_eq!(download.body, PNG);
    gina.get(&format!("{older}/history")).await.is(200);
    let stats = gina.get("/api/stats").await.good();
    assert_eq!(stats["totalTickets"], 2, "{stats}");
}

#[tokio::test]
async fn files_that_came_with_a_submission_are_the_guests_to_read_and_nobody_elses() {
    let app = TestApp::new().await;
    let form = Wish::of(GINA)
        .form()
        .part("files", file("notes.txt", "what happened"));
    let path = path_of(&submit(&app.anonymous(), form).await.is(201));
    let (gina, _) = guest(&app, GINA).await;
    let (otto, _) = guest(&app, "otto@example.test").await;
    let ticket = gina.get(&path).await.good();
    let file = ticket["attachments"][0]["filePath"].as_str().unwrap();
    assert_eq!(gina.get(file).await.is(200).body, "what happened");
    otto.get(file).await.problem(404);
    app.anonymous().get(file).await.problem(401);
    app.user("Ulla").await.get(file).await.problem(404);
}

/// Defect 6: sessions of the role GUEST saw everything.
#[tokio::test]
async fn a_guest_sees_nothing_of_others_and_nothing_internal() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let (gina, own) = guest(&app, GINA).await;
    let (_, others) = guest(&app, "otto@example.test").await;
    let internal = json!({ "content": "between us: she is difficult", "isInternal": true });
    ada.post(&format!("{own}/comments"), &internal).await.is(201);
    let public = json!({ "content": "we are on it" });
    ada.post(&format!("{own}/comments"), &public).await.is(201);
    for path in [own.clone(), format!("{own}/history"), "/api/tickets".to_owned()] {
        let seen = gina.get(&path).await.good().to_string();
        assert!(!seen.contains("between us"), "{path}: {seen}");
        assert!(!seen.contains("otto@example.test"), "{path}: {seen}");
    }
    assert_eq!(
        gina.get(&own).await.good()["comments"].as_array().unwrap().len(),
        1
    );
    gina.get(&others).await.problem(404);
    gina.get(&format!("{others}/history")).await.problem(404);
    gina.post(&format!("{others}/comments"), &public)
        .await
        .problem(404);
    gina.upload(&format!("{others}/attachments"), "a.png", "image/png", PNG)
        .await
        .problem(404);
    gina.post(&format!("{own}/comments"), &internal)
        .await
        .problem(403);
    gina.patch(&own, &json!({ "status": "CLOSED" }))
        .await
        .problem(403);
    gina.patch(&own, &json!({ "title": "Another title" }))
        .await
        .problem(403);
    gina.delete(&own).await.problem(403);
    gina.get("/api/users").await.problem(403);
    gina.get("/api/admin/users").await.problem(403);
}
