//! A ticket with as many comments as one may have.

use domain::codec::encode_ticket;
use domain::ids::{AccountId, CommentId, uuid_v7};
use domain::limits::COMMENTS_PER_TICKET_MAX;
use domain::ticket::{CommentAdded, Visibility};
use domain::{Actor, TicketEvent};
use eventlog::{Append, EVENTS_PER_COMMAND_MAX, Metadata, NewEvent, StreamId};
use ops::clock::{OsEntropy, SystemClock};
use serde_json::Value;
use tests::app::TestApp;
use uuid::Uuid;

use super::past::{each, next};

fn new_id() -> Uuid {
    uuid_v7(&SystemClock, &OsEntropy)
}

/// Comment `number`; every other one is internal.
fn comment(number: usize) -> NewEvent {
    let visibility = [Visibility::Public, Visibility::Internal][number % 2];
    let encoded = encode_ticket(&TicketEvent::CommentAdded(CommentAdded {
        comment: CommentId::from_uuid(new_id()),
        author: AccountId::from_uuid(Uuid::nil()),
        body: format!("Comment {number}").parse().unwrap(),
        visibility,
    }));
    NewEvent {
        event_id: new_id(),
        event_type: encoded.event_type.to_owned(),
        schema_version: encoded.schema_version,
        payload: encoded.payload,
    }
}

/// Appends all comments that a ticket may have; the position of the last one.
async fn fill(app: &TestApp, stream: StreamId) -> i64 {
    let all: Vec<usize> = (0..COMMENTS_PER_TICKET_MAX as usize).collect();
    let (mut expected, mut last) = (1, 0);
    for numbers in all.chunks(EVENTS_PER_COMMAND_MAX) {
        let append = Append {
            stream: stream.clone(),
            expected,
            events: numbers.iter().map(|number| comment(*number)).collect(),
            metadata: Metadata {
                actor: Actor::System("test").to_string(),
                command_id: new_id(),
                correlation_id: new_id(),
                causation_id: None,
                origin: "test".to_owned(),
                fingerprint: None,
                traceparent: None,
            },
            category_unchanged_since: None,
        };
        last = app.shared().log.append(append).await.unwrap().last_position();
        expected += i64::try_from(numbers.len()).unwrap();
    }
    last
}

#[tokio::test]
async fn its_history_comes_in_pages_and_a_moment_has_the_comments_of_then() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("A long story").await;
    let id: Uuid = ticket["id"].as_str().unwrap().parse().unwrap();
    let last = fill(&app, StreamId::new("ticket", id)).await;
    let path = format!("/api/tickets/{id}");
    let read = |query: String| {
        ada.request(reqwest::Method::GET, &format!("{path}{query}"))
            .header("min-position", &last.to_string())
            .send()
    };

    let first = read("/history".to_owned()).await.is(200);
    let steps = first.json();
    assert_eq!(
        (steps.as_array().unwrap().len(), &steps[199]["version"]),
        (200, &Value::from(200))
    );
    assert!(next(&first).unwrap().ends_with("/history?cursor=200"));
    let end = read("/history?cursor=9990".to_owned()).await.is(200);
    assert_eq!(
        each(&end.json(), "version"),
        (9991..=10_001).collect::<Vec<i64>>()
    );
    assert_eq!(next(&end), None);
    let own = ulla.get(&format!("{path}/history?cursor=4990")).await.is(200);
    assert_eq!(each(&own.json(), "version"), (4991..=5001).collect::<Vec<i64>>());

    let middle = read(format!("?at={}", last - 5_000)).await.good();
    assert_eq!(middle["comments"].as_array().unwrap().len(), 5_000);
    assert_eq!(middle["_count"]["comments"], 5_000);
    let diff = read(format!("/diff?from={}", last - 5_000)).await.good();
    assert_eq!(diff["added"]["comments"], 5_000);
    assert_eq!(diff["changes"].as_array().unwrap().len(), 200);
    let own = ulla
        .get(&format!("{path}/diff?from={}", last - 5_000))
        .await
        .good();
    assert_eq!(own["added"]["comments"], 2_500);
}
