//! Browsers are known to the accounts that were signed in to on them, and to no others.

use domain::ids::AccountId;

use crate::people::{HOUR_MS, House};

const DAY_MS: i64 = 24 * HOUR_MS;

async fn remember(house: &House, account: AccountId, old: Option<&str>) -> String {
    let token = house.identity.devices.remember(account, old).await.unwrap();
    token.expose().to_owned()
}

async fn knows(house: &House, token: &str, email: &str) -> bool {
    house.identity.devices.knows(token, email).await.unwrap()
}

#[tokio::test]
async fn a_browser_is_known_to_its_accounts_only_and_under_its_newest_token_only() {
    let house = House::new().await;
    let (ada, bob) = (
        house.register("ada@example.org").await,
        house.register("bob@example.org").await,
    );
    let first = remember(&house, ada, None).await;
    assert!(knows(&house, &first, "ada@example.org").await);
    assert!(!knows(&house, &first, "bob@example.org").await);
    let second = remember(&house, bob, Some(&first)).await;
    assert_ne!(first, second);
    for email in ["ada@example.org", "bob@example.org"] {
        assert!(knows(&house, &second, email).await, "{email}");
        assert!(!knows(&house, &first, email).await, "{email}");
    }
    let third = remember(&house, bob, Some(&second)).await;
    assert!(knows(&house, &third, "bob@example.org").await);
    for rubbish in ["", "x", &"0f".repeat(32), "' OR 1=1"] {
        assert!(!knows(&house, rubbish, "ada@example.org").await);
        let token = remember(&house, bob, Some(rubbish)).await;
        assert!(!knows(&house, &token, "ada@example.org").await);
    }
}

#[tokio::test]
async fn a_browser_that_nobody_signs_in_on_becomes_a_stranger() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let token = remember(&house, ada, None).await;
    house.clock.advance(179 * DAY_MS);
    assert!(knows(&house, &token, "ada@example.org").await);
    assert_eq!(house.identity.devices.purge().await.unwrap(), 0);
    house.clock.advance(DAY_MS);
    assert!(!knows(&house, &token, "ada@example.org").await);
    let next = remember(&house, house.new_account_id(), Some(&token)).await;
    assert!(!knows(&house, &next, "ada@example.org").await);
    assert_eq!(house.identity.devices.purge().await.unwrap(), 1);
}

#[tokio::test]
async fn an_account_has_twenty_at_most_and_all_can_be_forgotten() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let mut tokens = Vec::new();
    for _ in 0..23 {
        house.clock.advance(1);
        tokens.push(remember(&house, ada, None).await);
    }
    for (number, token) in tokens.iter().enumerate() {
        assert_eq!(
            knows(&house, token, "ada@example.org").await,
            number >= 3,
            "{number}"
        );
    }
    assert_eq!(house.identity.devices.forget_all(ada).await.unwrap(), 20);
    assert!(!knows(&house, &tokens[22], "ada@example.org").await);
}
