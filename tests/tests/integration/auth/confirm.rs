//! `POST /api/auth/register/confirm`: link and password together make one account.

use std::time::Duration;

use api::registration::Registration;
use commands::{Cause, Origin};
use domain::text::{Email, PersonName};
use domain::{Actor, Role};
use futures::future::join_all;
use ops::clock::{OsEntropy, SystemClock};
use serde_json::{Value, json};
use tests::app::{Answer, Client, SESSION_COOKIE, TestApp};

use crate::shape::{has_keys, is_time};

const PASSWORD: &str = "gulls-over-harbour";
const OTHER: &str = "gulls-under-harbour";

/// Somebody asks for an account; the token of the link that is mailed.
async fn asked(app: &TestApp, email: &str, password: &str) -> String {
    let wish = json!({ "email": email, "password": password, "name": "Ulla", "department": "Dept 1" });
    app.anonymous().post("/api/auth/register", &wish).await.is(202);
    let mail = app.mailbox().next_of(email, "registration").await;
    mail.token().to_owned()
}

async fn confirm(nobody: &Client, token: &str, password: &str) -> Answer {
    let wish = json!({ "token": token, "password": password });
    nobody.post("/api/auth/register/confirm", &wish).await
}

/// A guest's account, as a submission makes it: with a login that has no password.
async fn guest(app: &TestApp, email: &str) -> String {
    let registration = Registration {
        email: Email::parse(email).unwrap(),
        name: PersonName::parse("Gina Guest").unwrap(),
        role: Role::Guest,
        department: None,
        password: None,
    };
    let cause = Cause::once(Origin::Http, uuid::Uuid::nil(), &SystemClock, &OsEntropy);
    let registrar = app.shared().registrar();
    let made = registrar
        .register(&Actor::System("submission"), &cause, registration)
        .await
        .unwrap();
    app.shared().settle(made.position).await;
    made.state.id.to_string()
}

async fn registrations(app: &TestApp) -> i64 {
    let admin = app.database().admin().await;
    let sql = "SELECT count(*) FROM auth.registrations";
    admin.query_one(sql, &[]).await.unwrap().get(0)
}

#[tokio::test]
async fn an_account_begins_with_link_and_password_and_its_owner_is_in() {
    let app = TestApp::new().await;
    let token = asked(&app, "Ulla@example.test", PASSWORD).await;
    let answer = confirm(&app.anonymous(), &token, PASSWORD).await.is(200);
    let session = answer.json();
    has_keys(&session, &["user", "token"]);
    let account = &session["user"];
    assert_eq!(account["role"], "USER");
    assert_eq!(account["email"], "Ulla@example.test");
    assert_eq!(account["department"], "Dept 1");
    is_time(&account["createdAt"]);
    assert_eq!(
        answer.cookie(SESSION_COOKIE).unwrap(),
        session["token"].as_str().unwrap()
    );
    let ulla = app.anonymous().signed_in(&session, PASSWORD);
    assert_eq!(ulla.get("/api/auth/me").await.good()["id"], account["id"]);
    assert_eq!(app.head().await, 1, "one event");
    assert_eq!(registrations(&app).await, 0);
    // An address is compared without case and surrounding space.
    app.anonymous().sign_in(" ULLA@EXAMPLE.TEST ", PASSWORD).await;
}

#[tokio::test]
async fn a_typing_error_does_not_use_the_link_up_and_ten_do() {
    let app = TestApp::new().await;
    let nobody = app.anonymous();
    let token = asked(&app, "ulla@example.test", PASSWORD).await;
    for _ in 0..9 {
        confirm(&nobody, &token, OTHER).await.problem(401);
    }
    confirm(&nobody, &token, PASSWORD).await.is(200);
    let token = asked(&app, "otto@example.test", PASSWORD).await;
    for _ in 0..10 {
        confirm(&nobody, &token, OTHER).await.problem(401);
    }
    confirm(&nobody, &token, PASSWORD).await.problem(401);
    assert_eq!(app.head().await, 1);
}

#[tokio::test]
async fn every_refusal_is_the_same_after_the_same_work() {
    let app = TestApp::new().await;
    let nobody = app.anonymous();
    let (used, wrong, late) = (
        asked(&app, "ulla@example.test", PASSWORD).await,
        asked(&app, "otto@example.test", PASSWORD).await,
        asked(&app, "lena@example.test", PASSWORD).await,
    );
    confirm(&nobody, &used, PASSWORD).await.is(200);
    let taken = asked(&app, "nora@example.test", PASSWORD).await;
    let first = asked(&app, "nora@example.test", OTHER).await;
    confirm(&nobody, &first, OTHER).await.is(200);
    let wish = json!({ "email": "otto@example.test" });
    app.user("Otto2").await;
    nobody
        .post(
            "/api/auth/password/forgot",
            &json!({ "email": "otto2@example.test" }),
        )
        .await
        .is(202);
    let reset = app
        .mailbox()
        .next_of("otto2@example.test", "password_reset")
        .await;
    nobody.post("/api/auth/password/forgot", &wish).await.is(202);
    let head = app.head().await;

    let hasher = app.shared().identity.hasher();
    let mut refusals: Vec<Value> = Vec::new();
    let unknown = "f00d".repeat(16);
    let purpose = reset.token();
    for (token, password) in [
        (used.as_str(), PASSWORD),
        (&wrong, OTHER),
        (&taken, PASSWORD),
        (&unknown, PASSWORD),
        (purpose, PASSWORD),
        ("", PASSWORD),
        ("no token", ""),
    ] {
        let before = hasher.verifications();
        let mut problem = confirm(&nobody, token, password).await.problem(401);
        assert_eq!(hasher.verifications() - before, 1, "{token}");
        problem.as_object_mut().unwrap().remove("requestId");
        refusals.push(problem);
    }
    app.clock().advance(Duration::from_hours(24));
    let mut problem = confirm(&nobody, &late, PASSWORD).await.problem(401);
    problem.as_object_mut().unwrap().remove("requestId");
    refusals.push(problem);
    for refusal in &refusals {
        assert_eq!(refusal["error"], refusals[0]["error"]);
        assert_eq!(refusal["detail"], refusals[0]["detail"]);
    }
    assert_eq!(app.head().await, head);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_fifty_at_once_one_is_let_in_and_there_is_one_account() {
    let app = TestApp::new().await;
    let nobody = app.anonymous();
    let token = asked(&app, "one@example.test", PASSWORD).await;
    let answers = join_all((0..50).map(|_| confirm(&nobody, &token, PASSWORD))).await;
    let let_in = answers.iter().filter(|answer| answer.status == 200).count();
    for answer in answers.iter().filter(|answer| answer.status != 200) {
        assert!(matches!(answer.status, 401 | 503), "{}", answer.text());
    }
    assert_eq!(let_in, 1);
    assert_eq!(app.head().await, 1);
    app.anonymous().sign_in("one@example.test", PASSWORD).await;
}

#[tokio::test]
async fn a_stranger_cannot_have_an_account_confirmed_by_its_victim() {
    let app = TestApp::new().await;
    // The stranger chooses a password, and the owner of the address gets the mail.
    let token = asked(&app, "victim@example.test", OTHER).await;
    confirm(&app.anonymous(), &token, PASSWORD).await.problem(401);
    assert_eq!(app.head().await, 0);
    // The owner's own registration is in nobody's way.
    let own = asked(&app, "victim@example.test", PASSWORD).await;
    confirm(&app.anonymous(), &own, PASSWORD).await.is(200);
    confirm(&app.anonymous(), &token, OTHER).await.problem(401);
    app.anonymous().sign_in("victim@example.test", PASSWORD).await;
}

#[tokio::test]
async fn a_guest_becomes_a_user_and_what_let_them_in_as_a_guest_ends() {
    let app = TestApp::new().await;
    let id = guest(&app, "gina@example.test").await;
    let subject = domain::AccountId::from_uuid(id.parse().unwrap());
    let identity = &app.shared().identity;
    let link = identity::Link {
        purpose: identity::Purpose::Guest,
        subject: subject.as_uuid(),
        ticket: None,
    };
    let guests_link = identity
        .links
        .create(&link, Duration::from_hours(72))
        .await
        .unwrap();
    let signed_in = identity::SignedIn::guest(subject);
    let session = identity
        .sessions
        .create(&signed_in, &identity::Browser::default())
        .await
        .unwrap();
    let as_guest = app.anonymous().with_token(session.token.expose());
    assert_eq!(as_guest.get("/api/auth/me").await.good()["role"], "GUEST");

    let token = asked(&app, "GINA@example.test", PASSWORD).await;
    let answer = confirm(&app.anonymous(), &token, PASSWORD).await.is(200).json();
    assert_eq!(answer["user"]["id"], id);
    assert_eq!(answer["user"]["role"], "USER");
    assert_eq!(answer["user"]["name"], "Ulla");
    as_guest.get("/api/auth/me").await.problem(401);
    let left = identity
        .links
        .look(identity::Purpose::Guest, guests_link.expose())
        .await;
    assert_eq!(left.unwrap(), None);
    app.anonymous().sign_in("gina@example.test", PASSWORD).await;
}

#[tokio::test]
async fn what_a_crash_left_half_way_can_be_confirmed_again() {
    let app = TestApp::new().await;
    // Dead after a guest's account got its password, and before it was a user's.
    let id = guest(&app, "gina@example.test").await;
    let token = asked(&app, "gina@example.test", PASSWORD).await;
    let identity = &app.shared().identity;
    let typed = identity::Password::new(PASSWORD.to_owned());
    let proved = identity.registrations.prove(&token, &typed).await.unwrap();
    let account = domain::AccountId::from_uuid(id.parse().unwrap());
    identity.claim(account, &proved.password).await.unwrap();
    let answer = confirm(&app.anonymous(), &token, PASSWORD).await.is(200).json();
    assert_eq!(answer["user"]["id"], id);
    assert_eq!(answer["user"]["role"], "USER");

    // Dead after a new account's first event, and before its address was confirmed.
    let token = asked(&app, "ulla@example.test", PASSWORD).await;
    let proved = identity.registrations.prove(&token, &typed).await.unwrap();
    let account = domain::AccountId::from_uuid(proved.id);
    identity
        .logins
        .hold(&proved.applicant.email, account, &proved.password)
        .await
        .unwrap();
    let command = domain::AccountCommand::Register {
        account,
        email: proved.applicant.email.clone(),
        name: proved.applicant.name.clone(),
        role: Role::User,
        department: None,
    };
    let cause = Cause::once(Origin::Http, uuid::Uuid::nil(), &SystemClock, &OsEntropy);
    let commands = &app.shared().commands;
    let expect = commands::Expect::Any;
    commands
        .execute_account(&Actor::Anonymous, &cause, account, expect, command)
        .await
        .unwrap();
    let head = app.head().await;
    let answer = confirm(&app.anonymous(), &token, PASSWORD).await.is(200).json();
    assert_eq!(answer["user"]["id"], account.to_string());
    assert_eq!(app.head().await, head, "the account had begun already");
    confirm(&app.anonymous(), &token, PASSWORD).await.problem(401);
}

#[tokio::test]
async fn a_deactivated_account_is_not_revived_by_registering_again() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let path = format!("/api/admin/users/{}", ulla.id());
    ada.patch(&path, &json!({ "isActive": false })).await.good();
    let registrations = &app.shared().identity.registrations;
    let applicant = identity::Applicant {
        email: Email::parse("ulla@example.test").unwrap(),
        name: PersonName::parse("Ulla").unwrap(),
        department: None,
    };
    let password = identity::NewPassword::parse(identity::Password::new(PASSWORD.to_owned())).unwrap();
    // No mail would be sent; suppose that somebody had a link all the same.
    let link = identity::Link {
        purpose: identity::Purpose::Registration,
        subject: registrations.create(&applicant, &password).await.unwrap(),
        ticket: None,
    };
    let token = app
        .shared()
        .identity
        .links
        .create(&link, Duration::from_hours(1))
        .await
        .unwrap();
    confirm(&app.anonymous(), token.expose(), PASSWORD)
        .await
        .problem(401);
    let login = json!({ "email": "ulla@example.test", "password": PASSWORD });
    app.anonymous().post("/api/auth/login", &login).await.problem(401);
}

#[tokio::test]
async fn a_session_is_always_a_new_one() {
    let app = TestApp::new().await;
    // A browser comes with a session that somebody else planted there (fixation).
    let eve = app.user("Eve").await;
    let token = asked(&app, "ulla@example.test", PASSWORD).await;
    let answer = confirm(&eve.in_browser(), &token, PASSWORD).await.is(200);
    assert_ne!(answer.cookie(SESSION_COOKIE).unwrap(), eve.token());
    assert_eq!(answer.json()["user"]["email"], "ulla@example.test");
    eve.get("/api/auth/me").await.problem(401);
}
