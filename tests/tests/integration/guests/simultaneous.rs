//! Submissions at once, again, and half-way.

use std::time::Duration;

use futures::future::join_all;
use reqwest::Method;
use tests::app::TestApp;
use tests::chaos_proxy::{Cut, Weather};
use tests::wait;

use super::{Wish, file, path_of};

const GINA: &str = "gina@example.test";

#[tokio::test]
async fn many_at_once_with_a_new_address_make_one_account() {
    let app = TestApp::new().await;
    let other = app.second_node().await;
    let ada = app.admin("Ada").await;
    let head = app.head().await;
    let wish = Wish::of(GINA);
    let (here, there) = (app.anonymous(), other.anonymous());
    let answers =
        join_all((0..8).map(|number| wish.submit(if number % 2 == 0 { &here } else { &there }))).await;
    let mut accounts = Vec::new();
    for answer in answers {
        let ticket = ada.get(&path_of(&answer.is(201))).await.good();
        accounts.push(ticket["createdBy"]["id"].clone());
    }
    accounts.dedup();
    assert_eq!(accounts.len(), 1, "{accounts:?}");
    assert_eq!(app.head().await, head + 9);
    other.stop().await;
}

#[tokio::test]
async fn a_repetition_under_a_key_is_one_ticket_and_the_key_is_its_addresss() {
    let app = TestApp::new().await;
    let send = async |wish: &Wish, text: &'static str| {
        let form = wish.form().part("files", file("a.txt", text));
        let request = app.anonymous().request(Method::POST, "/api/tickets/anonymous");
        request.header("Idempotency-Key", "k-1").form(form).send().await
    };
    let wish = Wish::of(GINA);
    let first = send(&wish, "hello").await.is(201).json();
    let head = app.head().await;
    assert_eq!(send(&wish, "hello").await.is(201).json(), first);
    assert_eq!(first["attachmentsCount"], 1);
    // Under the same key for something else.
    send(&wish, "other").await.problem(422);
    send(&wish.clone().with("title", "Other title"), "hello")
        .await
        .problem(422);
    assert_eq!(app.head().await, head);
    // Whoever takes the same key for another address hits upon nobody's ticket.
    let other = send(&Wish::of("otto@example.test"), "hello").await.is(201).json();
    assert_ne!(other["ticketId"], first["ticketId"]);
    assert_eq!(app.head().await, head + 3);
}

#[tokio::test]
async fn what_ends_between_account_and_ticket_is_found_by_the_next_submission() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let ada = app.admin("Ada").await;
    let head = app.head().await;
    // The account is recorded, and nobody can say so any more.
    let sprung = proxy.trap("UPDATE auth.logins SET confirmed_at", Cut::BeforeForwarding);
    Wish::of(GINA).submit(&app.anonymous()).await.problem(503);
    sprung.wait().await;
    assert_eq!(app.head().await, head + 1);
    app.clock().advance(Duration::from_secs(61));
    let answer = wait::until("the address to be given back", async || {
        let answer = Wish::of(GINA).submit(&app.anonymous()).await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    // No second account: the first one is whose the ticket is.
    assert_eq!(app.head().await, head + 2);
    let ticket = ada.get(&path_of(&answer)).await.good();
    assert_eq!(ticket["createdBy"]["email"], GINA);
    assert_eq!(ticket["createdBy"]["role"], "GUEST");
}

#[tokio::test]
async fn a_submission_while_the_database_is_away_leaves_nothing() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let head = app.head().await;
    proxy.set(Weather::Down);
    let lost = Wish::of(GINA).submit(&app.anonymous()).await;
    lost.problem(503);
    proxy.set(Weather::Calm);
    let answer = wait::until("the database again", async || {
        let answer = Wish::of(GINA).submit(&app.anonymous()).await;
        (answer.status != 503).then_some(answer)
    })
    .await;
    answer.is(201);
    assert_eq!(app.head().await, head + 2);
}
