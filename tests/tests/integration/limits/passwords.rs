//! Guessing at passwords, from one address, from many, and in a session.

use std::time::Instant;

use serde_json::json;
use tests::app::TestApp;

use super::{Attempt, PROXY, refused};

#[tokio::test]
async fn of_a_flood_from_one_address_no_more_than_allowed_reach_the_hasher() {
    // Ten at once, and one more every twelve seconds.
    let app = TestApp::with(&[("PROOFS_PER_MINUTE", "5")]).await;
    let began = Instant::now();
    let before = app.shared().identity.hasher().verifications();
    let guesses = (0..120).map(|n: u8| {
        let (email, forged) = (format!("person{n}@example.test"), format!("192.0.2.{n}"));
        let app = &app;
        // Nobody has made this client a proxy, so what it says of its address is nothing.
        async move { Attempt::guess(&forged, &email).at(app).await }
    });
    let answers: Vec<_> = futures::future::join_all(guesses).await;
    let reached = app.shared().identity.hasher().verifications() - before;
    let most = 10 + began.elapsed().as_secs() / 12;
    assert!((1..=most).contains(&reached), "{reached} of {most}");
    // Some may have found the hasher or the database too busy, in so short a time.
    let of = |status: u16| answers.iter().filter(move |answer| answer.status == status);
    assert!(u64::try_from(of(401).count()).unwrap() <= reached);
    assert!(of(429).count() >= 60, "{}", of(429).count());
    // Who came first and was late to be counted has a little longer to wait.
    of(429).for_each(|answer| refused(answer, 15));
}

#[tokio::test]
async fn one_account_is_guessed_at_slowly_whether_it_exists_or_not() {
    // From one address 2 at once, from all together 12.
    let app = TestApp::with(&[PROXY, ("PASSWORDS_PER_HOUR", "4")]).await;
    let ulla = app.user("Ulla").await;
    for email in [ulla.email(), "nobody@example.test"] {
        let mut statuses = Vec::new();
        for network in 0..8 {
            for host in 0..3 {
                // One network of IPv6 is one customer's, however many addresses are in it.
                let address = format!("2001:db8:0:{network}::{host}");
                statuses.push(Attempt::guess(&address, email).at(&app).await.status);
            }
        }
        let expected = [[401, 401, 429]; 6].concat();
        let expected = [expected, vec![429; 6]].concat();
        assert_eq!(statuses, expected, "{email}");
        // The right password is let through no more than a wrong one: else it could be told.
        let right = Attempt {
            password: &ulla.password,
            ..Attempt::guess("192.0.2.1", email)
        };
        refused(&right.at(&app).await, 900);
        // Spelled otherwise it is the same account.
        let spelled = email.to_uppercase();
        refused(&Attempt::guess("192.0.2.1", &spelled).at(&app).await, 900);
    }
}

#[tokio::test]
async fn signing_in_does_not_count() {
    let app = TestApp::with(&[("PROOFS_PER_MINUTE", "1"), ("PASSWORDS_PER_HOUR", "2")]).await;
    let ulla = app.user("Ulla").await;
    for _ in 0..10 {
        ulla.again().await;
    }
    let guess = Attempt::guess("", ulla.email());
    assert_eq!(guess.at(&app).await.status, 401);
    refused(&guess.at(&app).await, 600);
}

#[tokio::test]
async fn who_stole_a_session_cannot_guess_the_password_and_does_not_hold_up_its_owner() {
    // Three at once.
    let app = TestApp::with(&[("PASSWORDS_PER_HOUR", "6")]).await;
    let ulla = app.user("Ulla").await;
    let elsewhere = ulla.again().await;
    let change = |old: &str| json!({ "currentPassword": old, "newPassword": "herons-over-the-lake" });
    for _ in 0..3 {
        ulla.post("/api/auth/password", &change("not the password"))
            .await
            .problem(422);
    }
    let before = app.shared().identity.hasher().verifications();
    for guess in ["not the password", ulla.password.as_str()] {
        refused(&ulla.post("/api/auth/password", &change(guess)).await, 200);
    }
    assert_eq!(app.shared().identity.hasher().verifications(), before);
    elsewhere
        .post("/api/auth/password", &change(&ulla.password))
        .await
        .good();
}

#[tokio::test]
async fn after_the_time_that_was_said_it_may_be_tried_again() {
    let app = TestApp::with(&[("PROOFS_PER_MINUTE", "1")]).await;
    let guess = Attempt::guess("", "nobody@example.test");
    for _ in 0..2 {
        assert_eq!(guess.at(&app).await.status, 401);
    }
    let answer = guess.at(&app).await.is(429);
    let seconds = answer.header("retry-after").parse().unwrap();
    app.clock().advance(std::time::Duration::from_secs(seconds));
    assert_eq!(guess.at(&app).await.status, 401);
    refused(&guess.at(&app).await, 60);
}
