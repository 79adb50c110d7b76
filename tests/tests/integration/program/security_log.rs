//! What somebody who watches over the desk finds in the log (A14).

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tests::app::Client;
use tests::first_admin::first_admin;
use tests::process::{Ground, ServerProcess};
use tests::wait;

const NEXT: &str = "another-harbour-with-gulls-12";

/// Every kind of event, as the program names it.
fn kinds() -> BTreeSet<&'static str> {
    let source = include_str!("../../../../api/src/security_log.rs");
    let kinds: BTreeSet<_> = source
        .lines()
        .filter_map(|line| line.split_once("=> \"")?.1.split('"').next())
        .collect();
    assert!(kinds.len() > 10, "{kinds:?}");
    kinds
}

/// The lines about security that a server has written so far.
fn events(server: &ServerProcess) -> Vec<Value> {
    let lines = server.log().lines().into_iter();
    lines
        .filter_map(|line| serde_json::from_str::<Value>(&line).ok())
        .filter(|line| line["security.event"].is_string())
        .collect()
}

/// Whether there is an event of this kind about `whose` account; null if it is nobody's.
fn is_told(events: &[Value], kind: &str, whose: &Value) -> bool {
    let mut events = events.iter();
    events.any(|event| event["security.event"] == kind && event["account.id"] == *whose)
}

/// A new password by a link that was mailed; the first one is made up.
async fn forget_and_reset(nobody: &Client, email: &str) {
    let forgot = json!({ "email": email });
    nobody.post("/api/auth/password/forgot", &forgot).await.is(202);
    let mail = nobody.mailbox().next_of(email, "password_reset").await;
    for (token, status) in [("0f".repeat(32).as_str(), 401), (mail.token(), 200)] {
        let reset = json!({ "token": token, "newPassword": NEXT });
        nobody.post("/api/auth/password/reset", &reset).await.is(status);
    }
}

#[tokio::test]
async fn what_concerns_security_is_logged_with_the_account_and_the_request() {
    let ground = Ground::new().await;
    let server = ground.serve(&[("LOG_FORMAT", "json")]).await;
    let nobody = server.nobody();
    let ada = first_admin(&nobody, &ground.settings(), "Ada").await;
    let ulla = nobody.sign_up("Ulla").await.again().await;

    // With what would begin a line of its own.
    for email in [ulla.email(), "ulla@example.test\r\nsecurity.event=\"forged\""] {
        let wrong = json!({ "email": email, "password": "not the\r\npassword" });
        nobody.post("/api/auth/login", &wrong).await.problem(401);
    }
    let change = json!({ "currentPassword": "wrong", "newPassword": "a-different-harbour-11" });
    ulla.post("/api/auth/password", &change).await.problem(422);
    let refused = ulla.get("/api/users").await;
    refused.problem(403);
    let robot = json!({ "name": "Robot", "expiresInDays": 1 });
    let robot = ulla.post("/api/auth/tokens", &robot).await.good();
    let robot = format!("/api/auth/tokens/{}", robot["details"]["id"].as_str().unwrap());
    ulla.delete(&robot).await.good();
    ulla.delete("/api/auth/sessions").await.good();
    let change = json!({ "currentPassword": ulla.password, "newPassword": "a-different-harbour-11" });
    ulla.post("/api/auth/password", &change).await.good();
    forget_and_reset(&nobody, ulla.email()).await;
    let ulla = nobody.sign_in(ulla.email(), NEXT).await;
    ulla.post("/api/auth/logout", &json!({})).await.good();
    let path = format!("/api/admin/users/{}", ulla.id());
    for change in [
        json!({ "role": "AUDITOR" }),
        json!({ "isActive": false }),
        json!({ "isActive": true }),
    ] {
        ada.patch(&path, &change).await.good();
    }
    let ending = format!("{path}/end-access");
    ada.post(&ending, &json!({})).await.good();
    server.log().line_with("access_ended").await;
    let mut told = events(&server);

    let limited = ground
        .serve(&[("LOG_FORMAT", "json"), ("PASSWORDS_PER_HOUR", "1")])
        .await;
    let guess = json!({ "email": "nobody@example.test", "password": "not the password" });
    let stranger = nobody.at(&limited.url());
    wait::until("too many guesses", async || {
        (stranger.post("/api/auth/login", &guess).await.status == 429).then_some(())
    })
    .await;
    limited.log().line_with("\"limited\"").await;
    told.extend(events(&limited));

    let told_of: BTreeSet<_> = told
        .iter()
        .map(|event| event["security.event"].as_str().unwrap())
        .collect();
    let expected = kinds();
    assert_eq!(
        told_of, expected,
        "a kind of event that no test has seen, or none of ours"
    );
    let account = &ulla.account["id"];
    for (kind, whose) in [
        ("registration_asked", &Value::Null),
        ("registered", account),
        ("link_refused", &Value::Null),
        ("reset_asked", &Value::Null),
        ("password_reset", account),
        ("sessions_ended", account),
        ("token_created", account),
        ("token_withdrawn", account),
        ("signed_in", account),
        ("sign_in_refused", &Value::Null),
        ("password_refused", account),
        ("password_changed", account),
        ("refused", account),
        ("signed_out", account),
        ("role_changed", account),
        ("deactivated", account),
        ("reactivated", account),
        ("access_ended", account),
        ("limited", &Value::Null),
    ] {
        assert!(
            is_told(&told, kind, whose),
            "{kind} of {whose} is missing in {told:?}"
        );
    }
    let request = refused.header("x-request-id");
    let mut denials = told.iter().filter(|event| event["security.event"] == "refused");
    assert!(
        denials.any(|event| event.to_string().contains(request)),
        "{request} is missing in {told:?}"
    );
    // Neither an address nor what was typed, be it right or wrong.
    let all = json!(told).to_string();
    for private in [
        "example.test",
        "harbour",
        "not the",
        "forged",
        "Ulla",
        ulla.token(),
    ] {
        assert!(!all.contains(private), "{private} is in {all}");
    }
}

#[tokio::test]
async fn the_open_broadcast_is_warned_of() {
    let ground = Ground::new().await;
    let open = ground.serve(&[("REALTIME_AUDIENCE", "everyone")]).await;
    let line = open.log().line_with("REALTIME_AUDIENCE=everyone").await;
    assert!(line.contains("WARN"), "{line}");
}
