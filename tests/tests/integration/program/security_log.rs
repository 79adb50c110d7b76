//! What somebody who watches over the desk finds in the log (A14).

use serde_json::{Value, json};
use tests::process::Ground;

#[tokio::test]
async fn what_concerns_security_is_logged_with_the_account_and_the_request() {
    let ground = Ground::new().await;
    // One wrong password at once.
    let server = ground
        .serve(&[("LOG_FORMAT", "json"), ("PASSWORDS_PER_HOUR", "2")])
        .await;
    let ulla = server.nobody().sign_up("Ulla").await;
    let wrong = json!({ "email": ulla.email(), "password": "not the password" });
    ulla.nobody().post("/api/auth/login", &wrong).await.problem(401);
    ulla.nobody().post("/api/auth/login", &wrong).await.problem(429);
    let change = json!({ "currentPassword": "wrong", "newPassword": "a-different-harbour-11" });
    ulla.post("/api/auth/password", &change).await.problem(422);
    let refused = ulla.get("/api/users").await;
    refused.problem(403);
    let token = json!({ "name": "Robot", "expiresInDays": 1 });
    let made = ulla.post("/api/auth/tokens", &token).await.is(201).json();
    let path = format!("/api/auth/tokens/{}", made["details"]["id"].as_str().unwrap());
    ulla.delete(&path).await.good();
    ulla.delete("/api/auth/sessions").await.good();
    let forgot = json!({ "email": ulla.email() });
    ulla.nobody()
        .post("/api/auth/password/forgot", &forgot)
        .await
        .is(202);
    let mail = ulla.mailbox().next_of(ulla.email(), "password_reset").await;
    let reset = json!({ "token": mail.token(), "newPassword": "a-different-harbour-11" });
    ulla.nobody()
        .post("/api/auth/password/reset", &reset)
        .await
        .good();
    ulla.nobody()
        .post("/api/auth/password/reset", &reset)
        .await
        .problem(401);
    let ulla = ulla.sign_in(ulla.email(), "a-different-harbour-11").await;
    ulla.post("/api/auth/logout", &json!({})).await.good();
    server.log().line_with("signed_out").await;

    let events: Vec<Value> = server
        .log()
        .lines()
        .iter()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter(|line| line["security.event"].is_string())
        .collect();
    let names: Vec<&str> = events
        .iter()
        .map(|event| event["security.event"].as_str().unwrap())
        .collect();
    for name in [
        "registration_asked",
        "registered",
        "token_created",
        "token_withdrawn",
        "sessions_ended",
        "reset_asked",
        "password_reset",
        "link_refused",
        "signed_in",
        "sign_in_refused",
        "limited",
        "password_refused",
        "refused",
        "signed_out",
    ] {
        assert!(names.contains(&name), "{name} is missing in {names:?}");
    }
    let signed_in = events.iter().find(|event| event["security.event"] == "signed_in");
    assert_eq!(signed_in.unwrap()["account.id"], ulla.id());
    let denial = events
        .iter()
        .find(|event| event["security.event"] == "refused")
        .unwrap();
    let request = refused.header("x-request-id");
    assert!(
        denial.to_string().contains(request),
        "{request} is missing in {denial}"
    );
}

#[tokio::test]
async fn the_open_broadcast_is_warned_of() {
    let ground = Ground::new().await;
    let open = ground.serve(&[("REALTIME_AUDIENCE", "everyone")]).await;
    let line = open.log().line_with("REALTIME_AUDIENCE=everyone").await;
    assert!(line.contains("WARN"), "{line}");
}
