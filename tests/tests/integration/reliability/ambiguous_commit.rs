//! The connection to Postgres breaks between a command's append and its answer (D4).

use reqwest::Method;
use serde_json::{Value, json};
use tests::app::{Answer, Client, TestApp};
use tests::chaos_proxy::Cut;

/// The same wish again and again until it is granted.
async fn insist(person: &Client, key: &str, wish: &Value) -> Answer {
    person
        .insist(Method::POST, "/api/tickets", key, wish)
        .await
        .is(201)
}

async fn has_one_effect(cut: Cut) {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let ulla = app.user("Ulla").await;
    for round in 0..5 {
        let head = app.head().await;
        let key = format!("key-{round}");
        let wish = json!({ "title": format!("Round {round}"), "description": "Probe description", "category": "OTHER" });
        let sprung = proxy.trap("log.append_events", cut);
        let first = insist(&ulla, &key, &wish).await;
        sprung.wait().await;
        assert_eq!(app.head().await, head + 1, "round {round}");
        // Also for whoever asks once more, many times at once.
        let again = (0..10).map(|_| insist(&ulla, &key, &wish));
        for answer in futures::future::join_all(again).await {
            assert_eq!(answer.json(), first.json());
        }
        assert_eq!(app.head().await, head + 1, "round {round}");
        let other =
            json!({ "title": "Another wish", "description": "Probe description", "category": "OTHER" });
        let answer = ulla.insist(Method::POST, "/api/tickets", &key, &other).await;
        answer.problem(422);
    }
}

#[tokio::test]
async fn an_answer_that_is_lost_after_the_commit_has_one_effect() {
    has_one_effect(Cut::BeforeAnswer).await;
}

#[tokio::test]
async fn a_command_that_is_lost_before_the_commit_has_one_effect() {
    has_one_effect(Cut::BeforeForwarding).await;
}

#[tokio::test]
async fn neighbours_in_one_batch_share_the_fate_of_their_commit_but_not_of_each_other() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let ulla = app.user("Ulla").await;
    let head = app.head().await;
    let sprung = proxy.trap("log.append_events", Cut::BeforeAnswer);
    let all = (0..20).map(|number| {
        let ulla = ulla.clone();
        async move {
            let wish = json!({
                "title": format!("Number {number}"), "description": "Probe description", "category": "OTHER",
            });
            insist(&ulla, &format!("key-{number}"), &wish).await
        }
    });
    let answers = futures::future::join_all(all).await;
    sprung.wait().await;
    let mut positions: Vec<_> = answers.iter().map(Answer::position).collect();
    positions.sort_unstable();
    assert_eq!(positions, (head + 1..=head + 20).collect::<Vec<_>>());
    assert_eq!(app.head().await, head + 20);
}
