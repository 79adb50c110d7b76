//! The official client comes back by itself after a loss, and is told what it missed and may see by then: after rights
//! were lost or gained, tickets deleted, too much missed, and at another node (R2, R4; S-132 to S-134).

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::chaos_proxy::Weather;
use tests::socketio::Args;

use super::traveller::Traveller;

fn late(name: &str, position: i64) -> (String, i64, bool) {
    (name.to_owned(), position, true)
}

fn live(name: &str, position: i64) -> (String, i64, bool) {
    (name.to_owned(), position, false)
}

/// Says something on a ticket; where that is in the log.
async fn say(person: &Client, ticket: &Value, content: &str, is_internal: bool) -> i64 {
    let path = format!("/api/tickets/{}/comments", ticket["id"].as_str().unwrap());
    let wish = json!({ "content": content, "isInternal": is_internal });
    person.post(&path, &wish).await.is(201).position()
}

async fn change(person: &Client, ticket: &Value, wish: &Value) -> i64 {
    let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
    person.patch(&path, wish).await.is(200).position()
}

async fn become_role(admin: &Client, person: &Client, role: &str) -> i64 {
    let path = format!("/api/admin/users/{}", person.id());
    let wish = json!({ "role": role });
    admin.patch(&path, &wish).await.is(200).position()
}

#[tokio::test]
async fn rights_that_were_lost_meanwhile_are_lost_for_what_was_missed() {
    let app = TestApp::new().await;
    let (ada, eve, ulla) = (
        app.admin("Ada").await,
        app.admin("Eve").await,
        app.user("Ulla").await,
    );
    let (foreign, own) = (ulla.new_ticket("Ulla's").await, eve.new_ticket("Eve's own").await);
    let mut traveller = Traveller::new(&app, &eve, &[&foreign, &own]).await;
    let seen = say(&ulla, &foreign, "She hears it", false).await;
    let is_it = |args: &Args| args[1]["position"] == seen;
    traveller.socket.expect_where("comment:added", is_it).await;

    traveller.leave().await;
    // While she still had the right, and afterwards.
    say(&ulla, &foreign, "canary, before", false).await;
    say(&ada, &own, "canary, internal", true).await;
    become_role(&ada, &eve, "USER").await;
    say(&ulla, &foreign, "canary, after", false).await;
    change(&ada, &foreign, &json!({ "title": "canary in a title" })).await;
    ulla.new_ticket("canary of a new ticket").await;
    let on_own = say(&ada, &own, "For her", false).await;
    let welcome = traveller.come_back().await;
    let answers = json!([
        { "ticket": foreign["id"], "ok": false, "error": "not found" },
        { "ticket": own["id"], "ok": true },
    ]);
    assert_eq!(welcome["tickets"], answers);

    say(&ulla, &foreign, "canary, live", false).await;
    let last = say(&eve, &own, "Thank you", false).await;
    let is_last = |args: &Args| args[1]["position"] == last;
    traveller.socket.expect_where("comment:added", is_last).await;
    let expected = [late("comment:added", on_own), live("comment:added", last)];
    assert_eq!(traveller.told(), expected);
    assert!(!traveller.has_heard("canary"));
}

#[tokio::test]
async fn rights_that_were_gained_meanwhile_count_for_all_that_was_missed() {
    let app = TestApp::new().await;
    let (ada, eve, ulla) = (
        app.admin("Ada").await,
        app.user("Eve").await,
        app.user("Ulla").await,
    );
    let (foreign, own) = (ulla.new_ticket("Ulla's").await, eve.new_ticket("Eve's own").await);
    let mut traveller = Traveller::new(&app, &eve, &[&own]).await;

    traveller.leave().await;
    let updated = change(&ada, &foreign, &json!({ "status": "WAITING" })).await;
    // Of the room that she did not ask for, she is told nothing.
    say(&ulla, &foreign, "In a room", false).await;
    let internal = say(&ada, &own, "Between agents", true).await;
    let promoted = become_role(&ada, &eve, "ADMIN").await;
    let created = ulla
        .post("/api/tickets", &wish_for("Another one"))
        .await
        .is(201)
        .position();
    let welcome = traveller.come_back().await;
    assert_eq!(welcome["tickets"], json!([{ "ticket": own["id"], "ok": true }]));

    // And so it is from then on, also in rooms of others.
    let joined = traveller.socket.ask("join-ticket", json!([foreign["id"]])).await;
    assert_eq!(joined[0]["ok"], true, "{joined:?}");
    let last = say(&ulla, &foreign, "Heard", false).await;
    let is_last = |args: &Args| args[1]["position"] == last;
    traveller.socket.expect_where("comment:added", is_last).await;
    let expected = [
        late("ticket:updated", updated),
        late("comment:added", internal),
        late("account:updated", promoted),
        late("ticket:created", created),
        live("comment:added", last),
    ];
    assert_eq!(traveller.told(), expected);
}

fn wish_for(title: &str) -> Value {
    json!({ "title": title, "description": "Probe description text", "category": "OTHER" })
}

#[tokio::test]
async fn a_ticket_that_was_deleted_meanwhile_shows_in_its_deletion_only() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let (gone, kept) = (
        ulla.new_ticket("It goes").await,
        ulla.new_ticket("It stays").await,
    );
    let mut agent = Traveller::new(&app, &ada, &[&gone, &kept]).await;
    let mut owner = Traveller::new(&app, &ulla, &[&gone, &kept]).await;
    for traveller in [&mut agent, &mut owner] {
        traveller.leave().await;
    }
    say(&ulla, &gone, "canary in a comment", false).await;
    let brief = ulla
        .post("/api/tickets", &wish_for("canary of a short life"))
        .await
        .is(201);
    let on_kept = say(&ada, &kept, "Still here", false).await;
    let mut deletions = Vec::new();
    for ticket in [&gone, &brief.json()] {
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
        deletions.push(ada.delete(&path).await.is(200).position());
    }
    for traveller in [&mut agent, &mut owner] {
        let welcome = traveller.come_back().await;
        let answers = json!([
            { "ticket": gone["id"], "ok": false, "error": "not found" },
            { "ticket": kept["id"], "ok": true },
        ]);
        assert_eq!(welcome["tickets"], answers);
        let expected = [
            late("comment:added", on_kept),
            late("ticket:deleted", deletions[0]),
            late("ticket:deleted", deletions[1]),
        ];
        assert_eq!(traveller.told(), expected);
        assert!(!traveller.has_heard("canary in a comment"));
    }
}

#[tokio::test]
async fn whoever_was_away_for_too_long_is_told_to_fetch_anew_and_then_what_happens() {
    let app = TestApp::with(&[("RESUME_EVENTS_MAX", "5")]).await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let mut traveller = Traveller::new(&app, &ulla, &[&ticket]).await;
    let seen = say(&ulla, &ticket, "Seen", false).await;
    traveller.socket.expect("comment:added").await;

    traveller.leave().await;
    let mut head = seen;
    while head < seen + 6 {
        head = say(&ulla, &ticket, "Missed", false).await;
    }
    traveller.way.set(Weather::Calm);
    traveller.socket.connected_times(2).await;
    let resync = traveller.socket.expect("resync").await;
    assert_eq!(resync, [json!({ "position": head, "reason": "too-far" })]);
    let next = say(&ulla, &ticket, "After it", false).await;
    let is_next = |args: &Args| args[1]["position"] == next;
    traveller.socket.expect_where("comment:added", is_next).await;
    assert_eq!(
        traveller.told(),
        [live("comment:added", next)],
        "the room is kept"
    );
    assert!(traveller.since("caught-up").is_empty());

    // From there on it is told what it misses, as far as the limit goes.
    traveller.leave().await;
    let mut missed = Vec::new();
    for _ in 0..5 {
        missed.push(late("comment:added", say(&ulla, &ticket, "Missed", false).await));
    }
    let welcome = traveller.come_back().await;
    assert_eq!(welcome["replaying"], true);
    assert_eq!(traveller.told(), missed);
    assert_eq!(traveller.socket.received("resync").len(), 1);
}

#[tokio::test]
async fn a_position_that_the_log_does_not_have_is_answered_by_a_resync() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let auth = json!({ "token": ulla.token(), "tickets": [ticket["id"]], "position": 1_000_000 });
    let traveller = Traveller::with(&app, &auth).await;
    let resync = traveller.socket.expect("resync").await;
    let head = app.head().await;
    assert_eq!(
        resync,
        [json!({ "position": head, "reason": "unknown-position" })]
    );
    let next = say(&ulla, &ticket, "After it", false).await;
    traveller.socket.expect("comment:added").await;
    assert_eq!(traveller.told(), [live("comment:added", next)]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_another_node_it_is_told_what_it_missed_at_the_first_and_back_again() {
    let one = TestApp::new().await;
    let two = one.second_node().await;
    let (ada, ulla) = (one.admin("Ada").await, one.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let mut agent = Traveller::new(&one, &ada, &[&ticket]).await;
    let mut owner = Traveller::new(&one, &ulla, &[&ticket]).await;
    for (round, node) in [&two, &one, &two].into_iter().enumerate() {
        let live_before = say(&ada, &ticket, "Live", false).await;
        let is_it = |args: &Args| args[1]["position"] == live_before;
        for traveller in [&mut agent, &mut owner] {
            traveller.socket.expect_where("comment:added", is_it).await;
            traveller.leave().await;
            traveller.way.lead_to(node.address());
        }
        // Written at both, while nobody is there.
        let updated = change(
            &ada.at(&two.url()),
            &ticket,
            &json!({ "title": format!("Round {round}") }),
        )
        .await;
        let internal = say(&ada.at(&one.url()), &ticket, "Between agents", true).await;
        let public = say(&ulla.at(&two.url()), &ticket, "Missed", false).await;
        let missed = |is_agent: bool| {
            let internal = is_agent.then(|| late("comment:added", internal));
            let rest = internal.into_iter().chain([late("comment:added", public)]);
            std::iter::once(late("ticket:updated", updated))
                .chain(rest)
                .collect::<Vec<_>>()
        };
        for (traveller, is_agent) in [(&agent, true), (&owner, false)] {
            traveller.come_back().await;
            let told = traveller.told();
            assert_eq!(told, missed(is_agent), "round {round}");
        }
        tests::wait::until("both at the node that the way leads to", async || {
            (node.realtime().sockets == 2).then_some(())
        })
        .await;
    }
}
