//! `POST /api/guest/session` and `POST /api/guest/link`: how a guest gets in, and who does not.

use std::time::Duration;

use domain::ids::{AccountId, TicketId};
use futures::future::join_all;
use identity::{Link, Purpose};
use serde_json::json;
use tests::app::{SESSION_COOKIE, TestApp};
use tests::wait;

use super::{Wish, code_of, enter, guest, mailed, path_of};
use crate::shape::has_keys;

const GINA: &str = "gina@example.test";
const SESSION: &str = "/api/guest/session";

#[tokio::test]
async fn a_link_lets_its_guest_in_once() {
    let app = TestApp::new().await;
    let submitted = Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let mail = mailed(&app, GINA).await;
    let id = submitted.json()["ticketId"].as_str().unwrap().to_owned();
    // The token stands where no server, log or Referer sees it.
    let path = format!("{}/tickets/view/{id}#", app.url());
    assert!(
        mail.link().contains(&format!("/tickets/view/{id}#")),
        "{} {path}",
        mail.link()
    );

    let answer = app
        .anonymous()
        .post(SESSION, &json!({ "token": mail.token() }))
        .await
        .is(200);
    let session = answer.json();
    has_keys(&session, &["user", "token", "ticketId"]);
    assert_eq!(session["ticketId"], id.as_str());
    assert_eq!(session["user"]["role"], "GUEST");
    assert_eq!(session["user"]["email"], GINA);
    assert_eq!(
        answer.cookie(SESSION_COOKIE).unwrap(),
        session["token"].as_str().unwrap()
    );
    let gina = app.anonymous().with_token(session["token"].as_str().unwrap());
    gina.in_browser().get(&path_of(&submitted)).await.is(200);

    let again = app
        .anonymous()
        .post(SESSION, &json!({ "token": mail.token() }))
        .await;
    again.problem(401);
    assert!(again.cookie(SESSION_COOKIE).is_none());
    gina.get("/api/auth/me").await.is(200);
}

/// Defect 22: a code without its dashes failed, and so did everybody's on another device.
#[tokio::test]
async fn a_code_lets_in_more_than_once_however_it_is_typed() {
    let app = TestApp::new().await;
    let submitted = Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let code = code_of(&mailed(&app, GINA).await);
    for typed in [
        code.clone(),
        code.replace('-', ""),
        code.to_lowercase(),
        format!(" {} ", code.replace('-', " ").replace('0', "O").replace('1', "l")),
    ] {
        let answer = app
            .anonymous()
            .post(SESSION, &json!({ "code": typed }))
            .await
            .is(200);
        assert_eq!(answer.json()["ticketId"], submitted.json()["ticketId"]);
        let token = answer.json()["token"].as_str().unwrap().to_owned();
        app.anonymous()
            .with_token(&token)
            .get(&path_of(&submitted))
            .await
            .is(200);
    }
}

#[tokio::test]
async fn of_fifty_at_once_with_one_link_one_gets_in() {
    let app = TestApp::new().await;
    Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let mail = mailed(&app, GINA).await;
    let wish = json!({ "token": mail.token() });
    let nobody = app.anonymous();
    let answers = join_all((0..50).map(|_| nobody.post(SESSION, &wish))).await;
    let mut statuses: Vec<_> = answers.iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!((statuses[0], &statuses[1..]), (200, &[401; 49][..]));
}

#[tokio::test]
async fn links_and_codes_end_after_their_hours() {
    let app = TestApp::with(&[("GUEST_LINK_HOURS", "2")]).await;
    Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let (first, second) = (mailed(&app, GINA).await, mailed(&app, GINA).await);
    app.clock().advance(Duration::from_mins(118));
    enter(&app, &json!({ "token": first.token() })).await;
    enter(&app, &json!({ "code": code_of(&second) })).await;
    app.clock().advance(Duration::from_mins(2));
    for proof in [
        json!({ "token": second.token() }),
        json!({ "code": code_of(&second) }),
    ] {
        app.anonymous().post(SESSION, &proof).await.problem(401);
    }
}

#[tokio::test]
async fn links_for_something_else_open_nothing_and_stay_good_for_that() {
    let app = TestApp::new().await;
    let (gina, path) = guest(&app, GINA).await;
    let subject: AccountId = gina.id().parse().unwrap();
    let ticket: TicketId = path.rsplit('/').next().unwrap().parse().unwrap();
    let links = &app.shared().identity.links;
    for purpose in [
        Purpose::Registration,
        Purpose::PasswordReset,
        Purpose::Identity,
        Purpose::Unsubscribe,
    ] {
        let link = Link {
            purpose,
            subject: subject.as_uuid(),
            ticket: Some(ticket),
        };
        let token = links.create(&link, Duration::from_hours(1)).await.unwrap();
        let wish = json!({ "token": token.expose() });
        app.anonymous().post(SESSION, &wish).await.problem(401);
        assert_eq!(links.look(purpose, token.expose()).await.unwrap(), Some(link));
    }
}

#[tokio::test]
async fn every_wrong_proof_is_refused_alike() {
    let app = TestApp::new().await;
    let (gina, _) = guest(&app, GINA).await;
    let mut bodies = Vec::new();
    for proof in [
        json!({ "token": "0".repeat(64) }),
        json!({ "token": "" }),
        json!({ "token": "x".repeat(10_000) }),
        json!({ "token": gina.token() }),
        json!({ "code": "Q2MZ-8RDP-5VTN-J6KW" }),
        json!({ "code": "UUUU-UUUU-UUUU-UUUU" }),
        json!({ "code": "' OR 1=1 --" }),
        json!({ "code": "" }),
    ] {
        let mut problem = app.anonymous().post(SESSION, &proof).await.problem(401);
        problem.as_object_mut().unwrap().remove("requestId");
        bodies.push(problem);
    }
    bodies.dedup();
    assert_eq!(bodies.len(), 1, "{bodies:?}");
    app.anonymous()
        .post(SESSION, &json!({}))
        .await
        .blames(422, "token");
    let both = json!({ "token": "0".repeat(64), "code": "Q2MZ-8RDP-5VTN-J6KW" });
    app.anonymous().post(SESSION, &both).await.blames(422, "code");
    app.anonymous()
        .post(SESSION, &json!({ "token": null }))
        .await
        .blames(422, "token");
    app.anonymous()
        .post(SESSION, &json!({ "code": 5 }))
        .await
        .blames(422, "code");
    let more = json!({ "token": "0", "email": GINA });
    app.anonymous().post(SESSION, &more).await.blames(422, "email");
}

#[tokio::test]
async fn proofs_are_tried_so_often_and_no_more() {
    let app = TestApp::with(&[("PROOFS_PER_MINUTE", "5")]).await;
    let wrong = json!({ "code": "Q2MZ-8RDP-5VTN-J6KW" });
    for _ in 0..10 {
        app.anonymous().post(SESSION, &wrong).await.problem(401);
    }
    let refused = app.anonymous().post(SESSION, &wrong).await;
    refused.problem(429);
    assert!(refused.header("retry-after").parse::<u32>().unwrap() > 0);
}

/// Only guests are let in so: with an account of one's own one signs in, and nobody learns who has which.
#[tokio::test]
async fn the_answer_to_who_wants_a_link_is_the_same_for_all_and_only_guests_get_one() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    ulla.new_ticket("Printer on fire").await;
    Wish::of(GINA).submit(&app.anonymous()).await.is(201);
    let mut answers = Vec::new();
    for email in [ulla.email(), "nobody@example.test", GINA] {
        let answer = app
            .anonymous()
            .post("/api/guest/link", &json!({ "email": email }))
            .await;
        answers.push(answer.is(202).text());
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
    app.mailbox().next_of(GINA, "guest_link").await;
    let admin = app.database().admin().await;
    let open = "SELECT count(*) FROM reactors.deliveries WHERE kind = 'guest_link' AND done_at IS NULL";
    wait::until("all wishes to be dealt with", async || {
        let open: i64 = admin.query_one(open, &[]).await.unwrap().get(0);
        (open == 0).then_some(())
    })
    .await;
    let mails = app.mailbox().all();
    let links: Vec<_> = mails.iter().filter(|mail| mail.kind == "guest_link").collect();
    assert_eq!(links.len(), 1);
    assert_eq!(links[0].to, [GINA]);
    app.anonymous()
        .post("/api/guest/link", &json!({ "email": "x" }))
        .await
        .blames(422, "email");
    app.anonymous()
        .post("/api/guest/link", &json!({}))
        .await
        .blames(422, "email");
}
