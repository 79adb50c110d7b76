//! `GET /api/stats`

use serde_json::json;
use tests::app::TestApp;

use crate::shape::has_keys;

const OWN: &[&str] = &[
    "totalTickets",
    "openTickets",
    "inProgressTickets",
    "waitingTickets",
    "resolvedTickets",
    "closedTickets",
    "closedTicketsTotal",
    "criticalTickets",
    "highPriorityTickets",
    "priorityBreakdown",
];

#[tokio::test]
async fn figures_are_the_originals_for_each() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    ulla.new_ticket("Scanner on fire").await;
    ada.new_ticket("Coffee is cold").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let change = json!({ "status": "CLOSED", "priority": "CRITICAL", "assignedToId": ada.id() });
    ada.patch(&path, &change).await.good();

    let own = ulla.get("/api/stats").await.good();
    has_keys(&own, OWN);
    has_keys(
        &own["priorityBreakdown"],
        &["myTickets", "open", "inProgress", "closed"],
    );
    assert_eq!(own["totalTickets"], 2);
    assert_eq!(own["closedTicketsTotal"], 1);
    assert_eq!(
        own["priorityBreakdown"]["myTickets"],
        json!({ "MEDIUM": 1, "CRITICAL": 1 })
    );

    let all = ada.get("/api/stats").await.good();
    let mut members = OWN.to_vec();
    members.extend([
        "unassignedTickets",
        "myAssignedTickets",
        "avgResolutionTime",
        "avgResolutionTimeByCategory",
        "avgResolutionTimeByPriority",
    ]);
    has_keys(&all, &members);
    assert_eq!(all["totalTickets"], 3);
    assert_eq!(all["openTickets"], 2);
    assert_eq!(all["unassignedTickets"], 2);
    assert_eq!(all["myAssignedTickets"], 1);
    assert_eq!(all["criticalTickets"], 1);
    // Closed without having been resolved counts as well (1.14-19).
    assert!(all["avgResolutionTimeByPriority"]["CRITICAL"].is_number());
    ada.delete(&path).await.good();
    assert_eq!(ada.get("/api/stats").await.good()["totalTickets"], 2);
}

#[tokio::test]
async fn averages_are_of_the_last_time_that_a_ticket_was_done_to_a_tenth_of_an_hour() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let first = ada.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}", first["id"].as_str().unwrap());
    let average = async || ada.get("/api/stats").await.good()["avgResolutionTime"].clone();
    let becomes = async |status: &str| ada.patch(&path, &json!({ "status": status })).await.good();
    let hour = std::time::Duration::from_hours(1);
    assert_eq!(average().await, 0);
    app.clock().advance(hour * 7 / 2);
    becomes("RESOLVED").await;
    assert_eq!(average().await, 3.5);
    // Closing what is resolved takes no time.
    app.clock().advance(hour);
    becomes("CLOSED").await;
    assert_eq!(average().await, 3.5);
    // What is open again has not been resolved.
    becomes("IN_PROGRESS").await;
    assert_eq!(average().await, 0);
    app.clock().advance(hour / 2);
    becomes("RESOLVED").await;
    let stats = ada.get("/api/stats").await.good();
    // A whole number is written as one.
    assert!(stats["avgResolutionTime"].is_i64(), "{stats}");
    assert_eq!(stats["avgResolutionTime"], 5);
    assert_eq!(stats["avgResolutionTimeByPriority"], json!({ "MEDIUM": 5 }));
}
