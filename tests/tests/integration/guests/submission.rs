//! `POST /api/tickets/anonymous`: what is recorded, and for whom.

use serde_json::json;
use tests::app::TestApp;

use super::{Wish, file, path_of, stored, submit};
use crate::shape::{PNG, has_keys};

#[tokio::test]
async fn a_submission_is_a_ticket_of_a_new_guest_with_all_its_files() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let head = app.head().await;
    let wish = Wish::of("Gina@Example.test").with("priority", "HIGH");
    let form = wish
        .form()
        .part("files", file("shot 1.png", PNG))
        .part("files", file("notes.txt", "what happened"));
    let answer = submit(&app.anonymous(), form).await.is(201);
    let submitted = answer.json();
    has_keys(
        &submitted,
        &["success", "ticketId", "attachmentsCount", "message"],
    );
    assert_eq!(submitted["success"], true);
    assert_eq!(submitted["attachmentsCount"], 2);
    // The account, the ticket, two files.
    assert_eq!(app.head().await, head + 4);

    let ticket = ada.get(&path_of(&answer)).await.good();
    assert_eq!(ticket["title"], "Printer on fire");
    assert_eq!(ticket["description"], "It is the one on the second floor.");
    assert_eq!(
        (&ticket["status"], &ticket["priority"], &ticket["category"]),
        (&json!("OPEN"), &json!("HIGH"), &json!("HARDWARE"))
    );
    let requester = &ticket["createdBy"];
    assert_eq!(requester["name"], "Gina Guest");
    assert_eq!(requester["email"], "Gina@Example.test");
    assert_eq!(requester["role"], "GUEST");
    let files = ticket["attachments"].as_array().unwrap();
    let mut names: Vec<_> = files
        .iter()
        .map(|file| file["fileName"].as_str().unwrap())
        .collect();
    names.sort_unstable();
    assert_eq!(names, ["notes.txt", "shot 1.png"]);
    for file in files {
        assert_eq!(file["uploadedBy"]["id"], requester["id"]);
        ada.get(file["filePath"].as_str().unwrap()).await.is(200);
    }
    assert_eq!(stored(&app), 2);
}

#[tokio::test]
async fn another_submission_is_another_ticket_of_the_same_guest_whose_name_stays() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let first = Wish::of("gina@example.test").submit(&app.anonymous()).await;
    // Addresses differ in case only: they reach the same person.
    let again = Wish::of("GINA@example.TEST").with("name", "Mallory");
    let second = again.submit(&app.anonymous()).await;
    let first = ada.get(&path_of(&first)).await.good();
    let second = ada.get(&path_of(&second)).await.good();
    assert_ne!(first["id"], second["id"]);
    assert_eq!(first["createdBy"]["id"], second["createdBy"]["id"]);
    assert_eq!(second["createdBy"]["name"], "Gina Guest");
    assert_eq!(second["createdBy"]["email"], "gina@example.test");
}

/// Defect 4: a submission with a registered user's address renamed that user, and opened the account to the submitter.
#[tokio::test]
async fn a_registered_users_address_renames_and_opens_nothing() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ulla = app.user("Ulla").await;
    let before = ulla.get("/api/auth/me").await.good();
    let new = Wish::of("nobody@example.test").submit(&app.anonymous()).await;
    for email in [ulla.email(), ada.email()] {
        let head = app.head().await;
        let wish = Wish::of(email).with("name", "Mallory");
        let answer = wish.submit(&app.anonymous()).await.is(201);
        // Nothing but the ticket; and the answer is that for an address that nobody knew.
        assert_eq!(app.head().await, head + 1);
        assert_eq!(answer.json()["message"], new.json()["message"]);
        let names = |answer: &tests::app::Answer| {
            let mut names: Vec<_> = answer.headers.keys().map(ToString::to_string).collect();
            names.sort_unstable();
            names
        };
        assert_eq!(names(&answer), names(&new));
        assert!(answer.headers.get("set-cookie").is_none());
        assert_eq!(
            ada.get(&path_of(&answer)).await.good()["createdBy"]["email"],
            email
        );
        app.anonymous().get(&path_of(&answer)).await.is(401);
    }
    assert_eq!(ulla.get("/api/auth/me").await.good(), before);
    let tickets = ulla.get("/api/tickets").await.good();
    assert!(tickets.to_string().contains("Printer on fire"), "{tickets}");
}

#[tokio::test]
async fn a_deactivated_users_address_gets_its_ticket_and_no_way_in() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ulla = app.user("Ulla").await;
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    let answer = Wish::of(ulla.email()).submit(&app.anonymous()).await.is(201);
    let ticket = ada.get(&path_of(&answer)).await.good();
    assert_eq!(ticket["createdBy"]["id"], ulla.id());
    ulla.get("/api/tickets").await.problem(401);
}

/// Defect 23.
#[tokio::test]
async fn every_category_can_be_submitted_also_travel() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    for category in ["HARDWARE", "SOFTWARE", "NETWORK", "ACCESS", "TRAVEL", "OTHER"] {
        let wish = Wish::of("gina@example.test").with("category", category);
        let answer = wish.submit(&app.anonymous()).await.is(201);
        assert_eq!(ada.get(&path_of(&answer)).await.good()["category"], category);
    }
}

#[tokio::test]
async fn what_is_written_stays_text_and_parts_may_come_in_any_order() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let name = "<img src=x onerror=alert(1)>";
    let form = reqwest::multipart::Form::new()
        .part("files", file("../../<b>.html", "<script>alert(1)</script>"))
        .text("description", "one\r\ntwo\r\n<script>")
        // What browsers send for a field in which no file was chosen.
        .part("files", file("", ""))
        .text("category", "OTHER")
        .text("title", "<b>bold</b>")
        .text("email", "gina@example.test")
        .text("name", name);
    let answer = submit(&app.anonymous(), form).await.is(201);
    assert_eq!(answer.json()["attachmentsCount"], 1);
    let ticket = ada.get(&path_of(&answer)).await.good();
    assert_eq!(ticket["createdBy"]["name"], name);
    assert_eq!(ticket["title"], "<b>bold</b>");
    assert_eq!(ticket["description"], "one\ntwo\n<script>");
    assert_eq!(ticket["priority"], "MEDIUM");
    let attachment = &ticket["attachments"][0];
    assert_eq!(attachment["fileName"], "<b>.html");
    let download = ada.get(attachment["filePath"].as_str().unwrap()).await.is(200);
    assert!(download.header("content-disposition").starts_with("attachment"));
    assert!(download.header("content-security-policy").contains("sandbox"));
}

#[tokio::test]
async fn whoever_is_signed_in_may_submit_as_well() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let answer = Wish::of("gina@example.test")
        .submit(&ulla.in_browser())
        .await
        .is(201);
    // It belongs to the address, not to whoever sent it.
    ulla.get(&path_of(&answer)).await.problem(404);
    let aude = app.auditor("Aude").await;
    Wish::of("gina@example.test").submit(&aude).await.problem(403);
}
