//! The program itself, killed while it sends; and what it logs of the password.

use std::sync::Arc;

use domain::text::Email;
use ops::clock::{OsEntropy, SystemClock};
use reactors::{Letter, Outbox};
use tests::first_admin::create_admin;
use tests::process::{Ground, command, run};
use tests::smtp::{SmtpOptions, SmtpServer};
use tests::wait;

#[tokio::test]
async fn a_program_killed_between_sending_and_writing_that_down_sends_again_under_the_same_id() {
    let mut server = SmtpServer::start(SmtpOptions {
        mode: "stall",
        login: Some(("desk", "swordfish-canary")),
        ..SmtpOptions::default()
    })
    .await;
    let ground = Ground::new().await;
    let port = server.port().to_string();
    let smtp = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", &*port),
        ("SMTP_TLS", "none"),
        ("SMTP_USER", "desk"),
        ("SMTP_PASSWORD", "swordfish-canary"),
    ];
    let mut first = ground.serve(&smtp).await;
    create_admin(&ground.settings(), "Ada", "gulls-over-harbour").await;
    let pool = eventlog::pool(&ground.database.config(), 2).unwrap();
    let outbox = Outbox::new(pool, Arc::new(SystemClock), Arc::new(OsEntropy));
    let email = Email::parse("ada@example.test").unwrap();
    outbox.put(&Letter::PasswordReset { email }).await.unwrap();
    let sent = server.mail().await;
    let mut lines = first.log().lines();
    first.kill().await;
    // What five minutes would do.
    let client = ground.database.admin().await;
    let claimed = client
        .execute(
            "UPDATE reactors.deliveries SET claimed_until = now() WHERE claimed_until > now()",
            &[],
        )
        .await
        .unwrap();
    assert_eq!(claimed, 1, "it was being sent");
    server.behave("ok").await;
    let second = ground.serve(&smtp).await;
    let again = server.mail().await;
    assert_eq!(sent.header("Message-ID"), again.header("Message-ID"));
    wait::until("it is done", async || {
        let sql = "SELECT count(*) FROM reactors.deliveries WHERE done_at IS NOT NULL AND attempts = 2";
        let done: i64 = client.query_one(sql, &[]).await.unwrap().get(0);
        (done == 1).then_some(())
    })
    .await;
    lines.extend(second.log().lines());
    // As it is, and as AUTH PLAIN and AUTH LOGIN say it.
    for secret in [
        "swordfish-canary",
        "AGRlc2sAc3dvcmRmaXNoLWNhbmFyeQ",
        "c3dvcmRmaXNoLWNhbmFyeQ",
    ] {
        let told = lines.iter().find(|line| line.contains(secret));
        assert!(told.is_none(), "{told:?}");
    }
    assert!(
        lines.iter().any(|line| line.contains("mail done")),
        "nothing was logged"
    );
}

#[tokio::test]
async fn the_command_line_shows_what_was_given_up_and_has_it_tried_again() {
    let mut server = SmtpServer::start(SmtpOptions {
        mode: "refuse",
        ..SmtpOptions::default()
    })
    .await;
    let ground = Ground::new().await;
    let port = server.port().to_string();
    let smtp = [
        ("SMTP_HOST", "127.0.0.1"),
        ("SMTP_PORT", &*port),
        ("SMTP_TLS", "none"),
    ];
    let _program = ground.serve(&smtp).await;
    create_admin(&ground.settings(), "Ada", "gulls-over-harbour").await;
    let pool = eventlog::pool(&ground.database.config(), 2).unwrap();
    let outbox = Outbox::new(pool, Arc::new(SystemClock), Arc::new(OsEntropy));
    let email = Email::parse("ada@example.test").unwrap();
    outbox.put(&Letter::PasswordReset { email }).await.unwrap();
    let verb = async |words: &[&str]| {
        let output = run(command().arg("reactors").args(words).envs(ground.settings()), "").await;
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let shown = wait::until("it is parked", async || {
        let (code, shown) = verb(&["status"]).await;
        (code == Some(1)).then_some(shown)
    })
    .await;
    assert!(
        shown.contains("password_reset") && shown.contains("(550)"),
        "{shown}"
    );
    assert!(!shown.contains("example.test"), "{shown}");
    server.behave("ok").await;
    let (code, retried) = verb(&["retry", "--all"]).await;
    assert_eq!((code, retried.trim()), (Some(0), "mail: 1 to be tried again."));
    server.mail().await;
    wait::until("nothing is parked", async || {
        (verb(&["status"]).await.0 == Some(0)).then_some(())
    })
    .await;
    let (code, _) = verb(&["retry", "--id", "0192d3a0-0000-7000-8000-000000000001"]).await;
    assert_eq!(code, Some(1));
}
