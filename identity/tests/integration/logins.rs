//! Signing in and registering.

use std::sync::Arc;
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, PasswordHasher, Version};
use domain::ids::AccountId;
use identity::{Browser, HashSettings, Identity, IdentityError, IdentitySettings};

use crate::cluster::pool;
use crate::people::{House, MINUTE_MS, PASSWORD, TestEntropy, email, new, typed};

async fn stored_hash(house: &House, account_id: AccountId) -> String {
    let admin = house.database.admin().await;
    let row = admin
        .query_one(
            "SELECT password_hash FROM auth.logins WHERE account_id = $1",
            &[&account_id.as_uuid()],
        )
        .await
        .unwrap();
    row.get(0)
}

#[tokio::test]
async fn address_and_password_open_the_account() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    assert_eq!(
        house
            .sign_in("ada@example.org", PASSWORD)
            .await
            .unwrap()
            .account_id,
        ada
    );
    assert!(house.sign_in("ada@example.org", "seven tortoise").await.is_none());
    assert!(house.sign_in("bob@example.org", PASSWORD).await.is_none());
}

#[tokio::test]
async fn addresses_are_compared_trimmed_and_without_case() {
    let house = House::new().await;
    let ada = house.register("  Ada.Łódź@Example.ORG ").await;
    for same in [
        "ada.łódź@example.org",
        "\tADA.ŁÓDŹ@EXAMPLE.ORG\n",
        "ada.ło\u{301}dz\u{301}@example.org",
    ] {
        assert_eq!(
            house.sign_in(same, PASSWORD).await.map(|in_| in_.account_id),
            Some(ada),
            "{same}"
        );
    }
    let taken = house
        .identity
        .logins
        .reserve(
            &email("ADA.łódź@example.org"),
            house.new_account_id(),
            Some(&new(PASSWORD)),
        )
        .await;
    assert!(matches!(taken, Err(IdentityError::Taken)));
}

#[tokio::test]
async fn parameters_are_in_the_stored_hash() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let stored = stored_hash(&house, ada).await;
    assert!(stored.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{stored}");
}

#[tokio::test]
async fn long_and_foreign_passwords_count_to_their_last_character() {
    let house = House::new().await;
    let long = "пароль-пароль-βeta-🦀"
        .repeat(7)
        .chars()
        .take(128)
        .collect::<String>();
    let (logins, ada) = (&house.identity.logins, house.new_account_id());
    let _ = logins
        .reserve(&email("ada@example.org"), ada, Some(&new(&long)))
        .await
        .unwrap();
    logins.confirm(ada).await.unwrap();
    assert!(house.sign_in("ada@example.org", &long).await.is_some());
    let prefix_72 = long.chars().scan(0, |bytes, c| {
        *bytes += c.len_utf8();
        (*bytes <= 72).then_some(c)
    });
    assert!(
        house
            .sign_in("ada@example.org", &prefix_72.collect::<String>())
            .await
            .is_none()
    );
    assert!(
        house
            .sign_in("ada@example.org", &long.chars().take(127).collect::<String>())
            .await
            .is_none()
    );
    assert!(
        house
            .sign_in("ada@example.org", &format!("{long}x"))
            .await
            .is_none()
    );
}

#[tokio::test]
async fn every_attempt_costs_exactly_one_verification() {
    let house = House::new().await;
    house.register("known@example.org").await;
    let (logins, guest, pending) = (
        &house.identity.logins,
        house.new_account_id(),
        house.new_account_id(),
    );
    let _ = logins
        .reserve(&email("guest@example.org"), guest, None)
        .await
        .unwrap();
    logins.confirm(guest).await.unwrap();
    let _ = logins
        .reserve(&email("pending@example.org"), pending, Some(&new(PASSWORD)))
        .await
        .unwrap();
    let attempts = [
        ("known@example.org", PASSWORD, true),
        ("known@example.org", "wrong", false),
        ("known@example.org", "", false),
        ("guest@example.org", PASSWORD, false),
        ("pending@example.org", PASSWORD, false),
        ("unknown@example.org", PASSWORD, false),
        ("not an address", PASSWORD, false),
        ("a\u{0}b@example.org", PASSWORD, false),
        ("", "", false),
    ];
    for (address, password, opens) in attempts {
        let before = house.identity.hasher().verifications();
        assert_eq!(
            house.sign_in(address, password).await.is_some(),
            opens,
            "{address:?}"
        );
        assert_eq!(house.identity.hasher().verifications(), before + 1, "{address:?}");
    }
}

#[tokio::test]
async fn an_outdated_hash_is_replaced_at_sign_in() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let weak = Argon2::new(
        Algorithm::Argon2id,
        Version::V0x13,
        Params::new(64, 1, 1, Some(32)).unwrap(),
    );
    let old = weak
        .hash_password_with_salt(PASSWORD.as_bytes(), &[7; 16])
        .unwrap()
        .to_string();
    let admin = house.database.admin().await;
    admin
        .execute("UPDATE auth.logins SET password_hash = $1", &[&old])
        .await
        .unwrap();
    assert!(house.sign_in("ada@example.org", "wrong").await.is_none());
    assert_eq!(
        stored_hash(&house, ada).await,
        old,
        "a wrong password changes nothing"
    );
    let signed_in = house.sign_in("ada@example.org", PASSWORD).await.unwrap();
    assert!(stored_hash(&house, ada).await.contains("m=19456,t=2,p=1"));
    assert!(
        house
            .identity
            .sessions
            .create(&signed_in, &Browser::default())
            .await
            .is_ok(),
        "it is still the same password"
    );
    assert!(house.sign_in("ada@example.org", PASSWORD).await.is_some());
}

#[tokio::test]
async fn of_concurrent_reservations_of_one_address_exactly_one_wins() {
    let house = House::new().await;
    let mut tasks = tokio::task::JoinSet::new();
    for number in 0..12 {
        let (logins, account_id) = (house.identity.logins.clone(), house.new_account_id());
        let address = if number % 2 == 0 {
            "Ada@example.org"
        } else {
            "ada@EXAMPLE.org"
        };
        tasks.spawn(async move {
            loop {
                match logins
                    .reserve(&email(address), account_id, Some(&new(PASSWORD)))
                    .await
                {
                    // Twelve passwords at once are more than a machine that is busy otherwise hashes in time.
                    Err(IdentityError::Busy) => {}
                    outcome => break outcome,
                }
            }
        });
    }
    let (won, lost): (Vec<_>, Vec<_>) = tasks.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!(won.len(), 1);
    assert!(
        lost.iter().all(|lost| matches!(lost, Err(IdentityError::Taken))),
        "{lost:?}"
    );
}

#[tokio::test]
async fn an_unconfirmed_login_cannot_sign_in() {
    let house = House::new().await;
    let (logins, ada) = (&house.identity.logins, house.new_account_id());
    let _ = logins
        .reserve(&email("ada@example.org"), ada, Some(&new(PASSWORD)))
        .await
        .unwrap();
    assert!(house.sign_in("ada@example.org", PASSWORD).await.is_none());
    logins.confirm(ada).await.unwrap();
    logins.confirm(ada).await.unwrap();
    assert!(house.sign_in("ada@example.org", PASSWORD).await.is_some());
    assert!(
        !logins.release(ada).await.unwrap(),
        "a confirmed login is not released"
    );
    assert!(house.sign_in("ada@example.org", PASSWORD).await.is_some());
}

#[tokio::test]
async fn reserving_again_for_the_same_account_takes_the_new_password() {
    let house = House::new().await;
    let (logins, ada) = (&house.identity.logins, house.new_account_id());
    for password in ["the first one", "the second one"] {
        let _ = logins
            .reserve(&email("ada@example.org"), ada, Some(&new(password)))
            .await
            .unwrap();
    }
    logins.confirm(ada).await.unwrap();
    assert!(house.sign_in("ada@example.org", "the first one").await.is_none());
    assert!(house.sign_in("ada@example.org", "the second one").await.is_some());
    let again = logins
        .reserve(&email("ada@example.org"), ada, Some(&new(PASSWORD)))
        .await;
    assert!(
        matches!(again, Err(IdentityError::Taken)),
        "confirmed: no longer to be overwritten"
    );
    let other_address = logins.reserve(&email("ada@example.com"), ada, None).await;
    assert!(matches!(other_address, Err(IdentityError::HasLogin)));
}

#[tokio::test]
async fn a_released_address_is_free_at_once() {
    let house = House::new().await;
    let (logins, first, second) = (
        &house.identity.logins,
        house.new_account_id(),
        house.new_account_id(),
    );
    let _ = logins
        .reserve(&email("ada@example.org"), first, Some(&new(PASSWORD)))
        .await
        .unwrap();
    assert!(logins.release(first).await.unwrap());
    assert!(!logins.release(first).await.unwrap());
    assert!(matches!(logins.confirm(first).await, Err(IdentityError::Lost)));
    assert_eq!(
        logins
            .reserve(&email("ada@example.org"), second, None)
            .await
            .unwrap()
            .account_id,
        second
    );
}

#[tokio::test]
async fn a_stale_reservation_is_taken_over_and_its_holder_told() {
    let house = House::new().await;
    let (logins, dead, next) = (
        &house.identity.logins,
        house.new_account_id(),
        house.new_account_id(),
    );
    let _ = logins
        .reserve(&email("ada@example.org"), dead, Some(&new(PASSWORD)))
        .await
        .unwrap();
    house.clock.advance(MINUTE_MS - 1);
    let early = logins
        .reserve(&email("ada@example.org"), next, Some(&new(PASSWORD)))
        .await;
    assert!(matches!(early, Err(IdentityError::Taken)));
    assert!(logins.unconfirmed(MINUTE_MS).await.unwrap().is_empty());

    house.clock.advance(1);
    let stale = logins
        .reserve(&email("ada@example.org"), next, Some(&new(PASSWORD)))
        .await;
    assert!(
        matches!(stale, Err(IdentityError::Stale { holder }) if holder == dead),
        "{stale:?}"
    );
    let unconfirmed = logins.unconfirmed(MINUTE_MS).await.unwrap();
    assert_eq!(
        unconfirmed.iter().map(|one| one.account_id).collect::<Vec<_>>(),
        [dead]
    );

    assert!(logins.release(dead).await.unwrap());
    let _ = logins
        .reserve(&email("ada@example.org"), next, Some(&new(PASSWORD)))
        .await
        .unwrap();
    assert!(matches!(logins.confirm(dead).await, Err(IdentityError::Lost)));
    logins.confirm(next).await.unwrap();
    assert_eq!(
        house
            .sign_in("ada@example.org", PASSWORD)
            .await
            .unwrap()
            .account_id,
        next
    );
}

#[tokio::test]
async fn a_stale_reservation_whose_account_exists_is_confirmed_instead() {
    let house = House::new().await;
    let (logins, slow, next) = (
        &house.identity.logins,
        house.new_account_id(),
        house.new_account_id(),
    );
    let _ = logins
        .reserve(&email("ada@example.org"), slow, Some(&new(PASSWORD)))
        .await
        .unwrap();
    house.clock.advance(MINUTE_MS);
    logins.confirm(slow).await.unwrap();
    assert!(!logins.release(slow).await.unwrap());
    let taken = logins
        .reserve(&email("ada@example.org"), next, Some(&new(PASSWORD)))
        .await;
    assert!(matches!(taken, Err(IdentityError::Taken)));
    assert_eq!(
        house
            .sign_in("ada@example.org", PASSWORD)
            .await
            .unwrap()
            .account_id,
        slow
    );
}

#[tokio::test]
async fn a_burst_beyond_the_queue_is_told_to_come_back_and_the_rest_is_served() {
    let hashing = HashSettings {
        concurrency: 1,
        waiting_max: 3,
        wait_max: Duration::from_secs(20),
        ..Default::default()
    };
    let house = House::with(IdentitySettings {
        hashing,
        ..Default::default()
    })
    .await;
    house.register("ada@example.org").await;
    let before = house.identity.hasher().verifications();
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..50 {
        let logins = house.identity.logins.clone();
        tasks.spawn(async move { logins.sign_in("ada@example.org", &typed(PASSWORD)).await });
    }
    let answers = tasks.join_all().await;
    let served = answers.iter().filter(|answer| answer.is_ok()).count();
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Ok(_) | Err(IdentityError::Busy))),
        "{answers:?}"
    );
    assert!((4..50).contains(&served), "{served} served");
    assert_eq!(
        house.identity.hasher().verifications() - before,
        u64::try_from(served).unwrap()
    );
    assert!(house.sign_in("ada@example.org", PASSWORD).await.is_some());
}

#[tokio::test]
async fn a_database_that_is_away_or_busy_is_told_within_two_seconds() {
    let house = House::new().await;
    let mut nowhere = house.database.config();
    nowhere.dbname("there_is_no_such_database");
    let mut away = tokio_postgres::Config::new();
    away.host_path("/nonexistent").user("postgres");
    let exhausted = house.database.pool();
    let mut held = Vec::new();
    for _ in 0..4 {
        held.push(exhausted.get().await.unwrap());
    }
    for pool in [pool(away), exhausted] {
        let clock = Arc::<crate::people::TestClock>::clone(&house.clock);
        let identity =
            Identity::new(pool, clock, Arc::new(TestEntropy), IdentitySettings::default()).unwrap();
        let begin = Instant::now();
        let answer = identity.logins.sign_in("ada@example.org", &typed(PASSWORD)).await;
        assert!(matches!(answer, Err(IdentityError::Unavailable(_))), "{answer:?}");
        let answer = identity.sessions.authenticate(&"0f".repeat(32)).await;
        assert!(matches!(answer, Err(IdentityError::Unavailable(_))), "{answer:?}");
        assert!(
            begin.elapsed() < Duration::from_secs(4),
            "{:?} for two",
            begin.elapsed()
        );
    }
}
