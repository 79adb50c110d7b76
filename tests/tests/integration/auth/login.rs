//! `POST /api/auth/login`: proof of a password (A6), and no more said than that (A7).

use serde_json::{Value, json};
use tests::app::{Answer, SESSION_COOKIE, TestApp};

use crate::shape::has_keys;

async fn login(app: &TestApp, email: &str, password: &str) -> Answer {
    let wish = json!({ "email": email, "password": password });
    app.anonymous().post("/api/auth/login", &wish).await
}

#[tokio::test]
async fn who_proves_a_password_gets_a_token_and_a_cookie() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let answer = login(&app, "ULLA@example.test", &ulla.password).await.is(200);
    let session = answer.json();
    has_keys(&session, &["user", "token"]);
    assert_eq!(session["user"]["id"], ulla.id());
    let token = session["token"].as_str().unwrap();
    assert_eq!(answer.cookie(SESSION_COOKIE).unwrap(), token);
    let line = answer.header("set-cookie").to_owned();
    for part in ["HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(line.contains(part), "{line}");
    }
    assert!(token.len() >= 43, "256 bits: {}", token.len());
    let by_token = ulla.with_token(token).get("/api/auth/me").await.good();
    let by_cookie = ulla
        .with_token(token)
        .in_browser()
        .get("/api/auth/me")
        .await
        .good();
    assert_eq!(by_token, by_cookie);
    assert_eq!(by_token["email"], "ulla@example.test");
    for secret in ["password", "hash", "token"] {
        assert!(
            !by_token.to_string().to_lowercase().contains(secret),
            "{by_token}"
        );
    }
}

#[tokio::test]
async fn behind_https_the_cookie_is_secure_and_bound_to_the_host() {
    let app = TestApp::with(&[("APP_URL", "https://desk.example.test")]).await;
    let ulla = app.user("Ulla").await;
    let answer = login(&app, ulla.email(), &ulla.password).await.is(200);
    assert!(
        answer.cookie("__Host-informejo_session").is_some(),
        "{:?}",
        answer.headers
    );
    assert!(answer.header("set-cookie").contains("Secure"));
}

#[tokio::test]
async fn every_refusal_is_the_same() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let gone = app.user("Gone").await;
    ada.patch(
        &format!("/api/admin/users/{}", gone.id()),
        &json!({ "isActive": false }),
    )
    .await
    .good();
    let mut answers: Vec<Value> = Vec::new();
    for (email, password) in [
        (ulla.email(), "not the password"),
        ("nobody@example.test", "not the password"),
        ("not an address", "not the password"),
        // 1.14-5: who is deactivated does not come in, with the right password either.
        (gone.email(), gone.password.as_str()),
        (ulla.email(), ""),
    ] {
        let mut problem = login(&app, email, password).await.problem(401);
        problem.as_object_mut().unwrap().remove("requestId");
        answers.push(problem);
    }
    assert_eq!(answers[0]["error"], "Invalid credentials");
    assert!(answers.windows(2).all(|pair| pair[0] == pair[1]), "{answers:?}");
}

#[tokio::test]
async fn a_password_counts_whole() {
    let app = TestApp::new().await;
    let register = async |email: &str, password: &str| {
        let wish = json!({ "email": email, "password": password, "name": "Somebody" });
        app.anonymous().register(&wish).await;
    };
    // 72 bytes is where bcrypt stops reading.
    let long = "lang".repeat(25);
    register("long@example.test", &long).await;
    login(&app, "long@example.test", &long).await.is(200);
    login(&app, "long@example.test", &long[..72]).await.problem(401);
    login(&app, "long@example.test", &format!("{long}x"))
        .await
        .problem(401);
    // The same characters, composed or not, are the same password.
    register("umlaut@example.test", "Stra\u{df}e nach K\u{f6}ln \u{1F525}").await;
    login(
        &app,
        "umlaut@example.test",
        "Stra\u{df}e nach Ko\u{308}ln \u{1F525}",
    )
    .await
    .is(200);
    login(&app, "umlaut@example.test", "strasse nach koln")
        .await
        .problem(401);
}

#[tokio::test]
async fn stored_hashes_are_argon2id_with_the_parameters_that_are_asked_for() {
    let app = TestApp::new().await;
    app.user("Ulla").await;
    let admin = app.database().admin().await;
    let rows = admin
        .query("SELECT password_hash FROM auth.logins", &[])
        .await
        .unwrap();
    let hash: String = rows[0].get(0);
    let mut parts = hash.split('$').skip(1);
    assert_eq!(parts.next(), Some("argon2id"));
    let parameters = parts.nth(1).unwrap();
    let of = |name: &str| -> u32 {
        let found = parameters.split(',').find_map(|part| part.strip_prefix(name));
        found.unwrap().parse().unwrap()
    };
    assert!(of("m=") >= 19 * 1024 && of("t=") >= 2 && of("p=") >= 1, "{hash}");
}

#[tokio::test]
async fn a_session_that_is_planted_is_not_taken_over() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let planted = "f".repeat(ulla.token().len());
    let wish = json!({ "email": ulla.email(), "password": ulla.password });
    let request = app.anonymous().request(reqwest::Method::POST, "/api/auth/login");
    let answer = request
        .header("Cookie", &format!("{SESSION_COOKIE}={planted}"))
        .json(&wish)
        .send()
        .await
        .is(200);
    assert_ne!(answer.json()["token"], planted);
    ulla.with_token(&planted).get("/api/auth/me").await.problem(401);
}
