//! Other sites' pages cannot act for somebody who is signed in (A5), nor read (S-085).

use reqwest::Method;
use serde_json::json;
use tests::app::{SESSION_COOKIE, TestApp};

#[tokio::test]
async fn no_unsafe_request_of_another_site_is_done() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let cookie = format!("{SESSION_COOKIE}={}", ada.token());
    let anonymous = app.anonymous();
    let head = app.head().await;
    let targets = [
        (Method::POST, "/api/tickets".to_owned()),
        (Method::PATCH, path.clone()),
        (Method::DELETE, path.clone()),
        (Method::POST, format!("{path}/comments")),
        (Method::POST, format!("{path}/attachments")),
        (Method::POST, "/api/auth/logout".to_owned()),
        (Method::POST, "/api/auth/password".to_owned()),
        (Method::PATCH, format!("/api/admin/users/{}", ada.id())),
    ];
    let senders = [
        ("https://evil.example", None),
        ("null", None),
        ("https://evil.example", Some("cross-site")),
        ("", Some("cross-site")),
        ("", Some("same-site")),
    ];
    let types = [
        "application/json",
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=b",
    ];
    for (method, path) in &targets {
        for (origin, site) in senders {
            for media_type in types {
                let mut request = anonymous.request(method.clone(), path).header("Cookie", &cookie);
                if !origin.is_empty() {
                    request = request.header("Origin", origin);
                }
                if let Some(site) = site {
                    request = request.header("Sec-Fetch-Site", site);
                }
                let request = request
                    .header("Content-Type", media_type)
                    .body("{\"content\":\"x\"}");
                request.send().await.problem(403);
            }
        }
    }
    assert_eq!(app.head().await, head);
    ada.get("/api/auth/me").await.good();
}

#[tokio::test]
async fn a_body_that_is_not_said_to_be_json_is_not_read() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let wish = json!({ "title": "Printer", "description": "Probe description", "category": "OTHER" });
    for media_type in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "",
        "application/json; charset=utf-16",
    ] {
        let mut request = ada.in_browser().request(Method::POST, "/api/tickets");
        if !media_type.is_empty() {
            request = request.header("Content-Type", media_type);
        }
        request.body(wish.to_string()).send().await.problem(415);
    }
    ada.in_browser().post("/api/tickets", &wish).await.is(201);
}

#[tokio::test]
async fn only_configured_origins_may_read() {
    let app = TestApp::with(&[("ALLOWED_ORIGINS", "https://intranet.example.test")]).await;
    let ulla = app.user("Ulla").await;
    for (origin, allowed) in [
        ("https://intranet.example.test", true),
        ("https://evil.example", false),
        ("https://intranet.example.test.evil.example", false),
        ("null", false),
    ] {
        let request = ulla.request(Method::GET, "/api/tickets").header("Origin", origin);
        let answer = request.send().await.is(200);
        let said = answer.header("access-control-allow-origin").to_owned();
        assert_eq!(said, if allowed { origin } else { "" });
        let request = app.anonymous().request(Method::OPTIONS, "/api/tickets");
        let preflight = request
            .header("Origin", origin)
            .header("Access-Control-Request-Method", "POST")
            .header("Access-Control-Request-Headers", "content-type")
            .send()
            .await;
        let said = preflight.header("access-control-allow-origin").to_owned();
        assert_eq!(said, if allowed { origin } else { "" });
    }
}

#[tokio::test]
async fn reading_changes_nothing() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let head = app.head().await;
    for path in [
        "/api/tickets".to_owned(),
        format!("/api/tickets/{}", ticket["id"].as_str().unwrap()),
        "/api/users".to_owned(),
        "/api/admin/users".to_owned(),
        "/api/auth/me".to_owned(),
        "/api/version".to_owned(),
        "/health".to_owned(),
        "/ready".to_owned(),
    ] {
        ada.get(&path).await.good();
    }
    assert_eq!(app.head().await, head);
}
