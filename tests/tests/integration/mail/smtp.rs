//! Mail by SMTP, to a server that nobody here wrote: what happens when it takes mail, and whatever else it does.

use std::time::Duration;

use domain::Role;
use domain::text::Email;
use reactors::Letter;
use tests::app::{Client, TestApp};
use tests::smtp::{Certificate, SmtpOptions, SmtpServer};
use tests::wait;

const LOGIN: (&str, &str) = ("desk", "swordfish-7");

/// A desk that sends by `server` without TLS, with further settings.
async fn desk(server: &SmtpServer, further: &[(&str, &str)]) -> TestApp {
    let port = server.port().to_string();
    let given = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", &*port),
        ("SMTP_TLS", "none"),
    ];
    TestApp::with(&[&given, further].concat()).await
}

/// Wishes for a mail to somebody who has an account.
async fn wish(app: &TestApp, person: &Client) {
    let letter = Letter::PasswordReset {
        email: Email::parse(person.email()).unwrap(),
    };
    app.shared().outbox.put(&letter).await.unwrap();
}

/// The newest delivery: attempts, whether it is done, whether it is parked, and what went wrong.
async fn newest(app: &TestApp) -> (i32, bool, bool, String) {
    let client = app.database().admin().await;
    let sql = "SELECT attempts, done_at IS NOT NULL, parked_at IS NOT NULL, coalesce(last_error, '')
               FROM reactors.deliveries WHERE kind = 'password_reset' ORDER BY created_at DESC, id DESC LIMIT 1";
    let row = client.query_one(sql, &[]).await.unwrap();
    (row.get(0), row.get(1), row.get(2), row.get(3))
}

/// Waits until the newest delivery has failed once more than `before` times; tells how.
async fn failed(app: &TestApp, before: i32) -> String {
    wait::until("a failure", async || {
        let (attempts, _, _, error) = newest(app).await;
        (attempts > before && !error.is_empty()).then_some(error)
    })
    .await
}

#[tokio::test]
async fn mail_goes_out_encrypted_and_signed_in_by_few_connections() {
    let certificate = Certificate::new().await;
    let mut server = SmtpServer::start(SmtpOptions {
        certificate: Some(&certificate),
        login: Some(LOGIN),
        ..SmtpOptions::default()
    })
    .await;
    let (ca, from) = (certificate.file(), "Help désk <desk@example.org>");
    let app = desk(
        &server,
        &[
            ("SMTP_TLS", "starttls"),
            ("SMTP_CA_FILE", ca.to_str().unwrap()),
            ("SMTP_USER", LOGIN.0),
            ("SMTP_PASSWORD", LOGIN.1),
            ("SMTP_FROM", from),
        ],
    )
    .await;
    let ada = app.admin("Ada").await;
    for _ in 0..12 {
        wish(&app, &ada).await;
    }
    for _ in 0..12 {
        let mail = server.mail().await;
        assert_eq!(mail.to, ["ada@example.test"]);
        assert_eq!(mail.header("From"), from);
        assert!(mail.link().contains("/reset-password#"), "{}", mail.raw);
    }
    assert!(server.told("mail").iter().all(|mail| mail["secure"] == true));
    let signed_in = server.told("auth");
    assert!(
        signed_in
            .iter()
            .all(|auth| auth["good"] == true && auth["secure"] == true)
    );
    assert!((1..=4).contains(&signed_in.len()), "{signed_in:?}");
}

#[tokio::test]
async fn a_server_that_cannot_be_trusted_is_sent_nothing() {
    let certificate = Certificate::new().await;
    // Nobody trusts this certificate; and a server without STARTTLS might be anybody.
    for (certificate, error) in [
        (Some(&certificate), "the connection cannot be encrypted"),
        (None, "the server does not offer STARTTLS"),
    ] {
        let server = SmtpServer::start(SmtpOptions {
            certificate,
            ..SmtpOptions::default()
        })
        .await;
        let app = desk(&server, &[("SMTP_TLS", "starttls")]).await;
        let ada = app.admin("Ada").await;
        wish(&app, &ada).await;
        assert_eq!(failed(&app, 0).await, error);
        assert!(server.told("offer").is_empty());
    }
}

#[tokio::test]
async fn a_wrong_password_loses_no_mail_and_is_written_down_nowhere() {
    let mut server = SmtpServer::start(SmtpOptions {
        login: Some(LOGIN),
        ..SmtpOptions::default()
    })
    .await;
    let login = [("SMTP_USER", LOGIN.0), ("SMTP_PASSWORD", "wrong-canary")];
    let app = desk(&server, &login).await;
    let ada = app.admin("Ada").await;
    wish(&app, &ada).await;
    assert_eq!(server.tells("auth").await["good"], false);
    let error = failed(&app, 0).await;
    assert_eq!(error, "the server did not accept name and password (535)");
    assert!(!newest(&app).await.2, "parked");
}

#[tokio::test]
async fn a_refused_recipient_is_parked_at_once_shown_and_tried_again() {
    let mut server = SmtpServer::start(SmtpOptions {
        mode: "refuse",
        ..SmtpOptions::default()
    })
    .await;
    let app = desk(&server, &[]).await;
    let (ada, opa) = (app.admin("Ada").await, app.made("Opa", Role::Operator).await);
    wish(&app, &ada).await;
    let parked = wait::until("it is parked", async || {
        let parked = opa.get("/api/ops/reactors/mail/parked").await.good();
        let mut parked = parked.as_array().unwrap().iter();
        parked.find(|parked| parked["kind"] == "password_reset").cloned()
    })
    .await;
    assert_eq!(parked["error"], "the server refused the recipient (550)");
    assert_eq!(parked["attempts"], 1);
    let shown = opa.get("/api/ops/reactors").await.good();
    assert_eq!(shown[0]["name"], "mail");
    for seen in [&parked, &shown] {
        assert!(!seen.to_string().contains("example.test"), "{seen}");
    }
    server.behave("ok").await;
    let path = format!(
        "/api/ops/reactors/mail/parked/{}/retry",
        parked["id"].as_str().unwrap()
    );
    assert_eq!(opa.post(&path, &serde_json::json!({})).await.good()["retried"], 1);
    server.mail().await;
    wait::until("it is done", async || newest(&app).await.1.then_some(())).await;
    opa.post(&path, &serde_json::json!({})).await.problem(404);
    opa.post("/api/ops/reactors/mail/parked/retry", &serde_json::json!({}))
        .await
        .good();
    opa.post("/api/ops/reactors/fax/parked/retry", &serde_json::json!({}))
        .await
        .problem(404);
}

#[tokio::test]
async fn who_is_put_off_comes_back_later_with_the_same_mail() {
    let mut server = SmtpServer::start(SmtpOptions {
        mode: "later,ok",
        ..SmtpOptions::default()
    })
    .await;
    let app = desk(&server, &[]).await;
    let ada = app.admin("Ada").await;
    wish(&app, &ada).await;
    assert_eq!(failed(&app, 0).await, "the server refused the recipient (451)");
    assert!(!newest(&app).await.2, "parked");
    app.clock().advance(Duration::from_secs(11));
    server.mail().await;
    wait::until("it is done", async || newest(&app).await.1.then_some(())).await;
    assert_eq!(newest(&app).await.0, 2);
}

#[tokio::test]
async fn a_mail_that_may_have_been_taken_is_sent_again_under_the_same_id() {
    let mut server = SmtpServer::start(SmtpOptions {
        mode: "swallow,ok",
        ..SmtpOptions::default()
    })
    .await;
    let app = desk(&server, &[]).await;
    let ada = app.admin("Ada").await;
    wish(&app, &ada).await;
    let first = server.mail().await;
    assert_eq!(failed(&app, 0).await, "the connection was lost");
    app.clock().advance(Duration::from_secs(11));
    let second = server.mail().await;
    assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
    assert_ne!(first.token(), second.token(), "each mail has a link of its own");
}

#[tokio::test]
async fn nobody_waits_for_a_server_that_says_nothing() {
    let mut server = SmtpServer::start(SmtpOptions {
        mode: "hang",
        ..SmtpOptions::default()
    })
    .await;
    let app = desk(&server, &[("SMTP_TIMEOUT", "1")]).await;
    let ada = app.admin("Ada").await;
    wish(&app, &ada).await;
    server.tells("offer").await;
    // While it hangs.
    ada.get("/api/tickets").await.good();
    app.anonymous().get("/ready").await.is(200);
    assert_eq!(failed(&app, 0).await, "the server did not answer in time");
    server.behave("ok").await;
    app.clock().advance(Duration::from_secs(11));
    server.mail().await;
}

#[tokio::test]
async fn a_server_that_is_away_is_not_asked_once_a_mail() {
    let port = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.local_addr().unwrap().port()
    };
    let text = port.to_string();
    let given = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", &*text),
        ("SMTP_TLS", "none"),
    ];
    let app = TestApp::with(&given).await;
    let ada = app.admin("Ada").await;
    for _ in 0..40 {
        wish(&app, &ada).await;
    }
    let client = app.database().admin().await;
    wait::until("a failure", async || {
        let sql =
            "SELECT count(*) FROM reactors.deliveries WHERE last_error = 'the server cannot be reached'";
        let failed: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
        (failed > 0).then_some(())
    })
    .await;
    let mut server = SmtpServer::start(SmtpOptions {
        port,
        ..SmtpOptions::default()
    })
    .await;
    app.clock().advance(Duration::from_mins(2));
    for _ in 0..40 {
        server.mail().await;
    }
    let sql = "SELECT sum(attempts) FROM reactors.deliveries WHERE kind = 'password_reset'";
    let attempts: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
    assert!(attempts <= 48, "{attempts} tries for 40 mails");
}
