//! R4: rights that change act at once.

use std::time::{Duration, Instant};

use domain::actor::Role;
use domain::ticket::Visibility;
use realtime::{Options, Revocation, SessionKey};
use serde_json::json;

use crate::client::{Client, names};
use crate::world::{PATIENCE, World, until};

const AT_ONCE: Duration = Duration::from_secs(1);

/// The namespace is left ("41"), and then the connection ends; measures until the former.
async fn assert_dismissed(client: &mut Client, since: Instant) {
    assert_eq!(client.packet().await.as_deref(), Some("41"));
    assert!(since.elapsed() < AT_ONCE, "{:?}", since.elapsed());
    assert!(client.ended().await.is_empty(), "nothing after it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_ends_closes_its_sockets() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let agent = world.person("agent", Role::Admin).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    let mut first = Client::connect(&world, &owner).await;
    let mut second = Client::connect(&world, &owner).await;
    let mut other = Client::connect(&world, &agent).await;
    first.join(ticket).await;

    let since = Instant::now();
    world.sessions.end(&owner.token);
    assert_dismissed(&mut first, since).await;
    world.until("both are gone", |stats| stats.sockets == 1).await;
    world.comment(ticket, &agent, Visibility::Public, "canary").await;
    assert_eq!(second.packet().await.as_deref(), Some("41"));
    assert!(second.ended().await.is_empty());
    assert!(other.is_well().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn all_sessions_but_one_may_end() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let mut here = Client::connect(&world, &owner).await;
    world.sessions.tell(Revocation::Account {
        account: owner.account,
        keep: None,
    });
    assert_dismissed(&mut here, Instant::now()).await;

    let mut here = Client::connect(&world, &owner).await;
    let kept = world.sessions.key(&owner.token);
    world.sessions.tell(Revocation::Account {
        account: owner.account,
        keep: Some(kept),
    });
    world.sessions.tell(Revocation::Session(SessionKey([9; 32])));
    // Whoever is ended after that shows that it has been heard.
    let agent = world.person("agent", Role::Admin).await;
    let mut last = Client::connect(&world, &agent).await;
    let since = Instant::now();
    world.sessions.end(&agent.token);
    assert_dismissed(&mut last, since).await;
    assert!(here.is_well().await);
}

/// A database that is back tells that news may have been missed before it can be asked what they were.
#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_told_at_once_is_asked_for_again() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let mut unheard = Client::connect(&world, &owner).await;
    world.sessions.end_unheard(&owner.token);
    world.sessions.set_away(true);
    world.sessions.tell(Revocation::Missed);
    until("it is asked for", || world.sessions.asked_in_vain() > 0).await;
    let since = Instant::now();
    world.sessions.set_away(false);
    assert_dismissed(&mut unheard, since).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revocation_that_was_missed_is_found_out() {
    let options = Options {
        recheck_interval: Duration::from_millis(50),
        ..Options::default()
    };
    let world = World::with(options).await;
    let owner = world.person("owner", Role::User).await;
    let mut unheard = Client::connect(&world, &owner).await;
    world.sessions.end_unheard(&owner.token);
    assert_dismissed(&mut unheard, Instant::now()).await;

    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let agent = world.person("agent", Role::Admin).await;
    let mut unheard = Client::connect(&world, &owner).await;
    let mut other = Client::connect(&world, &agent).await;
    world.sessions.end_unheard(&owner.token);
    world.sessions.tell(Revocation::Missed);
    assert_dismissed(&mut unheard, Instant::now()).await;
    assert!(other.is_well().await);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_deactivated_account_is_out_at_once() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let mut client = Client::connect(&world, &agent).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    client.join(ticket).await;
    let since = Instant::now();
    world.deactivate(&agent).await;
    world.comment(ticket, &owner, Visibility::Public, "canary").await;
    assert_eq!(client.next().await.name, "ticket:created");
    assert_dismissed(&mut client, since).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_no_agent_any_more_leaves_the_rooms_of_others() {
    let world = World::new().await;
    let person = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let foreign = world.ticket(&owner, "Somebody else's").await;
    let own = world.ticket(&person, "His own one").await;
    world.settled().await;
    let mut client = Client::connect(&world, &person).await;
    client.join(foreign).await;
    client.join(own).await;

    world.change_role(&person, Role::User).await;
    world.comment(foreign, &owner, Visibility::Public, "canary").await;
    world.comment(own, &owner, Visibility::Internal, "canary").await;
    world.comment(own, &owner, Visibility::Public, "For him").await;
    world.settled().await;
    let received = client.everything().await;
    assert_eq!(names(&received), ["comment:added"]);
    assert_eq!(received[0].object["content"], "For him");
    assert_eq!(world.realtime.stats().members, 1);
    assert_eq!(
        client.join(foreign).await,
        json!({ "ok": false, "error": "not found" })
    );

    world.change_role(&person, Role::Admin).await;
    world.settled().await;
    assert_eq!(client.join(foreign).await, json!({ "ok": true }));
}

/// Events and rights are one sequence: what comes before a demotion is received, what comes after it is not.
#[tokio::test(flavor = "multi_thread")]
async fn rights_change_exactly_where_they_changed_in_the_log() {
    let world = World::new().await;
    let person = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let mut client = Client::connect(&world, &person).await;
    for round in 0..10 {
        world.ticket(&owner, &format!("Before {round}")).await;
        world.change_role(&person, Role::User).await;
        world.ticket(&owner, &format!("canary {round}")).await;
        // Whoever has a right again by the time that something is told may be told it: rights are those of now.
        world.settled().await;
        world.change_role(&person, Role::Admin).await;
    }
    world.settled().await;
    let received = client.everything().await;
    let titles: Vec<_> = received
        .iter()
        .filter(|received| received.name == "ticket:created")
        .map(|received| received.object["title"].as_str().unwrap().to_owned())
        .collect();
    let expected: Vec<_> = (0..10).map(|round| format!("Before {round}")).collect();
    assert_eq!(titles, expected);
}

/// The directory answers, then the role changes everywhere, and only then the client is given what was answered.
#[tokio::test(flavor = "multi_thread")]
async fn a_role_that_changes_while_its_client_is_let_in_is_the_new_one() {
    let world = World::new().await;
    let person = world.person("agent", Role::Admin).await;
    let owner = world.person("owner", Role::User).await;
    let foreign = world.ticket(&owner, "Somebody else's").await;
    world.settled().await;
    let session = Client::open(&world, &[]).await.unwrap();
    // The handshake asks whether the account is known, and who it is once it is registered.
    let (is_given, let_go) = world.people.hold(&person, 1);
    let changing = async {
        tokio::task::spawn_blocking(move || is_given.recv_timeout(PATIENCE))
            .await
            .unwrap()
            .unwrap();
        world.change_role(&person, Role::User).await;
        world.settled().await;
        let_go.send(()).unwrap();
    };
    let auth = person.auth();
    let (client, ()) = tokio::join!(session.join_namespace(&auth), changing);
    let mut client = client.unwrap();
    assert_eq!(
        client.join(foreign).await,
        json!({ "ok": false, "error": "not found" })
    );
    world.ticket(&owner, "canary").await;
    world.settled().await;
    assert_eq!(client.everything().await, []);
}
