//! Headers of every answer (H7).

use reqwest::Method;
use serde_json::json;
use tests::app::{Answer, TestApp};

use super::operations::{described, filled};
use crate::web::pages::assets;

const ID: &str = "00000000-0000-4000-8000-000000000000";

fn is_guarded(answer: &Answer) {
    let asked = &answer.asked;
    assert_eq!(answer.header("x-content-type-options"), "nosniff", "{asked}");
    assert!(!answer.header("referrer-policy").is_empty(), "{asked}");
    let csp = answer.header("content-security-policy");
    for directive in [
        "default-src",
        "object-src 'none'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    ] {
        assert!(
            csp.contains(directive) || csp.contains("sandbox"),
            "{asked}: {csp}"
        );
    }
    assert!(
        !csp.contains("unsafe-inline") && !csp.contains("unsafe-eval"),
        "{asked}: {csp}"
    );
    if asked.contains(" /api/") {
        assert_eq!(answer.header("cache-control"), "no-store", "{asked}");
    }
    assert!(!answer.header("x-request-id").is_empty(), "{asked}");
    assert_eq!(answer.header("server"), "", "{asked}");
    assert_eq!(answer.header("x-powered-by"), "", "{asked}");
}

#[tokio::test]
async fn every_answer_of_every_endpoint_is_guarded() {
    let app = TestApp::new().await;
    let (anonymous, ada) = (app.anonymous(), app.admin("Ada").await);
    for (method, template) in described(&app).await {
        let path = filled(&template, ID);
        if path == "/api/auth/logout" {
            continue;
        }
        for person in [&anonymous, &ada] {
            let request = person.request(method.clone(), &path);
            let request = if method == Method::GET {
                request
            } else {
                request.json(&json!({}))
            };
            is_guarded(&request.send().await);
        }
    }
    for path in [
        "/",
        "/tickets",
        "/docs",
        "/health",
        "/nothing",
        "/assets/nothing.js",
        "/api/nothing",
        "/socket.io/",
    ] {
        is_guarded(&anonymous.get(path).await);
        let page = anonymous.request(Method::GET, path).header("Accept", "text/html");
        is_guarded(&page.send().await);
    }
    for asset in assets(&anonymous).await {
        is_guarded(&anonymous.get(&asset).await);
    }
    is_guarded(&ada.request(Method::TRACE, "/api/tickets").send().await);
    let request = ada
        .request(Method::POST, "/api/tickets")
        .header("Content-Type", "application/json");
    is_guarded(&request.body("x".repeat(1_000_000)).send().await);
}

#[tokio::test]
async fn strict_transport_is_asked_for_behind_https_only() {
    let plain = TestApp::new().await;
    assert_eq!(
        plain
            .anonymous()
            .get("/health")
            .await
            .header("strict-transport-security"),
        ""
    );
    let secure = TestApp::with(&[("APP_URL", "https://desk.example.test")]).await;
    let answer = secure.anonymous().get("/health").await;
    assert!(answer.header("strict-transport-security").contains("max-age="));
}

#[tokio::test]
async fn a_request_has_one_id_in_its_header_and_its_problem() {
    let app = TestApp::new().await;
    let answer = app.anonymous().get("/api/tickets").await;
    let problem = answer.problem(401);
    assert_eq!(problem["requestId"], answer.header("x-request-id"));
    assert_eq!(answer.header("www-authenticate"), "Bearer");
}
