//! Sessions begin, live and end.

use std::time::Duration;

use identity::{Browser, IdentityError, IdentitySettings, Revocation, Revocations, SessionSettings};

use crate::people::{HOUR_MS, House, MINUTE_MS, PASSWORD, new, typed};

/// The next revocation, or a failure instead of waiting for ever.
async fn next(revocations: &mut Revocations, patience: Duration) -> Revocation {
    tokio::time::timeout(patience, revocations.next())
        .await
        .expect("nothing was told")
        .unwrap()
}

#[tokio::test]
async fn a_token_opens_its_session_and_no_other() {
    let house = House::new().await;
    let (ada, bob) = (
        house.register("ada@example.org").await,
        house.register("bob@example.org").await,
    );
    let (of_ada, of_bob) = (house.session(ada).await, house.session(bob).await);
    assert_ne!(of_ada.token.expose(), of_bob.token.expose());
    let found = house
        .identity
        .sessions
        .authenticate(of_ada.token.expose())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(found, of_ada.session);
    assert_eq!(found.account_id, ada);
}

#[tokio::test]
async fn a_token_that_we_did_not_make_is_never_adopted() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let planted = "0f".repeat(32);
    assert_eq!(
        house.identity.sessions.authenticate(&planted).await.unwrap(),
        None
    );
    let signed_in = house.sign_in("ada@example.org", PASSWORD).await.unwrap();
    let (one, other) = (
        house
            .identity
            .sessions
            .create(&signed_in, &Browser::default())
            .await,
        house.session(ada).await,
    );
    assert_ne!(one.unwrap().token.expose(), planted);
    assert_ne!(other.token.expose(), planted);
    assert_eq!(
        house.identity.sessions.authenticate(&planted).await.unwrap(),
        None
    );
    for rubbish in [
        "",
        "null",
        "' OR 1=1",
        &planted.to_uppercase(),
        &format!("{planted} "),
        "\u{0}",
    ] {
        assert_eq!(
            house.identity.sessions.authenticate(rubbish).await.unwrap(),
            None,
            "{rubbish:?}"
        );
        assert!(!house.identity.sessions.end(rubbish).await.unwrap());
    }
}

#[tokio::test]
async fn an_ended_session_is_dead_at_once_and_the_others_live() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let (first, second, third) = (
        house.session(ada).await,
        house.session(ada).await,
        house.session(ada).await,
    );
    let bobs = house.session(house.new_account_id()).await;
    for session in [&first, &second, &third, &bobs] {
        assert!(house.is_open(session).await);
    }
    let sessions = &house.identity.sessions;
    assert!(sessions.end(first.token.expose()).await.unwrap());
    assert!(!house.is_open(&first).await);
    assert!(!sessions.end(first.token.expose()).await.unwrap(), "only once");
    assert!(house.is_open(&second).await);

    assert_eq!(sessions.end_others(ada, third.session.id).await.unwrap(), 1);
    assert!(!house.is_open(&second).await);
    assert!(house.is_open(&third).await);

    assert_eq!(sessions.end_all(ada).await.unwrap(), 1);
    assert!(!house.is_open(&third).await);
    assert!(house.is_open(&bobs).await);
}

#[tokio::test]
async fn a_password_change_ends_the_other_sessions_and_the_old_password() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let (kept, other) = (house.session(ada).await, house.session(ada).await);
    assert!(house.is_open(&kept).await && house.is_open(&other).await);
    let keep = Some(kept.session.id);
    let identity = &house.identity;

    let before = identity.hasher().verifications();
    let refused = identity
        .change_password(ada, &typed("wrong"), &new("another fine one"), keep)
        .await;
    assert!(matches!(refused, Err(IdentityError::Refused)));
    assert_eq!(identity.hasher().verifications(), before + 1);
    assert!(house.is_open(&other).await, "a refusal changes nothing");

    identity
        .change_password(ada, &typed(PASSWORD), &new("another fine one"), keep)
        .await
        .unwrap();
    assert!(house.is_open(&kept).await);
    assert!(!house.is_open(&other).await);
    assert!(house.sign_in("ada@example.org", PASSWORD).await.is_none());
    assert!(
        house
            .sign_in("ada@example.org", "another fine one")
            .await
            .is_some()
    );

    identity
        .change_password(ada, &typed("another fine one"), &new(PASSWORD), None)
        .await
        .unwrap();
    assert!(!house.is_open(&kept).await);
    let stranger = house.new_account_id();
    let refused = identity
        .change_password(stranger, &typed(PASSWORD), &new("another fine one"), None)
        .await;
    assert!(matches!(refused, Err(IdentityError::Refused)));
}

#[tokio::test]
async fn a_session_cannot_slip_in_behind_a_password_change() {
    let house = House::new().await;
    let ada = house.register("ada@example.org").await;
    let proved_before = house.sign_in("ada@example.org", PASSWORD).await.unwrap();
    let identity = &house.identity;
    identity
        .change_password(ada, &typed(PASSWORD), &new("another fine one"), None)
        .await
        .unwrap();
    assert!(matches!(
        identity
            .sessions
            .create(&proved_before, &Browser::default())
            .await,
        Err(IdentityError::Refused)
    ));

    // And while the change is under way: the new session waits for it, and then does not come about.
    let proved_before = house
        .sign_in("ada@example.org", "another fine one")
        .await
        .unwrap();
    let changing = house.database.admin().await;
    let change = "BEGIN; UPDATE auth.logins SET password_version = password_version + 1";
    changing.batch_execute(change).await.unwrap();
    let sessions = identity.sessions.clone();
    let creating = tokio::spawn(async move { sessions.create(&proved_before, &Browser::default()).await });
    let watching = house.database.admin().await;
    let waits = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";
    while watching.query_one(waits, &[]).await.unwrap().get::<_, i64>(0) == 0 {
        assert!(!creating.is_finished(), "it did not wait");
    }
    changing.batch_execute("COMMIT").await.unwrap();
    assert!(matches!(creating.await.unwrap(), Err(IdentityError::Refused)));
}

#[tokio::test]
async fn a_session_dies_after_twelve_idle_hours() {
    let house = House::new().await;
    let session = house.session(house.new_account_id()).await;
    for _ in 0..3 {
        house.clock.advance(12 * HOUR_MS - 1);
        assert!(house.is_open(&session).await, "use keeps it alive");
    }
    assert_eq!(
        house
            .identity
            .sessions
            .living(&[session.session.id])
            .await
            .unwrap()
            .len(),
        1
    );
    house.clock.advance(12 * HOUR_MS);
    assert!(
        house
            .identity
            .sessions
            .living(&[session.session.id])
            .await
            .unwrap()
            .is_empty()
    );
    assert!(!house.is_open(&session).await);
}

#[tokio::test]
async fn a_session_dies_after_seven_days_however_much_it_is_used() {
    let house = House::new().await;
    let session = house.session(house.new_account_id()).await;
    for _ in 0..(7 * 24 - 1) {
        house.clock.advance(HOUR_MS);
        assert!(house.is_open(&session).await);
    }
    house.clock.advance(HOUR_MS - 1);
    assert!(house.is_open(&session).await);
    house.clock.advance(1);
    assert!(!house.is_open(&session).await);
    assert!(!house.is_open(&session).await, "nor from the cache");
}

#[tokio::test]
async fn use_is_noted_once_a_minute_and_seen_sessions_cost_no_query() {
    let house = House::new().await;
    let session = house.session(house.new_account_id()).await;
    let admin = house.database.admin().await;
    let noted = async || {
        let row = admin
            .query_one("SELECT last_seen_at, xmin::text FROM auth.sessions", &[])
            .await
            .unwrap();
        (row.get::<_, std::time::SystemTime>(0), row.get::<_, String>(1))
    };
    let at_first = noted().await;
    assert!(house.is_open(&session).await);
    house.clock.advance(MINUTE_MS - 1);
    assert!(house.is_open(&session).await);
    assert_eq!(noted().await, at_first);
    // Deleted behind our back, with no notification: believed for the cache's few seconds, and that proves the cache.
    admin
        .batch_execute("BEGIN; DELETE FROM auth.sessions")
        .await
        .unwrap();
    assert!(house.is_open(&session).await);
    admin.batch_execute("ROLLBACK").await.unwrap();
    house.clock.advance(1);
    assert!(house.is_open(&session).await);
    let (seen, _) = noted().await;
    assert_eq!(seen, at_first.0 + Duration::from_mins(1));
}

#[tokio::test]
async fn dead_sessions_are_purged_and_living_ones_kept() {
    let house = House::new().await;
    let account_id = house.new_account_id();
    let (idle, used) = (house.session(account_id).await, house.session(account_id).await);
    house.clock.advance(6 * HOUR_MS);
    assert!(house.is_open(&used).await);
    house.clock.advance(6 * HOUR_MS);
    assert_eq!(house.identity.sessions.purge_expired().await.unwrap(), 1);
    assert!(house.is_open(&used).await);
    assert!(!house.is_open(&idle).await);
    // More than one statement's worth.
    let admin = house.database.admin().await;
    let many = "INSERT INTO auth.sessions SELECT sha256(n::text::bytea), gen_random_uuid(), 'epoch', 'epoch', 'epoch'::timestamptz + '1 s'
                FROM generate_series(1, 2500) n";
    admin.batch_execute(many).await.unwrap();
    assert_eq!(house.identity.sessions.purge_expired().await.unwrap(), 2_500);
    assert!(house.is_open(&used).await);
}

#[tokio::test]
async fn an_account_has_no_more_sessions_than_allowed() {
    let sessions = SessionSettings {
        per_account_max: 3,
        ..Default::default()
    };
    let house = House::with(IdentitySettings {
        sessions,
        ..Default::default()
    })
    .await;
    let account_id = house.new_account_id();
    let mut all = Vec::new();
    for _ in 0..5 {
        house.clock.advance(1);
        all.push(house.session(account_id).await);
        assert!(house.is_open(all.last().unwrap()).await);
    }
    let mut open = Vec::new();
    for session in &all {
        open.push(house.is_open(session).await);
    }
    assert_eq!(open, [false, false, true, true, true]);
}

#[tokio::test]
async fn another_process_learns_of_ended_sessions_within_a_second() {
    let house = House::new().await;
    let neighbour = house.neighbour();
    let mut revocations = neighbour.sessions.revocations();
    let (watcher, connect) = (neighbour.sessions.clone(), house.database.config());
    let watching = tokio::spawn(async move { watcher.watch_revocations(connect).await });
    assert_eq!(
        next(&mut revocations, Duration::from_secs(10)).await,
        Revocation::Missed,
        "listening began"
    );

    let ada = house.register("ada@example.org").await;
    let (first, second, third) = (
        house.session(ada).await,
        house.session(ada).await,
        house.session(ada).await,
    );
    let open_there = async |session: &identity::NewSession| {
        neighbour
            .sessions
            .authenticate(session.token.expose())
            .await
            .unwrap()
            .is_some()
    };
    for session in [&first, &second, &third] {
        assert!(open_there(session).await, "and is now in the neighbour's cache");
    }
    house.identity.sessions.end(first.token.expose()).await.unwrap();
    let told = next(&mut revocations, Duration::from_secs(1)).await;
    assert!(told.ends(ada, first.session.id) && !told.ends(ada, second.session.id));
    assert!(!open_there(&first).await);
    assert!(open_there(&second).await);

    let (old, new) = (typed(PASSWORD), new("another fine one"));
    house
        .identity
        .change_password(ada, &old, &new, Some(third.session.id))
        .await
        .unwrap();
    let told = next(&mut revocations, Duration::from_secs(1)).await;
    assert!(told.ends(ada, second.session.id) && !told.ends(ada, third.session.id));
    assert!(!open_there(&second).await);
    assert!(open_there(&third).await);

    house.identity.sessions.end_all(ada).await.unwrap();
    assert_eq!(
        next(&mut revocations, Duration::from_secs(1)).await,
        Revocation::Account {
            account_id: ada,
            keep: None
        }
    );
    assert!(!open_there(&third).await);
    watching.abort();
}

#[tokio::test]
async fn a_lost_connection_is_made_again_and_its_gap_told() {
    let house = House::new().await;
    let mut revocations = house.identity.sessions.revocations();
    let (watcher, connect) = (house.identity.sessions.clone(), house.database.config());
    let watching = tokio::spawn(async move { watcher.watch_revocations(connect).await });
    assert_eq!(
        next(&mut revocations, Duration::from_secs(10)).await,
        Revocation::Missed
    );

    let session = house.session(house.new_account_id()).await;
    assert!(house.is_open(&session).await);
    let admin = house.database.admin().await;
    // Ended by a process that cannot tell us, because our connection breaks at the same time.
    admin
        .batch_execute(
            "DELETE FROM auth.sessions;
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND query LIKE 'LISTEN%'",
        )
        .await
        .unwrap();
    assert_eq!(
        next(&mut revocations, Duration::from_secs(10)).await,
        Revocation::Missed
    );
    assert!(
        !house.is_open(&session).await,
        "whatever was cached is looked up anew"
    );
    watching.abort();
}

#[tokio::test]
async fn an_end_is_never_undone_by_a_reader_under_way() {
    let house = House::new().await;
    for _ in 0..40 {
        let session = house.session(house.new_account_id()).await;
        let mut readers = tokio::task::JoinSet::new();
        for _ in 0..6 {
            let (sessions, token) = (house.identity.sessions.clone(), session.token.clone());
            readers.spawn(async move { sessions.authenticate(token.expose()).await.unwrap() });
        }
        house.identity.sessions.end(session.token.expose()).await.unwrap();
        readers.join_all().await;
        assert!(!house.is_open(&session).await);
    }
}
