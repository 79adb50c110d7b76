//! A token acts for its owner until it ends or is withdrawn, on every node.

use std::time::Duration;

use domain::Role;
use domain::ids::AccountId;
use domain::text::TokenName;
use futures::future::join_all;
use identity::{ApiToken, Identity, NewApiToken};

use crate::people::{HOUR_MS, House, MINUTE_MS};

const DAY: Duration = Duration::from_hours(24);

async fn make(house: &House, account: AccountId) -> Option<NewApiToken> {
    let name = TokenName::parse("robot").unwrap();
    house
        .identity
        .tokens
        .create(account, name, Role::User, DAY)
        .await
        .unwrap()
}

async fn found(identity: &Identity, text: &str) -> Option<ApiToken> {
    identity.tokens.authenticate(text).await.unwrap()
}

#[tokio::test]
async fn a_token_is_found_by_its_text_until_it_ends() {
    let house = House::new().await;
    let account = house.new_account_id();
    let NewApiToken { token, stored } = make(&house, account).await.unwrap();
    let text = token.expose();
    assert!(text.starts_with("inf_") && text.len() == 4 + 64, "{}", text.len());
    let seen = found(&house.identity, text).await.unwrap();
    assert_eq!(
        (seen.id, seen.account_id, seen.role),
        (stored.id, account, Role::User)
    );
    for other in [
        "",
        "inf_",
        &text[4..],
        &text[..67],
        &text.to_uppercase(),
        &format!("{text} "),
    ] {
        assert!(found(&house.identity, other).await.is_none(), "{other}");
    }
    // Nor does it open a session, or a session's token act as one of these.
    assert!(
        house
            .identity
            .sessions
            .authenticate(text)
            .await
            .unwrap()
            .is_none()
    );
    let session = house.session(account).await;
    let as_token = format!("inf_{}", session.token.expose());
    assert!(found(&house.identity, &as_token).await.is_none());

    house.clock.advance(24 * HOUR_MS - 1);
    assert!(found(&house.identity, text).await.is_some());
    house.clock.advance(1);
    assert!(found(&house.identity, text).await.is_none());
    assert!(house.identity.tokens.list(account).await.unwrap().is_empty());
    assert_eq!(house.identity.tokens.purge_expired().await.unwrap(), 1);
}

#[tokio::test]
async fn use_is_noted_to_the_minute() {
    let house = House::new().await;
    let account = house.new_account_id();
    let token = make(&house, account).await.unwrap().token;
    let last_used = async || house.identity.tokens.list(account).await.unwrap()[0].last_used_at;
    assert_eq!(last_used().await, None);
    found(&house.identity, token.expose()).await.unwrap();
    let first = last_used().await.unwrap();
    house.clock.advance(MINUTE_MS - 1);
    found(&house.identity, token.expose()).await.unwrap();
    assert_eq!(last_used().await, Some(first));
    house.clock.advance(1);
    found(&house.identity, token.expose()).await.unwrap();
    assert_eq!(last_used().await.unwrap().millis_since(first), MINUTE_MS);
}

#[tokio::test]
async fn an_account_has_fifty_at_most_however_many_are_made_at_once() {
    let house = House::new().await;
    let (ada, bob) = (house.new_account_id(), house.new_account_id());
    let made = join_all((0..60).map(|_| make(&house, ada))).await;
    assert_eq!(made.iter().flatten().count(), 50);
    assert!(make(&house, bob).await.is_some());
    let one = made[0]
        .as_ref()
        .or(made[59].as_ref())
        .map_or_else(|| panic!("none"), |one| one.stored.id);
    let tokens = &house.identity.tokens;
    assert!(!tokens.withdraw(bob, one).await.unwrap(), "another's");
    assert!(tokens.withdraw(ada, one).await.unwrap());
    assert!(!tokens.withdraw(ada, one).await.unwrap());
    assert!(make(&house, ada).await.is_some());
    // Those that have ended do not count.
    house.clock.advance(24 * HOUR_MS);
    assert!(make(&house, ada).await.is_some());
}

#[tokio::test]
async fn what_one_node_withdraws_the_other_refuses_within_a_second() {
    let house = House::new().await;
    let neighbour = house.neighbour();
    let listening = neighbour.sessions.clone();
    let config = house.database.config();
    let mut heard = neighbour.sessions.revocations();
    let task = tokio::spawn(async move { listening.watch_revocations(config).await });
    assert!(heard.next().await.is_some(), "listening begins");

    let account = house.new_account_id();
    let one = make(&house, account).await.unwrap();
    let other = make(&house, account).await.unwrap();
    for token in [&one, &other] {
        assert!(found(&neighbour, token.token.expose()).await.is_some());
    }
    house
        .identity
        .tokens
        .withdraw(account, one.stored.id)
        .await
        .unwrap();
    assert!(
        found(&house.identity, one.token.expose()).await.is_none(),
        "here at once"
    );
    tokio::time::timeout(Duration::from_secs(1), heard.next())
        .await
        .unwrap();
    assert!(found(&neighbour, one.token.expose()).await.is_none());
    assert!(found(&neighbour, other.token.expose()).await.is_some());
    assert_eq!(house.identity.tokens.withdraw_all(account).await.unwrap(), 1);
    tokio::time::timeout(Duration::from_secs(1), heard.next())
        .await
        .unwrap();
    assert!(found(&neighbour, other.token.expose()).await.is_none());
    task.abort();
}
