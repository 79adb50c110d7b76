//! `GET /api/tickets/{id}/history`

use serde_json::{Value, json};

use super::past::{Past, each, next};
use crate::shape::has_keys;

const STEP: &[&str] = &[
    "position",
    "version",
    "eventId",
    "type",
    "occurredAt",
    "actor",
    "command",
    "text",
    "changes",
    "before",
    "after",
];

#[tokio::test]
async fn every_event_is_told_with_who_when_what_and_by_which_command() {
    let past = Past::new().await;
    let (begun, changed) = (past.at[0], past.at[3]);
    let answer = past.otto.get(&format!("{}/history", past.path)).await.is(200);
    let steps = answer.json();
    for step in steps.as_array().unwrap() {
        has_keys(step, STEP);
    }
    assert_eq!(
        each(&steps, "text"),
        [
            "Ulla opened the ticket \"Printer on fire\" for Ulla, priority MEDIUM, category HARDWARE.",
            "Ada noted internally \"Third one of this batch\".",
            "Ada said \"Is it warm?\".",
            "Ada assigned the ticket to Ada.",
            "Ada changed the status from OPEN to WAITING.",
        ]
    );
    assert_eq!(each(&steps, "version"), [1, 2, 3, 4, 5]);
    assert_eq!(
        (&steps[0]["position"], &steps[4]["position"]),
        (&json!(begun), &json!(changed))
    );
    assert_eq!(steps[0]["before"], Value::Null);
    for pair in steps.as_array().unwrap().windows(2) {
        assert_eq!(pair[0]["after"], pair[1]["before"]);
    }
    // Two events of one command, and what one of them did.
    assert_eq!(steps[3]["command"], steps[4]["command"]);
    assert_ne!(steps[2]["command"]["id"], steps[3]["command"]["id"]);
    assert_eq!(steps[3]["command"]["origin"], "http");
    assert_eq!(
        steps[4]["changes"],
        json!([{ "field": "status", "from": "OPEN", "to": "WAITING",
                 "text": "the status changed from OPEN to WAITING" }])
    );
    assert_eq!(steps[3]["changes"][0]["to"]["name"], "Ada");
    assert_eq!(steps[1]["changes"][0]["to"]["content"], "Third one of this batch");
    let actor = json!({ "kind": "ACCOUNT", "id": past.ada.id(), "name": "Ada" });
    assert_eq!(steps[3]["actor"], actor);
    // The last state is what is shown today.
    let today = past.otto.get("/api/tickets").await.good();
    assert_eq!(steps[4]["after"], today[0]);
    assert_eq!(past.accesses("HISTORY").await, [Value::Null]);
}

#[tokio::test]
async fn a_requester_is_told_nothing_of_internal_notes() {
    let past = Past::new().await;
    let history = format!("{}/history", past.path);
    let all = past.ada.get(&history).await.good();
    assert_eq!(all.as_array().unwrap().len(), 5);
    let answer = past.ulla.get(&history).await.is(200);
    let steps = answer.json();
    assert_eq!(each(&steps, "version"), [1, 2, 3, 4]);
    let text = answer.text();
    for secret in ["Third one", "INTERNAL", "nternally", "\"isInternal\":true"] {
        assert!(!text.contains(secret), "{secret}");
    }
    for step in steps.as_array().unwrap() {
        let (version, count) = (&step["version"], &step["after"]["_count"]["comments"]);
        assert_eq!(&step["after"]["version"], version);
        assert_eq!(*count, i64::from(version.as_i64() > Some(1)));
    }
    // Pages neither: their cursors count as the requester does.
    let mut seen = Vec::new();
    let mut path = Some(format!("{history}?limit=1"));
    while let Some(at) = path {
        let page = past.ulla.get(&at).await.is(200);
        seen.extend(page.json().as_array().unwrap().clone());
        path = next(&page);
        if let Some(path) = &path {
            assert!(path.ends_with(&format!("cursor={}", seen.len())), "{path}");
        }
    }
    assert_eq!(Value::Array(seen), steps);
    assert_eq!(
        past.accesses("HISTORY").await,
        [Value::Null; 0],
        "only auditors' reads are recorded"
    );
}

#[tokio::test]
async fn it_can_be_told_up_to_a_moment() {
    let past = Past::new().await;
    let told = async |at: &str| {
        let answer = past
            .otto
            .get(&format!("{}/history?at={at}", past.path))
            .await
            .is(200);
        let position: i64 = answer.header("x-at-position").parse().unwrap();
        (answer.json().as_array().unwrap().len(), position)
    };
    for (at, steps) in [
        (past.at[0] - 1, 0),
        (past.at[0], 1),
        (past.at[1], 2),
        (past.at[3] - 1, 4),
        (past.at[3], 5),
    ] {
        assert_eq!(told(&at.to_string()).await, (steps, at));
    }
    assert_eq!(told("0").await, (0, 0));
    assert_eq!(told("1970-01-01T00:00:00Z").await, (0, 0));
}

#[tokio::test]
async fn what_is_no_moment_or_still_to_come_is_refused_by_name() {
    let past = Past::new().await;
    let head = past.app.head().await;
    for bad in [
        "",
        "x",
        "-1",
        "1.5",
        "%00",
        "'; DROP TABLE log.events",
        "99999999999999999999",
        "2026-11-23",
        "9223372036854775807",
        "9999-01-01T00:00:00Z",
        &(head + 1000).to_string(),
    ] {
        for path in [
            format!("{}?at={bad}", past.path),
            format!("{}/history?at={bad}", past.path),
            format!("{}/diff?to={bad}", past.path),
            format!("/api/tickets?at={bad}"),
            format!("/api/stats?at={bad}"),
            format!("/api/audit/diff?from={bad}"),
        ] {
            // In a list, a filter that says nothing is none.
            if !(bad.is_empty() && path.starts_with("/api/tickets?")) {
                let field = path.rsplit_once('=').unwrap().0.rsplit_once('?').unwrap().1;
                past.otto.get(&path).await.blames(422, field);
            }
        }
    }
    for bad in [
        "limit=0",
        "limit=201",
        "cursor=x",
        "cursor=-1",
        "att=1",
        "at=1&at=2",
    ] {
        past.otto
            .get(&format!("{}/history?{bad}", past.path))
            .await
            .problem(422);
    }
    assert_eq!(past.accesses("HISTORY").await, [Value::Null; 0]);
    let unknown = "/api/tickets/00000000-0000-4000-8000-000000000000/history";
    past.otto.get(unknown).await.problem(404);
}

#[tokio::test]
async fn a_deleted_ticket_is_told_of_to_auditors_only() {
    let past = Past::new().await;
    past.ada.delete(&past.path).await.good();
    let history = format!("{}/history", past.path);
    past.ada.get(&history).await.problem(404);
    past.ulla.get(&history).await.problem(404);
    let steps = past.otto.get(&history).await.good();
    assert_eq!(each(&steps, "text").last().unwrap(), &"Ada deleted the ticket.");
    assert_eq!(steps[5]["changes"][0]["to"], true);
    assert_eq!(steps[1]["changes"][0]["to"]["isInternal"], true);
}
