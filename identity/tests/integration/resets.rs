//! A link to a new password works once, and ends everything that the old one opened.

use std::time::Duration;

use domain::Role;
use domain::ids::AccountId;
use domain::text::TokenName;
use futures::future::join_all;
use identity::{IdentityError, Link, Purpose, Token};

use crate::people::{HOUR_MS, House, PASSWORD, email, new};

const NEXT: &str = "a quite other tortoise";

impl House {
    async fn reset_link(&self, account: AccountId) -> Token {
        let link = Link {
            purpose: Purpose::PasswordReset,
            subject: account.as_uuid(),
            ticket: None,
        };
        self.identity
            .links
            .create(&link, Duration::from_hours(1))
            .await
            .unwrap()
    }

    async fn reset(&self, account: AccountId, token: &str) -> bool {
        match self.identity.reset_password(account, token, &new(NEXT)).await {
            Ok(()) => true,
            Err(IdentityError::Refused) => false,
            Err(other) => panic!("{other}"),
        }
    }
}

#[tokio::test]
async fn a_reset_ends_sessions_tokens_and_all_other_links() {
    let house = House::new().await;
    let ulla = house.register("ulla@example.test").await;
    let bob = house.register("bob@example.test").await;
    let session = house.session(ulla).await;
    let name = TokenName::parse("robot").unwrap();
    let tokens = &house.identity.tokens;
    let token = tokens
        .create(ulla, name, Role::User, Duration::from_hours(24))
        .await
        .unwrap()
        .unwrap();
    assert!(tokens.authenticate(token.token.expose()).await.unwrap().is_some());
    let (one, other) = (house.reset_link(ulla).await, house.reset_link(ulla).await);
    let bobs = house.reset_link(bob).await;

    assert!(!house.reset(ulla, bobs.expose()).await, "another's link");
    assert!(house.is_open(&session).await, "a refusal changes nothing");
    assert!(house.reset(ulla, one.expose()).await);
    assert!(!house.reset(ulla, one.expose()).await, "twice");
    assert!(!house.reset(ulla, other.expose()).await, "void");
    assert!(!house.is_open(&session).await);
    assert!(tokens.authenticate(token.token.expose()).await.unwrap().is_none());
    assert!(house.sign_in("ulla@example.test", PASSWORD).await.is_none());
    assert!(house.sign_in("ulla@example.test", NEXT).await.is_some());
    assert!(
        house.reset(bob, bobs.expose()).await,
        "bob's own is as good as before"
    );
}

#[tokio::test]
async fn of_many_with_one_link_one_sets_the_password() {
    let house = House::patient().await;
    let ulla = house.register("ulla@example.test").await;
    let token = house.reset_link(ulla).await;
    let done = join_all((0..5).map(|_| house.reset(ulla, token.expose()))).await;
    assert_eq!(done.into_iter().filter(|done| *done).count(), 1);
}

#[tokio::test]
async fn an_expired_link_and_one_for_something_else_set_nothing() {
    let house = House::new().await;
    let ulla = house.register("ulla@example.test").await;
    let late = house.reset_link(ulla).await;
    house.clock.advance(HOUR_MS);
    assert!(!house.reset(ulla, late.expose()).await);
    for purpose in [
        Purpose::Registration,
        Purpose::Guest,
        Purpose::Identity,
        Purpose::Unsubscribe,
    ] {
        let link = Link {
            purpose,
            subject: ulla.as_uuid(),
            ticket: None,
        };
        let token = house
            .identity
            .links
            .create(&link, Duration::from_hours(1))
            .await
            .unwrap();
        assert!(!house.reset(ulla, token.expose()).await, "{purpose:?}");
    }
    assert!(!house.reset(ulla, "").await);
    assert!(house.sign_in("ulla@example.test", PASSWORD).await.is_some());
}

#[tokio::test]
async fn an_account_without_a_password_gets_none_by_a_reset() {
    let house = House::new().await;
    let guest = house.new_account_id();
    let logins = &house.identity.logins;
    let _ = logins
        .reserve(&email("gina@example.test"), guest, None)
        .await
        .unwrap();
    logins.confirm(guest).await.unwrap();
    let token = house.reset_link(guest).await;
    assert!(!house.reset(guest, token.expose()).await);
    assert!(house.sign_in("gina@example.test", NEXT).await.is_none());
}
