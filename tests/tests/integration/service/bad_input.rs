//! Bad input × every endpoint: an error of the client's, in the one form, and nothing happens (H1).

use reqwest::Method;
use serde_json::json;
use tests::app::{Answer, Client, TestApp};

use super::operations::{described, filled};

/// Bodies that are no request anywhere.
fn bodies() -> Vec<Vec<u8>> {
    let mut bodies: Vec<Vec<u8>> = [
        "",
        " ",
        "{",
        "{\"title\":",
        "[]",
        "null",
        "true",
        "42",
        "\"text\"",
        "{}{}",
        "{'title':'x'}",
        "{\"title\":NaN}",
        "{\"title\":1e999}",
        "{\"title\":-0}",
        "{\"title\":\"a\",\"title\":\"b\"}",
        "{\"title\":\"\\u0000\"}",
        "{\"title\":\"\\ud800\"}",
        "{\"content\":\"\\udfff x\"}",
        "{\"__proto__\":{\"isAdmin\":true}}",
        "{\"\":1}",
        "\u{feff}{}",
        "{\"email\":[],\"password\":{},\"name\":1}",
    ]
    .map(|text| text.as_bytes().to_vec())
    .to_vec();
    bodies.push(b"{\"title\":\"\xff\xfe\"}".to_vec());
    bodies.push(b"\xed\xa0\x80".to_vec());
    bodies.push([b"[".repeat(50_000), b"]".repeat(50_000)].concat());
    bodies.push([&b"{\"a\":"[..], &b"[".repeat(200), &b"]".repeat(200), b"}"].concat());
    bodies.push(format!("{{\"title\":\"{}\"}}", "x".repeat(200_000)).into_bytes());
    bodies
}

/// Ids that nothing has.
const IDS: [&str; 12] = [
    "1",
    "-1",
    "%00",
    "%ff",
    "%2e%2e%2f",
    "null",
    "undefined",
    "00000000-0000-4000-8000-00000000000g",
    "00000000000040008000000000000000",
    "{00000000-0000-4000-8000-000000000000}",
    "'%20OR%201=1--",
    "%F0%9F%94%A5",
];

fn is_the_clients_fault(answer: &Answer, body: &[u8]) {
    let shown = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
    assert!(
        matches!(answer.status, 400 | 401 | 403 | 404 | 405 | 413 | 415 | 422),
        "{} {shown:?}: {} {}",
        answer.asked,
        answer.status,
        answer.text()
    );
    answer.problem(answer.status);
}

async fn takes_json(person: &Client, method: &Method, path: &str) -> bool {
    let request = person
        .request(method.clone(), path)
        .header("Content-Type", "text/plain");
    request.body("x").send().await.status == 415
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_body_is_anything_but_the_clients_fault() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let head = app.head().await;
    for (method, template) in described(&app).await {
        // These end the session that asks.
        let ends = template == "/api/auth/logout" || template.ends_with("/end-access");
        if [Method::GET, Method::DELETE].contains(&method) || ends {
            continue;
        }
        let id = if template.contains("users") {
            ada.id()
        } else {
            ticket["id"].as_str().unwrap()
        };
        let path = filled(&template, id);
        if !takes_json(&ada, &method, &path).await {
            continue;
        }
        for body in bodies() {
            let request = ada
                .request(method.clone(), &path)
                .header("Content-Type", "application/json");
            let answer = request.body(body.clone()).send().await;
            is_the_clients_fault(&answer, &body);
        }
        let request = ada
            .request(method.clone(), &path)
            .header("Content-Type", "application/json");
        // The server may close the connection before it has been sent everything.
        if let Ok(answer) = request.body("x".repeat(3_000_000)).try_send().await {
            assert!(
                [413, 415].contains(&answer.status),
                "{}: {}",
                answer.asked,
                answer.text()
            );
        }
    }
    assert_eq!(app.head().await, head);
    ada.get("/api/auth/me").await.good();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_id_is_anything_but_missing() {
    let app = TestApp::new().await;
    let (ada, otto) = (app.admin("Ada").await, app.operator("Otto").await);
    let alma = app.auditor("Alma").await;
    let head = app.head().await;
    for (method, template) in described(&app).await {
        // Whoever has no link is told what everybody is told.
        if !template.contains('{') || template.starts_with("/api/mail/unsubscribe") {
            continue;
        }
        // Whoever may do it to those that are there.
        let asker = match template.split('/').nth(2) {
            Some("ops") => &otto,
            Some("audit") => &alma,
            _ => &ada,
        };
        for id in IDS {
            let request = asker.request(method.clone(), &filled(&template, id));
            let request = match (method.as_str(), template.ends_with("attachments")) {
                ("GET" | "DELETE", _) => request,
                ("POST", true) => request.form(reqwest::multipart::Form::new()),
                _ if template.ends_with("/skip") => request.json(&json!({ "reason": "x" })),
                _ => request.json(&json!({ "content": "x" })),
            };
            let answer = request.send().await;
            assert!(
                matches!(answer.status, 404 | 400),
                "{}: {}",
                answer.asked,
                answer.text()
            );
            answer.problem(answer.status);
        }
    }
    assert_eq!(app.head().await, head);
}

#[tokio::test]
async fn malformed_json_and_wrong_fields_are_told_apart() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let post = async |body: &str| {
        let request = ada
            .request(Method::POST, "/api/tickets")
            .header("Content-Type", "application/json");
        request.body(body.to_owned()).send().await
    };
    for malformed in ["", "{", "{\"title\":", "{'a':1}", "{}{}", "\u{feff}{}"] {
        post(malformed).await.problem(400);
    }
    let rest = "\"description\":\"Probe description\",\"category\":\"OTHER\"";
    post(&format!("{{\"title\":\"a\\u0000bcdef\",{rest}}}"))
        .await
        .blames(422, "title");
    let surrogate = post(&format!("{{\"title\":\"abc\\ud800def\",{rest}}}")).await;
    surrogate.problem(422);
    post(&format!("{{\"title\":\"A title\",\"surprise\":1,{rest}}}"))
        .await
        .blames(422, "surprise");
}
