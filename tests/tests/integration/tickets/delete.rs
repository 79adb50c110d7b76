//! `DELETE /api/tickets/{id}`

use serde_json::json;
use tests::app::TestApp;

use super::{NOBODYS, path_of};
use crate::shape::PNG;

#[tokio::test]
async fn a_deleted_ticket_is_gone_from_every_sight_and_its_history_stays() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = path_of(&ticket);
    let comment = json!({ "content": "still burning" });
    ulla.post(&format!("{path}/comments"), &comment).await.is(201);
    let attachments = format!("{path}/attachments");
    let upload = ulla.upload(&attachments, "a.png", "image/png", PNG).await;
    let attachment = upload.is(201).json();

    assert_eq!(ada.delete(&path).await.good(), json!({ "success": true }));
    for person in [&ada, &ulla] {
        person.get(&path).await.problem(404);
        person
            .patch(&path, &json!({ "title": "Back again" }))
            .await
            .problem(404);
        person
            .post(&format!("{path}/comments"), &comment)
            .await
            .problem(404);
        person
            .get(attachment["filePath"].as_str().unwrap())
            .await
            .problem(404);
        assert_eq!(person.get("/api/tickets").await.good(), json!([]));
    }
    ada.delete(&path).await.problem(404);
    let admin = app.database().admin().await;
    let types = admin
        .query(
            "SELECT type FROM log.events WHERE category = 'ticket' ORDER BY position",
            &[],
        )
        .await
        .unwrap();
    let types: Vec<String> = types.iter().map(|row| row.get(0)).collect();
    assert_eq!(
        types,
        [
            "TicketCreated",
            "CommentAdded",
            "AttachmentAdded",
            "TicketDeleted"
        ]
    );
}

#[tokio::test]
async fn what_is_not_there_cannot_be_deleted() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let answer = ada.delete(&format!("/api/tickets/{NOBODYS}")).await;
    assert_eq!(answer.problem(404)["error"], "Ticket not found");
    ada.delete("/api/tickets/nothing").await.problem(404);
}
