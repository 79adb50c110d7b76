//! Secrets stay where they belong: not in logs, answers, broadcasts, or (in a usable form) in the database (A13).

use serde_json::json;
use tests::app::Client;
use tests::first_admin::create_admin;
use tests::postgres::TestDatabase;
use tests::process::{Ground, ServerProcess};
use tests::socketio::{ConnectOptions, SocketClient};

use crate::shape::PNG;

const PASSWORD: &str = "canary-password-one";
const NEXT_PASSWORD: &str = "canary-password-two";
const DATABASE_PASSWORD: &str = "canary-database-password";

/// Signs in and out, changes passwords, writes and uploads, rightly and wrongly; all answers that are no sessions.
async fn live(nobody: &Client) -> (Client, Vec<String>) {
    let mut answers = Vec::new();
    let register =
        json!({ "email": "canary.address@example.test", "password": PASSWORD, "name": "Canary Name" });
    nobody.register(&register).await;
    answers.push(nobody.post("/api/auth/register", &register).await.text());
    let ulla = nobody.sign_in("canary.address@example.test", PASSWORD).await;
    for (path, wish) in [
        (
            "/api/auth/login",
            json!({ "email": "canary.address@example.test", "password": "canary-password-wrong" }),
        ),
        (
            "/api/auth/login",
            json!({ "email": 7, "password": "canary-password-wrong" }),
        ),
        (
            "/api/auth/register",
            json!({ "email": "x@example.test", "password": "canary1", "name": "X" }),
        ),
        (
            "/api/auth/password",
            json!({ "currentPassword": PASSWORD, "newPassword": NEXT_PASSWORD }),
        ),
        (
            "/api/auth/password",
            json!({ "currentPassword": PASSWORD, "newPassword": "canary-password-three" }),
        ),
        (
            "/api/tickets",
            json!({ "title": "canary-title", "description": "canary-description", "category": "OTHER" }),
        ),
        (
            "/api/tickets",
            json!({ "title": "canary-title-wrong", "category": 7 }),
        ),
    ] {
        answers.push(ulla.post(path, &wish).await.text());
    }
    let ticket = ulla.new_ticket("canary-title").await;
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    let comment = json!({ "content": "canary-comment" });
    answers.push(ulla.post(&format!("{path}/comments"), &comment).await.text());
    let attachments = format!("{path}/attachments");
    answers.push(
        ulla.upload(&attachments, "canary-file.png", "image/png", PNG)
            .await
            .text(),
    );
    answers.push(ulla.get("/api/auth/me").await.text());
    answers.push(ulla.in_browser().get("/api/auth/me").await.text());
    answers.push(
        ulla.get(&format!("/api/tickets?q=canary-query&cursor={}", ulla.token()))
            .await
            .text(),
    );
    (ulla, answers)
}

#[tokio::test]
async fn no_secret_is_logged_answered_broadcast_or_stored() {
    let database = TestDatabase::empty().await;
    let folder = tests::postgres::new_data_dir();
    let url = database
        .url()
        .replace("postgres@", &format!("postgres:{DATABASE_PASSWORD}@"));
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", folder.path().to_str().unwrap()),
        ("LOG_LEVEL", "trace"),
        ("LOG_FORMAT", "json"),
    ];
    let server = ServerProcess::start(&settings).await;
    let nobody = server.nobody();
    let (ulla, answers) = live(&nobody).await;
    let options = ConnectOptions::default().token(ulla.token());
    let socket = SocketClient::connect(&server.url(), options).await;
    let wrong = SocketClient::open(&server.url(), ConnectOptions::default().token("canary-token"));
    wrong.refused().await;
    ulla.new_ticket("canary-title").await;
    socket.expect("ticket:created").await;
    let frames = json!(socket.events()).to_string();
    ulla.post("/api/auth/logout", &json!({})).await.good();

    let output = create_admin(&settings, "Ada", PASSWORD).await;
    let verb = format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );

    let log = server.log().lines().join("\n");
    let answers = answers.join("\n");
    let rows = database.rows().await.into_iter();
    let stored: Vec<String> = rows.map(|(_, row)| row).collect();
    let stored = stored.join("\n");
    let secrets = [
        PASSWORD,
        NEXT_PASSWORD,
        "canary-password-wrong",
        "canary-password-three",
        "canary1",
        DATABASE_PASSWORD,
        ulla.token(),
        "canary-token",
    ];
    for secret in secrets {
        for (place, text) in [
            ("log", &log),
            ("frames", &frames),
            ("answers", &answers),
            ("database", &stored),
            ("verb", &verb),
        ] {
            if let Some(at) = text.find(secret) {
                let from = text[..at].rfind('\n').map_or(0, |start| start + 1);
                let to = text[at..].find('\n').map_or(text.len(), |end| at + end);
                panic!("{secret} in the {place}: {}", &text[from..to]);
            }
        }
    }
    // What people write is nobody's business who reads logs, nor are their addresses.
    for private in [
        "canary.address@example.test",
        "Canary Name",
        "canary-title",
        "canary-description",
        "canary-comment",
        "canary-file",
        "canary-query",
    ] {
        let line = log.lines().find(|line| line.contains(private));
        assert_eq!(line, None, "{private} in the log");
    }
}

#[tokio::test]
async fn a_log_line_stays_one_line_whatever_people_send() {
    let ground = Ground::new().await;
    let server = ground.serve(&[("LOG_LEVEL", "debug")]).await;
    let nobody = server.nobody();
    for path in [
        "/%0d%0aforged-line",
        "/api/tickets/%0aforged-line?x=%0aforged-line",
    ] {
        nobody.get(path).await;
    }
    let wish = json!({ "email": "a@example.test\nforged-line", "password": "x\nforged-line" });
    nobody.post("/api/auth/login", &wish).await;
    let answer = nobody.get("/health").await;
    // The request after those is in the log: so are they.
    server.log().line_with(answer.header("x-request-id")).await;
    for line in server.log().lines() {
        assert!(!line.starts_with("forged-line"), "{line}");
    }
}
