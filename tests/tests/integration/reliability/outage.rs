//! The database is away, silent, half there or slow (H5).

use std::time::{Duration, Instant};

use serde_json::json;
use tests::app::{Client, TestApp};
use tests::chaos_proxy::{ChaosProxy, Weather};
use tests::socketio::{ConnectOptions, SocketClient};
use tests::wait;

/// Two seconds are promised; the rest is for a machine that is busy with other tests.
const SOON: Duration = Duration::from_millis(3_500);

/// Everything that needs the database says so, soon, and what does not goes on.
async fn is_out(app: &TestApp, ulla: &Client) {
    let wish = json!({ "title": "Printer", "description": "Probe description", "category": "OTHER" });
    let begun = Instant::now();
    let answer = ulla.post("/api/tickets", &wish).await;
    assert_eq!(answer.problem(503)["error"], "Service unavailable");
    assert!(!answer.header("retry-after").is_empty());
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let begun = Instant::now();
    let answer = ulla.get("/api/tickets").await;
    answer.problem(503);
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    let begun = Instant::now();
    for path in ["/health", "/docs", "/", "/api/version"] {
        app.anonymous().get(path).await.is(200);
    }
    assert!(begun.elapsed() < SOON, "{:?}", begun.elapsed());
    app.anonymous().get("/ready").await.is(503);
}

/// By itself, without anybody doing anything.
async fn comes_back(app: &TestApp, ulla: &Client) {
    let wish = json!({ "title": "Printer", "description": "Probe description", "category": "OTHER" });
    wait::until("a ticket can be made", async || {
        let answer = ulla.post("/api/tickets", &wish).await;
        (answer.status == 201).then_some(())
    })
    .await;
    wait::until("readiness", async || {
        let answer = app.anonymous().get("/ready").await;
        (answer.status == 200).then_some(())
    })
    .await;
    // What was written before and after is there, and read models follow again.
    let last = ulla.new_ticket("After the outage").await;
    let newest = ulla.get("/api/tickets?limit=1").await.good();
    assert_eq!(newest[0]["id"], last["id"]);
}

async fn survives(weather: Weather) {
    let (app, proxy): (TestApp, ChaosProxy) = TestApp::behind_proxy(&[]).await;
    let ulla = app.user("Ulla").await;
    let options = ConnectOptions::default().token(ulla.token());
    let socket = SocketClient::connect(&app.url(), options).await;
    ulla.new_ticket("Before the outage").await;
    proxy.set(weather);
    is_out(&app, &ulla).await;
    proxy.set(Weather::Calm);
    comes_back(&app, &ulla).await;
    // The socket has outlived it, and has missed nothing: each position of the log is a ticket of Ulla's but the first.
    let last = app.head().await;
    socket
        .expect_where("ticket:created", |args| args[1]["position"] == last)
        .await;
    let heard = socket.received("ticket:created");
    let positions: Vec<_> = heard
        .iter()
        .map(|args| args[1]["position"].as_i64().unwrap())
        .collect();
    assert_eq!(positions, (2..=last).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_database_that_is_away_is_said_and_comes_back_by_itself() {
    survives(Weather::Down).await;
}

#[tokio::test]
async fn a_database_that_is_silent_is_said_and_comes_back_by_itself() {
    survives(Weather::Blackhole).await;
}

#[tokio::test]
async fn a_database_that_hears_and_does_not_answer_is_said_and_comes_back_by_itself() {
    survives(Weather::HalfOpen).await;
}

#[tokio::test]
async fn a_slow_database_is_only_slow() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let ulla = app.user("Ulla").await;
    proxy.set(Weather::Slow(Duration::from_millis(15)));
    ulla.new_ticket("Slowly made").await;
    assert_eq!(ulla.get("/api/tickets").await.good().as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn connections_that_break_now_and_then_are_not_noticed_for_long() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let ulla = app.user("Ulla").await;
    for _ in 0..5 {
        proxy.cut_all();
        comes_back(&app, &ulla).await;
    }
}
