//! What a thief of the database or a reader of the logs gets: nothing to sign in with.

use std::fmt::Write as _;
use std::io::Write;
use std::sync::{Arc, Mutex};

use identity::{Browser, IdentityError};
use tokio_postgres::SimpleQueryMessage;

use crate::people::{House, PASSWORD, email, new, typed};

/// Every value of every row of every table of schema `auth`, as text.
async fn dump(house: &House) -> Vec<String> {
    let admin = house.database.admin().await;
    let tables = admin
        .query(
            "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'auth'",
            &[],
        )
        .await
        .unwrap();
    assert!(!tables.is_empty());
    let mut values = Vec::new();
    for table in tables {
        let rows = admin
            .simple_query(&format!("SELECT * FROM auth.{}", table.get::<_, &str>(0)))
            .await
            .unwrap();
        for message in rows {
            if let SimpleQueryMessage::Row(row) = message {
                values.extend(
                    (0..row.len())
                        .filter_map(|column| row.get(column))
                        .map(str::to_owned),
                );
            }
        }
    }
    values
}

#[tokio::test]
async fn nothing_in_the_database_opens_anything() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let session = house.session(ada).await;
    assert!(house.is_open(&session).await);
    let values = dump(&house).await;
    assert!(values.len() >= 10, "{values:?}");
    for value in values {
        assert!(
            !value.contains(session.token.expose()),
            "the token is there: {value}"
        );
        assert!(!value.contains(PASSWORD), "the password is there: {value}");
        let bare = value.trim_start_matches("\\x");
        for attempt in [value.as_str(), bare] {
            assert_eq!(
                house.identity.sessions.authenticate(attempt).await.unwrap(),
                None,
                "{attempt}"
            );
            assert!(
                house.sign_in("ada@example.org", attempt).await.is_none(),
                "{attempt}"
            );
        }
    }
}

#[derive(Clone, Default)]
struct Captured(Arc<Mutex<Vec<u8>>>);

impl Write for Captured {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn neither_logs_nor_errors_nor_debug_tell_a_secret() {
    // For the whole process: other tests write to it too, so what must not be there is of this test only.
    let captured = Captured::default();
    let writer = captured.clone();
    tracing_subscriber::fmt()
        .with_max_level(tracing_subscriber::filter::LevelFilter::TRACE)
        .with_ansi(false)
        .with_writer(move || writer.clone())
        .init();

    let (address, elsewhere) = ("canary@secrecy.example", "canary@elsewhere.example");
    let (right, changed, wrong) = (
        "canary who is right",
        "canary who is changed",
        "canary who is wrong",
    );
    let house = House::new().await;
    let (logins, sessions) = (&house.identity.logins, &house.identity.sessions);
    let (ada, other) = (house.new_account_id(), house.new_account_id());
    let _ = logins
        .reserve(&email(address), ada, Some(&new(right)))
        .await
        .unwrap();
    logins.confirm(ada).await.unwrap();
    let signed_in = house.sign_in(address, right).await.unwrap();
    let session = sessions.create(&signed_in, &Browser::default()).await.unwrap();
    assert!(house.is_open(&session).await);
    assert!(house.sign_in(address, wrong).await.is_none());
    assert!(house.sign_in(elsewhere, wrong).await.is_none());
    let keep = Some(session.session.id);
    house
        .identity
        .change_password(ada, &typed(right), &new(changed), keep)
        .await
        .unwrap();

    let mut shown = format!("{session:?} {signed_in:?} {:?} {:?}", typed(right), new(right));
    for error in [
        logins
            .reserve(&email(address), other, Some(&new(right)))
            .await
            .unwrap_err(),
        logins.reserve(&email(elsewhere), ada, None).await.unwrap_err(),
        logins.confirm(other).await.unwrap_err(),
    ] {
        write!(shown, "{error} {error:?}").unwrap();
    }
    let hash = dump(&house)
        .await
        .into_iter()
        .find(|value| value.starts_with("$argon2id"))
        .unwrap();
    assert!(sessions.end(session.token.expose()).await.unwrap());
    // A table that is not there: a fault, and its statement's values stay out of it.
    house
        .database
        .admin()
        .await
        .batch_execute("DROP TABLE auth.logins")
        .await
        .unwrap();
    let fault = logins.sign_in(address, &typed(right)).await.unwrap_err();
    assert!(matches!(fault, IdentityError::Fault(_)));
    write!(shown, "{fault} {fault:?}").unwrap();

    let logs = String::from_utf8(captured.0.lock().unwrap().clone()).unwrap();
    for expected in [
        "signed in by password",
        "wrong password",
        "unknown address",
        "executing statement",
    ] {
        assert!(logs.contains(expected), "no {expected:?} in the log");
    }
    for (line, secret) in logs
        .lines()
        .chain([shown.as_str()])
        .flat_map(|line| ["canary", session.token.expose(), &hash].map(|secret| (line, secret)))
    {
        assert!(!line.contains(secret), "{secret} is told: {line}");
    }
}

#[tokio::test]
async fn the_servers_role_may_not_rewrite_whose_a_session_is() {
    let house = House::new().await;
    house.session(house.new_account_id()).await;
    let client = house.database.pool().get().await.unwrap();
    for forbidden in [
        "UPDATE auth.sessions SET account_id = gen_random_uuid()",
        "UPDATE auth.sessions SET token_hash = sha256('x')",
        "UPDATE auth.sessions SET expires_at = 'infinity'",
        "UPDATE auth.logins SET email_key = 'x@example.org'",
        "TRUNCATE auth.sessions",
        "DROP TABLE auth.logins",
        "CREATE TABLE auth.other ()",
    ] {
        let refused = client.batch_execute(forbidden).await.unwrap_err();
        assert_eq!(
            refused.code().map(tokio_postgres::error::SqlState::code),
            Some("42501"),
            "{forbidden}"
        );
    }
}
