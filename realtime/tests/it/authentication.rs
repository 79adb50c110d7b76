//! Who is let in.

use std::time::Duration;

use domain::actor::Role;
use domain::ids::AccountId;
use realtime::{AudienceMode, Options};
use serde_json::json;

use crate::client::{Client, Refusal};
use crate::world::{World, id};

fn unauthorized<T>() -> Result<T, Refusal> {
    Err(Refusal::Message("unauthorized".to_owned()))
}

async fn attempt(world: &World, headers: &[(&str, &str)], auth: serde_json::Value) -> Result<(), Refusal> {
    let client = Client::open(world, headers).await.unwrap();
    client.join_namespace(&auth).await.map(drop)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_or_a_cookie_of_a_living_session_lets_in() {
    let world = World::new().await;
    let person = world.person("owner", Role::User).await;
    let cookie = format!("theme=dark; informejo_session={}; x=y", person.token);
    let secure_cookie = format!("__Host-informejo_session={}", person.token);
    let own = format!("http://{}", world.address);

    assert_eq!(attempt(&world, &[], person.auth()).await, Ok(()));
    let with_cookie = [("origin", own.as_str()), ("cookie", cookie.as_str())];
    assert_eq!(attempt(&world, &with_cookie, json!({})).await, Ok(()));
    assert_eq!(
        attempt(&world, &with_cookie, json!({ "token": null })).await,
        Ok(())
    );
    let with_secure_cookie = [("origin", own.as_str()), ("cookie", secure_cookie.as_str())];
    assert_eq!(
        attempt(&world, &with_secure_cookie, json!({ "later": [1] })).await,
        Ok(())
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_is_let_in() {
    let world = World::new().await;
    let person = world.person("owner", Role::User).await;
    let cookie = format!("informejo_session={}", person.token);
    let other_cookie = format!("session={}", person.token);
    let own = format!("http://{}", world.address);

    assert_eq!(attempt(&world, &[], json!({})).await, unauthorized());
    assert_eq!(
        attempt(&world, &[], json!({ "token": "guessed" })).await,
        unauthorized()
    );
    assert_eq!(attempt(&world, &[], json!({ "token": 7 })).await, unauthorized());
    assert_eq!(
        attempt(&world, &[], json!({ "token": "x".repeat(50_000) })).await,
        unauthorized()
    );
    let no_page = [("cookie", cookie.as_str())];
    assert_eq!(
        attempt(&world, &no_page, json!({})).await,
        unauthorized(),
        "a cookie without a page of ours"
    );
    let other = [("origin", own.as_str()), ("cookie", other_cookie.as_str())];
    assert_eq!(attempt(&world, &other, json!({})).await, unauthorized());
    // A wrong token is not made good by a cookie.
    let both = [("origin", own.as_str()), ("cookie", cookie.as_str())];
    assert_eq!(
        attempt(&world, &both, json!({ "token": "guessed" })).await,
        unauthorized()
    );

    world.deactivate(&person).await;
    world.settled().await;
    assert_eq!(
        attempt(&world, &[], person.auth()).await,
        unauthorized(),
        "deactivated"
    );
    assert_eq!(world.realtime.stats().sockets, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_of_an_account_that_does_not_exist_is_refused() {
    let options = Options {
        patience: Duration::from_millis(100),
        ..Options::default()
    };
    let world = World::with(options).await;
    let token = world.sessions.begin(AccountId::from_uuid(id()));
    assert_eq!(
        attempt(&world, &[], json!({ "token": token })).await,
        unauthorized()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_open_mode_anybody_is_let_in_but_a_wrong_token_is_not() {
    let options = Options {
        audience: AudienceMode::Everyone,
        ..Options::default()
    };
    let world = World::with(options).await;
    let own = format!("http://{}", world.address);
    assert_eq!(attempt(&world, &[], json!({})).await, Ok(()));
    let expired = [("origin", own.as_str()), ("cookie", "informejo_session=expired")];
    assert_eq!(attempt(&world, &expired, json!({})).await, Ok(()));
    assert_eq!(
        attempt(&world, &[], json!({ "token": "guessed" })).await,
        unauthorized()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn when_nobody_can_tell_the_connection_is_cut_so_that_clients_come_back_by_themselves() {
    let world = World::new().await;
    let person = world.person("owner", Role::User).await;
    world.sessions.set_away(true);
    let attempted = attempt(&world, &[], person.auth()).await;
    let unavailable = Refusal::Message("unavailable".to_owned());
    assert!(
        attempted == Err(Refusal::Cut) || attempted == Err(unavailable),
        "{attempted:?}"
    );
    world.sessions.set_away(false);
    assert_eq!(attempt(&world, &[], person.auth()).await, Ok(()));
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_guesses_tokens_over_one_connection_loses_it() {
    let world = World::new().await;
    let mut client = Client::open(&world, &[]).await.unwrap();
    for index in 0..1000 {
        client.send(&format!("40{{\"token\":\"guess {index}\"}}")).await;
    }
    client.ended().await;
    let asked = world.sessions.asked();
    assert!(asked <= 20, "{asked} guesses were looked up");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_connection_that_joins_nothing_is_closed() {
    let options = Options {
        connect_timeout: Duration::from_millis(100),
        ..Options::default()
    };
    let world = World::with(options).await;
    let mut client = Client::open(&world, &[]).await.unwrap();
    client.ended().await;
}

/// The race of the library: what a client sends at once must not get lost (measured: 9 of 40 without precautions).
#[tokio::test(flavor = "multi_thread")]
async fn a_join_sent_right_after_connecting_is_never_lost() {
    let world = World::new().await;
    let owner = world.person("owner", Role::User).await;
    let ticket = world.ticket(&owner, "Printer is broken").await;
    for trial in 0..40 {
        let quick = (0..5).map(|_| async {
            let mut client = Client::connect(&world, &owner).await;
            assert_eq!(client.join(ticket).await, json!({ "ok": true }));
            client
        });
        let mut clients = futures::future::join_all(quick).await;
        let position = world
            .comment(ticket, &owner, domain::ticket::Visibility::Public, "Again")
            .await;
        for client in &mut clients {
            assert_eq!(client.next().await.meta["position"], position, "trial {trial}");
        }
    }
}

/// Whoever is told that he is connected misses nothing from then on.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_between_being_connected_and_the_first_broadcast() {
    let world = World::new().await;
    let agent = world.person("agent", Role::Admin).await;
    for _ in 0..40 {
        let mut client = Client::connect(&world, &agent).await;
        world.ticket(&agent, "Printer is broken").await;
        assert_eq!(client.next().await.name, "ticket:created");
    }
}
