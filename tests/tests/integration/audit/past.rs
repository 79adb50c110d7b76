//! A ticket with a past, for the tests of what was.

use serde_json::{Value, json};
use tests::app::{Answer, Client, TestApp};

pub(super) struct Past {
    pub(super) app: TestApp,
    pub(super) ada: Client,
    pub(super) ulla: Client,
    pub(super) otto: Client,
    /// The ticket's path.
    pub(super) path: String,
    /// Positions of: its beginning, an internal note, a public comment, a change of two fields (its second event).
    pub(super) at: [i64; 4],
}

impl Past {
    /// Ulla opens a ticket; Ada notes something, says something, takes it and sets it to WAITING.
    pub(super) async fn new() -> Self {
        let app = TestApp::new().await;
        let (ada, ulla, otto) = (
            app.admin("Ada").await,
            app.user("Ulla").await,
            app.auditor("Otto").await,
        );
        let wish = json!({
            "title": "Printer on fire", "description": "It burns with a blue flame", "category": "HARDWARE",
        });
        let begun = ulla.post("/api/tickets", &wish).await.is(201);
        let path = format!("/api/tickets/{}", begun.json()["id"].as_str().unwrap());
        let comments = format!("{path}/comments");
        let note = json!({ "content": "Third one of this batch", "isInternal": true });
        let noted = ada.post(&comments, &note).await.is(201);
        let said = ada
            .post(&comments, &json!({ "content": "Is it warm?" }))
            .await
            .is(201);
        let change = json!({ "status": "WAITING", "assignedToId": ada.id() });
        let changed = ada.patch(&path, &change).await.is(200);
        let at = [&begun, &noted, &said, &changed].map(Answer::position);
        Self {
            app,
            ada,
            ulla,
            otto,
            path,
            at,
        }
    }

    pub(super) fn id(&self) -> &str {
        self.path.rsplit('/').next().unwrap()
    }

    /// What the log says of accesses to `what`: their details.
    pub(super) async fn accesses(&self, what: &str) -> Vec<Value> {
        let admin = self.app.database().admin().await;
        let sql = "SELECT payload::text FROM log.events WHERE category = 'access' ORDER BY position";
        let rows = admin.query(sql, &[]).await.unwrap();
        rows.iter()
            .map(|row| serde_json::from_str::<Value>(row.get(0)).unwrap())
            .filter(|access| access["what"] == what)
            .map(|access| access["detail"].clone())
            .collect()
    }
}

/// The path of the next page, from `Link`.
pub(super) fn next(answer: &Answer) -> Option<String> {
    let target = answer.header("link").strip_prefix('<')?.split('>').next()?;
    Some(target.to_owned())
}

/// One member of each object of an array.
pub(super) fn each<'a>(list: &'a Value, member: &str) -> Vec<&'a Value> {
    list.as_array()
        .unwrap()
        .iter()
        .map(|item| &item[member])
        .collect()
}
