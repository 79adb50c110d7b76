//! What people write, as HTML: where it is, where it is not, and that nobody gets a tag into it. What becomes of which text is
//! told in `wire/src/prose/tests`.

use serde_json::json;
use tests::app::TestApp;

use super::path_of;
use crate::realtime::{join, socket_of};

const HOSTILE: &str = "**Very** bad: <img src=x onerror=alert(1)>\n[x](javascript:alert(1))";
const SHOWN: &str = "<p dir=\"auto\"><strong>Very</strong> bad: &lt;img src=x onerror=alert(1)&gt;<br>\n\
                     x (javascript:alert(1))</p>\n";

#[tokio::test]
async fn the_whole_ticket_and_its_comments_come_as_html_too() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let wish = json!({ "title": "Printer on fire", "description": HOSTILE, "category": "HARDWARE" });
    let created = ulla.post("/api/tickets", &wish).await.is(201).json();
    assert_eq!(created["description"], HOSTILE);
    assert_eq!(created["descriptionHtml"], SHOWN);
    let path = path_of(&created);
    let said = json!({ "content": HOSTILE });
    let comment = ulla.post(&format!("{path}/comments"), &said).await.is(201).json();
    assert_eq!(comment["content"], HOSTILE);
    assert_eq!(comment["contentHtml"], SHOWN);
    let head = app.head().await;

    let changed = json!({ "description": "It has *burned down*" });
    let changed = ulla.patch(&path, &changed).await.good();
    assert_eq!(
        changed["descriptionHtml"],
        "<p dir=\"auto\">It has <em>burned down</em></p>\n"
    );
    let now = ulla.get(&path).await.good();
    assert_eq!(now["descriptionHtml"], changed["descriptionHtml"]);
    assert_eq!(now["comments"][0]["contentHtml"], SHOWN);
    let then = ulla.get(&format!("{path}?at={head}")).await.good();
    assert_eq!(then["descriptionHtml"], SHOWN);
    assert_eq!(then["comments"][0]["contentHtml"], SHOWN);
}

#[tokio::test]
async fn lists_and_broadcasts_of_tickets_do_not_carry_what_they_do_not_show() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let socket = socket_of(&app, &ulla).await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = path_of(&ticket);
    join(&socket, &ticket).await;
    let created = socket.expect("ticket:created").await;
    ulla.patch(&path, &json!({ "description": HOSTILE })).await.good();
    let updated = socket.expect("ticket:updated").await;
    ulla.post(&format!("{path}/comments"), &json!({ "content": HOSTILE }))
        .await
        .is(201);
    let added = socket.expect("comment:added").await;
    assert_eq!(added[0]["contentHtml"], SHOWN);
    assert_eq!(updated[0]["description"], HOSTILE);
    let list = ulla.get("/api/tickets").await.good();
    let item = &list[0];
    assert_eq!(item["description"], HOSTILE);
    for lean in [&created[0], &updated[0], item] {
        assert!(lean.get("descriptionHtml").is_none(), "{lean}");
    }
}
