//! Mails that somebody asked for, from the wish to the file.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use domain::text::Email;
use identity::Purpose;
use reactors::Letter;
use tests::app::TestApp;
use tests::wait;
use uuid::Uuid;

fn email(text: &str) -> Email {
    Email::parse(text).unwrap()
}

/// How many deliveries are neither done nor parked.
async fn open(app: &TestApp) -> i64 {
    let client = app.database().admin().await;
    let sql = "SELECT count(*) FROM reactors.deliveries WHERE done_at IS NULL AND parked_at IS NULL";
    client.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn a_new_password_is_mailed_by_a_link_that_works_once() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let wish = Letter::PasswordReset {
        email: email("ULLA@example.test"),
    };
    app.shared().outbox.put(&wish).await.unwrap();
    let mail = app.mailbox().next_of("ulla@example.test", "password_reset").await;
    let before = format!("http://localhost:{}/reset-password#", app.address().port());
    assert!(mail.link().starts_with(&before), "{}", mail.link());
    assert!(mail.header("Message-ID").ends_with("@localhost>"), "{}", mail.raw);
    assert_eq!(mail.header("From"), "Informejo <informejo@localhost>");
    let links = &app.shared().identity.links;
    let opened = links.redeem(Purpose::PasswordReset, mail.token()).await.unwrap();
    assert_eq!(opened.unwrap().subject.to_string(), ulla.id());
    assert!(
        links
            .redeem(Purpose::PasswordReset, mail.token())
            .await
            .unwrap()
            .is_none()
    );
}

#[tokio::test]
async fn who_has_nothing_to_be_told_is_sent_nothing() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let nobody = email("nobody@example.test");
    let outbox = &app.shared().outbox;
    for letter in [
        Letter::PasswordReset {
            email: nobody.clone(),
        },
        Letter::GuestLink {
            email: nobody.clone(),
        },
        Letter::GuestLink {
            email: email(ulla.email()),
        },
        Letter::Identity {
            identity: Uuid::nil(),
            email: nobody.clone(),
        },
        Letter::Registration {
            registration: Uuid::nil(),
            email: nobody,
        },
    ] {
        outbox.put(&letter).await.unwrap();
    }
    wait::until("everything done", async || (open(&app).await == 0).then_some(())).await;
    let told: Vec<_> = app
        .mailbox()
        .all()
        .into_iter()
        .filter(|mail| mail.kind != "registration")
        .collect();
    assert!(told.is_empty(), "{told:?}");
}

#[tokio::test]
async fn who_registers_twice_is_told_of_the_account_that_is_there() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let wish = Letter::Registration {
        registration: Uuid::nil(),
        email: email(ada.email()),
    };
    app.shared().outbox.put(&wish).await.unwrap();
    let mail = app.mailbox().next_of(ada.email(), "registration").await;
    assert_eq!(mail.subject(), "You already have an account");
    assert!(mail.links().all(|link| !link.contains('#')), "{}", mail.text);
}

#[tokio::test]
async fn nobody_else_of_the_machine_reads_the_folder_and_no_address_stays_in_the_database() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let wish = Letter::PasswordReset {
        email: email(ada.email()),
    };
    app.shared().outbox.put(&wish).await.unwrap();
    app.mailbox().next(ada.email()).await;
    wait::until("everything done", async || (open(&app).await == 0).then_some(())).await;
    let folder = app.data_dir().join("mail");
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&folder), 0o700);
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        assert_eq!(mode(&path), 0o600);
        assert!(
            path.extension().is_some_and(|extension| extension == "eml"),
            "{path:?}"
        );
    }
    let client = app.database().admin().await;
    let kept = "SELECT count(*) FROM reactors.deliveries WHERE email IS NOT NULL";
    assert_eq!(client.query_one(kept, &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn of_two_nodes_one_sends_each_mail() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let other = app.second_node().await;
    for number in 0..40 {
        let wish = Letter::PasswordReset {
            email: email(ada.email()),
        };
        let node = if number % 2 == 0 { &app } else { &other };
        node.shared().outbox.put(&wish).await.unwrap();
    }
    wait::until("everything done", async || (open(&app).await == 0).then_some(())).await;
    let mails = app.mailbox().all();
    let resets = mails.iter().filter(|mail| mail.kind == "password_reset");
    assert_eq!(resets.count(), 40);
}
