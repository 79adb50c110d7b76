//! `?at=`: a ticket, the list and the figures as they were.

use std::time::Duration;

use domain::Clock;
use serde_json::{Value, json};
use tests::app::Client;

use super::past::{Past, each, next};

async fn at(person: &Client, path: &str, position: i64) -> Value {
    let sign = if path.contains('?') { '&' } else { '?' };
    let answer = person.get(&format!("{path}{sign}at={position}")).await.is(200);
    assert_eq!(answer.header("x-at-position"), position.to_string());
    answer.json()
}

#[tokio::test]
async fn a_ticket_is_shown_as_it_was_with_its_comments_of_then() {
    let past = Past::new().await;
    let [begun, noted, said, changed] = past.at;
    let then = at(&past.otto, &past.path, begun).await;
    assert_eq!(
        (&then["status"], &then["assignedTo"]),
        (&json!("OPEN"), &Value::Null)
    );
    assert_eq!((&then["comments"], &then["version"]), (&json!([]), &json!(1)));
    let then = at(&past.otto, &past.path, noted).await;
    assert_eq!(each(&then["comments"], "content"), ["Third one of this batch"]);
    let then = at(&past.otto, &past.path, said).await;
    assert_eq!(
        each(&then["comments"], "content"),
        ["Third one of this batch", "Is it warm?"]
    );
    for person in [&past.otto, &past.ada, &past.ulla] {
        let then = at(person, &past.path, changed).await;
        assert_eq!(
            then,
            person.get(&past.path).await.good(),
            "at its last event it is as it is"
        );
    }
    // What somebody may see is the same then as now.
    let then = at(&past.ulla, &past.path, noted).await;
    assert_eq!((&then["comments"], &then["version"]), (&json!([]), &json!(1)));
    let stranger = past.app.user("Stranger").await;
    stranger
        .get(&format!("{}?at={changed}", past.path))
        .await
        .problem(404);
    let details: Vec<String> = past.at.iter().map(|at| format!("at={at}")).collect();
    assert_eq!(
        past.accesses("TICKET").await,
        [
            json!(details[0]),
            json!(details[1]),
            json!(details[2]),
            json!(details[3]),
            Value::Null
        ]
    );
}

#[tokio::test]
async fn before_its_beginning_and_after_its_end_a_ticket_is_not_there() {
    let past = Past::new().await;
    let deleted = past.ada.delete(&past.path).await.is(200).position();
    for position in [0, past.at[0] - 1, deleted] {
        let path = format!("{}?at={position}", past.path);
        let problem = past.otto.get(&path).await.problem(404);
        assert_eq!(problem["error"], "Ticket not found");
    }
    let then = at(&past.otto, &past.path, deleted - 1).await;
    assert_eq!(then["status"], "WAITING");
    for person in [&past.ada, &past.ulla] {
        let path = format!("{}?at={}", past.path, deleted - 1);
        person.get(&path).await.problem(404);
    }
}

#[tokio::test]
async fn lists_and_figures_are_those_of_then_and_at_the_head_those_of_today() {
    let past = Past::new().await;
    let [begun, _, _, changed] = past.at;
    let other = past.ada.new_ticket("Scanner on fire").await;
    let other = format!("/api/tickets/{}", other["id"].as_str().unwrap());
    let gone = past.ada.delete(&other).await.is(200).position();

    assert_eq!(at(&past.otto, "/api/tickets", 0).await, json!([]));
    let empty = at(&past.otto, "/api/stats", 0).await;
    assert_eq!(empty["totalTickets"], 0);
    let then = at(&past.otto, "/api/tickets?status=OPEN&assignee=none", begun).await;
    assert_eq!(each(&then, "title"), ["Printer on fire"]);
    let later = at(&past.otto, "/api/tickets?status=OPEN", changed).await;
    assert_eq!(later, json!([]));
    let assigned = format!("/api/tickets?assignee={}&q=FIRE", past.ada.id());
    let then = at(&past.otto, &assigned, changed).await;
    assert_eq!(then[0]["_count"]["comments"], 2);
    assert_eq!(
        at(&past.ulla, &assigned, changed).await[0]["_count"]["comments"],
        1
    );
    assert_eq!(at(&past.ada, "/api/stats", begun).await["unassignedTickets"], 1);
    let mine = at(&past.ada, "/api/stats", changed).await;
    assert_eq!(
        (&mine["myAssignedTickets"], &mine["waitingTickets"]),
        (&json!(1), &json!(1))
    );

    // What is gone since is shown to auditors only.
    let titles = async |person: &Client| {
        let then = at(person, "/api/tickets", gone - 1).await;
        then.as_array().unwrap().len()
    };
    assert_eq!(
        (
            titles(&past.otto).await,
            titles(&past.ada).await,
            titles(&past.ulla).await
        ),
        (2, 1, 1)
    );
    assert_eq!(at(&past.otto, "/api/stats", gone - 1).await["totalTickets"], 2);
    assert_eq!(at(&past.ada, "/api/stats", gone - 1).await["totalTickets"], 1);

    for person in [&past.ada, &past.ulla] {
        for path in [
            "/api/tickets",
            "/api/stats",
            "/api/tickets?status=WAITING&limit=1",
        ] {
            let head = past.app.head().await;
            assert_eq!(
                at(person, path, head).await,
                person.get(path).await.good(),
                "{path}"
            );
        }
    }
}

#[tokio::test]
async fn pages_stay_with_their_moment() {
    let past = Past::new().await;
    past.ulla.new_ticket("Scanner on fire").await;
    let now = past.app.clock().now();
    past.app.clock().advance(Duration::from_hours(1));
    past.ulla.new_ticket("Coffee is cold").await;
    let first = past
        .ada
        .get(&format!("/api/tickets?limit=1&at={now}"))
        .await
        .is(200);
    assert_eq!(each(&first.json(), "title"), ["Scanner on fire"]);
    let second = next(&first).unwrap();
    assert!(
        second.contains(&format!("&at={}&", first.header("x-at-position"))),
        "{second}"
    );
    let second = past.ada.get(&second).await.is(200);
    assert_eq!(each(&second.json(), "title"), ["Printer on fire"]);
    assert_eq!(next(&second), None);
}

#[tokio::test]
async fn a_time_is_turned_into_the_position_of_then() {
    let past = Past::new().await;
    let before = past.app.clock().now();
    let head = past.app.head().await;
    past.app.clock().advance(Duration::from_hours(1));
    let change = json!({ "status": "CLOSED" });
    let closed = past.ada.patch(&past.path, &change).await.is(200).position();
    let answer = past.ada.get(&format!("{}?at={before}", past.path)).await.is(200);
    assert_eq!(answer.json()["status"], "WAITING");
    assert_eq!(answer.header("x-at-position"), head.to_string());
    let now = past.app.clock().now();
    let answer = past.ada.get(&format!("{}?at={now}", past.path)).await.is(200);
    assert_eq!(answer.json()["status"], "CLOSED");
    assert_eq!(answer.header("x-at-position"), closed.to_string());
    let future = now.plus_millis(60_000);
    past.ada
        .get(&format!("{}?at={future}", past.path))
        .await
        .blames(422, "at");
}
