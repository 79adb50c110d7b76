//! The log as lines of JSON, for auditors.

use audit::line::EventLine;
use eventlog::{Head, link};
use tests::app::TestApp;

#[tokio::test]
async fn the_whole_log_comes_as_it_was_hashed() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    for title in ["Printer on fire", "Grüße — 🖨 \"quoted\" \\ back"] {
        ulla.new_ticket(title).await;
    }
    let otto = app.auditor("Otto").await;
    let answer = otto.get("/api/audit/log").await.is(200);
    assert_eq!(answer.header("content-type"), "application/jsonl");
    let mut last = Head::EMPTY;
    for line in answer.text().lines() {
        let event = serde_json::from_str::<EventLine<'_>>(line).unwrap().into_event();
        assert_eq!(event.position, last.position + 1);
        assert_eq!(link(&last.hash, &event), event.hash);
        last = Head {
            position: event.position,
            hash: event.hash,
        };
    }
    assert_eq!(answer.header("x-position"), last.position.to_string());
    // The last event is the export itself.
    assert_eq!(last, app.shared().log.head().await.unwrap());
    assert!(answer.text().lines().last().unwrap().contains("from position 1"));

    let rest = otto.get("/api/audit/log?from=3").await.is(200);
    let whole = answer.text();
    let expected: Vec<&str> = whole.lines().skip(2).collect();
    let rest = rest.text();
    let rest: Vec<&str> = rest.lines().collect();
    assert_eq!(rest[..expected.len()], expected);
    assert_eq!(rest.len(), expected.len() + 1);
    otto.get("/api/audit/log?from=100").await.is(200);
    for wrong in ["0", "-1", "x", "1.5", "9223372036854775808"] {
        otto.get(&format!("/api/audit/log?from={wrong}"))
            .await
            .problem(422);
    }
}
