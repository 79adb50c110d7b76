//! `/health`, `/ready`, `/api/version`, `/api/openapi.json`, `/docs`, `/` (S-001, S-105, S-106).

use serde_json::json;
use tests::app::TestApp;

#[tokio::test]
async fn health_and_readiness_are_told_apart() {
    let app = TestApp::new().await;
    assert!(app.anonymous().get("/health").await.good().is_object());
    let ready = app.anonymous().get("/ready").await.good();
    assert_eq!(ready["status"], "ready");
}

#[tokio::test]
async fn the_version_is_told_as_in_the_original() {
    let app = TestApp::new().await;
    let version = app.anonymous().get("/api/version").await.good();
    assert_eq!(version["name"], "informejo");
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
}

#[tokio::test]
async fn one_listener_answers_pages_api_and_socket_io() {
    let app = TestApp::new().await;
    let anonymous = app.anonymous();
    assert!(
        anonymous
            .get("/")
            .await
            .is(200)
            .header("content-type")
            .starts_with("text/html")
    );
    anonymous.get("/api/version").await.is(200);
    let handshake = anonymous.get("/socket.io/?EIO=4&transport=polling").await;
    assert_ne!(handshake.status, 404, "{}", handshake.text());
}

#[tokio::test]
async fn the_api_is_described_and_can_be_read_without_asking_anybody_else() {
    let app = TestApp::new().await;
    let document = app.anonymous().get("/api/openapi.json").await.good();
    assert!(document["openapi"].as_str().unwrap().starts_with("3."));
    let page = app.anonymous().get("/docs").await.is(200);
    assert!(page.header("content-type").starts_with("text/html"));
    let text = page.text();
    assert!(text.contains("/api/tickets"));
    assert!(text.contains("href=\"/api/asyncapi.json\""));
    for foreign in [
        "src=\"http",
        "src=\"//",
        "<link rel=\"stylesheet\" href=\"http",
        "@import",
    ] {
        assert!(!text.contains(foreign), "{foreign}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_a_problem_too() {
    let app = TestApp::new().await;
    for path in [
        "/api/nothing",
        "/nothing",
        "/api",
        "/api/tickets/",
        "/../etc/passwd",
        "/api/socket",
    ] {
        app.anonymous().get(path).await.problem(404);
    }
    app.anonymous().post("/api/init", &json!({})).await.problem(404);
}
