//! Attempts are counted: at once, over time, together with other nodes, and for no longer than needed.

use std::time::Duration;

use identity::{Identity, IdentityError, LimitKey, Rate};

use crate::people::House;

/// Three at once, one more every ten seconds.
const THREE: Rate = Rate {
    at_once: 3,
    every: Duration::from_secs(10),
};

fn key(whom: &str) -> LimitKey {
    LimitKey::new(THREE, "try", &[whom.as_bytes()])
}

/// What is to be waited, in milliseconds; 0 if the attempt may be made.
async fn wait(identity: &Identity, keys: &[LimitKey]) -> u128 {
    match identity.limits.take(keys).await {
        Ok(()) => 0,
        Err(IdentityError::TooMany { wait }) => wait.as_millis(),
        Err(other) => panic!("{other}"),
    }
}

async fn rows(house: &House) -> i64 {
    let client = house.database.pool().get().await.unwrap();
    let row = client.query_one("SELECT count(*) FROM auth.limits", &[]).await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn some_may_come_at_once_and_then_one_after_the_other() {
    let house = House::new().await;
    let keys = [key("ada")];
    for _ in 0..3 {
        assert_eq!(wait(&house.identity, &keys).await, 0);
    }
    assert_eq!(wait(&house.identity, &keys).await, 10_000);
    house.clock.advance(4_000);
    assert_eq!(wait(&house.identity, &keys).await, 6_000);
    // Another one's attempts are another one's.
    assert_eq!(wait(&house.identity, &[key("bob")]).await, 0);
    house.clock.advance(6_000);
    assert_eq!(wait(&house.identity, &keys).await, 0);
    assert_eq!(wait(&house.identity, &keys).await, 10_000);
    // Being refused costs nothing: after a silence it is all there again.
    house.clock.advance(30_000);
    for _ in 0..3 {
        assert_eq!(wait(&house.identity, &keys).await, 0);
    }
    assert_eq!(wait(&house.identity, &keys).await, 10_000);
}

#[tokio::test]
async fn an_attempt_counts_under_all_of_its_keys_or_under_none() {
    let house = House::new().await;
    for _ in 0..3 {
        assert_eq!(wait(&house.identity, &[key("b")]).await, 0);
    }
    for _ in 0..20 {
        assert_eq!(
            wait(&house.identity, &[key("a"), key("b"), key("c")]).await,
            10_000
        );
    }
    for whom in ["a", "c"] {
        for _ in 0..3 {
            assert_eq!(wait(&house.identity, &[key(whom)]).await, 0, "{whom}");
        }
    }
}

#[tokio::test]
async fn what_is_given_back_may_be_taken_again() {
    let house = House::new().await;
    let keys = [key("a"), key("b")];
    for _ in 0..10 {
        assert_eq!(wait(&house.identity, &keys).await, 0);
        house.identity.limits.give_back(&keys).await.unwrap();
    }
    for _ in 0..3 {
        assert_eq!(wait(&house.identity, &keys).await, 0);
    }
    assert_eq!(wait(&house.identity, &keys).await, 10_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_at_the_same_time_on_two_nodes_no_more_come_through_and_none_waits_in_a_circle() {
    let house = House::new().await;
    let neighbour = house.neighbour();
    let attempts = (0..60).map(|n| {
        let identity = if n % 2 == 0 {
            house.identity.clone()
        } else {
            neighbour.clone()
        };
        // Each names the keys in another order.
        let mut keys = vec![key("a"), key("b"), key("c"), key("d")];
        keys.rotate_left(n % 4);
        tokio::spawn(async move { wait(&identity, &keys).await })
    });
    let attempts: Vec<_> = attempts.collect();
    let mut through = 0;
    for attempt in attempts {
        match attempt.await.unwrap() {
            0 => through += 1,
            wait => assert_eq!(wait, 10_000),
        }
    }
    assert_eq!(through, 3);
}

#[tokio::test]
async fn a_clock_that_was_wrong_for_a_while_keeps_nobody_out() {
    let house = House::new().await;
    let keys = [key("ada")];
    house.clock.advance(3_600_000);
    for _ in 0..3 {
        assert_eq!(wait(&house.identity, &keys).await, 0);
    }
    house.clock.advance(-3_600_000);
    assert_eq!(wait(&house.identity, &keys).await, 0);
    assert_eq!(wait(&house.identity, &keys).await, 10_000);
    // A few seconds between nodes are nothing that could be made use of.
    house.clock.advance(-5_000);
    assert_eq!(wait(&house.identity, &keys).await, 15_000);
}

#[tokio::test]
async fn a_million_keys_are_rows_that_are_forgotten_in_time() {
    let house = House::new().await;
    let client = house.database.pool().get().await.unwrap();
    let many = "INSERT INTO auth.limits
                SELECT sha256(convert_to(n::text, 'UTF8')), to_timestamp(1795393955) + interval '1 minute'
                  FROM generate_series(1, 1000000) n";
    client.execute(many, &[]).await.unwrap();
    assert_eq!(wait(&house.identity, &[key("ada"), key("bob")]).await, 0);
    assert_eq!(house.identity.limits.purge().await.unwrap(), 0);
    assert_eq!(rows(&house).await, 1_000_002);
    house.clock.advance(59_000);
    assert_eq!(house.identity.limits.purge().await.unwrap(), 2);
    house.clock.advance(2_000);
    assert_eq!(house.identity.limits.purge().await.unwrap(), 1_000_000);
    assert_eq!(rows(&house).await, 0);
}

#[tokio::test]
async fn parts_of_a_key_are_kept_apart_and_none_is_in_the_table() {
    let house = House::new().await;
    let of = |parts: &[&[u8]]| LimitKey::new(THREE, "try", parts);
    assert_ne!(of(&[b"ab", b"c"]), of(&[b"a", b"bc"]));
    assert_ne!(of(&[b"ab"]), of(&[b"ab", b""]));
    assert_eq!(wait(&house.identity, &[key("ada@example.org")]).await, 0);
    let client = house.database.pool().get().await.unwrap();
    let row = client
        .query_one("SELECT l::text FROM auth.limits l", &[])
        .await
        .unwrap();
    let text: String = row.get(0);
    for part in ["ada", &hex::encode("ada")] {
        assert!(!text.contains(part), "{text}");
    }
}
