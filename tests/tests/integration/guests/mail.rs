//! The mails about what was submitted: how guests get in, and that nobody else does.

use serde_json::json;
use tests::app::TestApp;

use super::{Wish, code_of, enter, path_of};

const GINA: &str = "gina@example.test";

/// Defect 20: guests' mails about a status or a comment led to a page that they could not open.
#[tokio::test]
async fn every_mail_to_a_guest_opens_the_ticket_that_it_is_about() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let path = path_of(&Wish::of(GINA).submit(&app.anonymous()).await.is(201));
    let id = path.rsplit('/').next().unwrap();
    let created = app.mailbox().next_of(GINA, "created").await;
    assert!(
        created.text.contains(&format!("/tickets/view/{id}#")),
        "{}",
        created.text
    );
    let gina = enter(&app, &json!({ "token": created.token() })).await;
    gina.get(&path).await.is(200);
    let gina = enter(&app, &json!({ "code": code_of(&created) })).await;
    gina.get(&path).await.is(200);

    ada.patch(&path, &json!({ "status": "RESOLVED" })).await.good();
    let comment = json!({ "content": "it is out" });
    ada.post(&format!("{path}/comments"), &comment).await.is(201);
    for kind in ["status", "comment"] {
        let mail = app.mailbox().next_of(GINA, kind).await;
        assert!(
            mail.text.contains(&format!("/tickets/view/{id}#")),
            "{}",
            mail.text
        );
        let gina = enter(&app, &json!({ "token": mail.token() })).await;
        gina.get(&path).await.is(200);
    }
}

/// Defect 4, by mail: what is submitted for a user's address leads to signing in, and to nothing else.
#[tokio::test]
async fn the_mail_to_a_registered_user_has_no_way_in() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let path = path_of(&Wish::of(ulla.email()).submit(&app.anonymous()).await.is(201));
    let mail = app.mailbox().next_of(ulla.email(), "created").await;
    let id = path.rsplit('/').next().unwrap();
    assert!(mail.text.contains(&format!("/tickets/{id}")), "{}", mail.text);
    assert!(!mail.raw.contains("/tickets/view/"), "{}", mail.text);
    for link in mail.links().filter_map(|link| link.split_once('#')) {
        let proof = json!({ "token": link.1 });
        app.anonymous()
            .post("/api/guest/session", &proof)
            .await
            .problem(401);
    }
}
