//! What becomes of one command, alone and among others.

use eventlog::{AppendError, Appended};
use futures::future::join_all;

use crate::world::{World, assert_gapless, command, event, id, payload, stream};

#[tokio::test]
async fn events_are_recorded_byte_for_byte() {
    let world = World::new().await;
    let log = world.log().await;
    let stream = stream();
    let odd = "{ \"text\" :\t\"Grüße \\u0041 \\\" 🖨\",  \"n\": 1.00, \"n\": 2e0 }";
    let mut two = payload(&stream, 0, odd);
    two.events.push(event("{}"));
    let appended = log.append(two.clone()).await.unwrap();
    assert!(!appended.duplicate);
    assert_eq!((appended.last_position(), appended.last_version()), (2, 2));

    let read = log.read_stream(&stream, 0, 10).await.unwrap();
    assert_eq!(
        read,
        appended
            .events
            .iter()
            .map(|event| (**event).clone())
            .collect::<Vec<_>>()
    );
    assert_eq!(read[0].payload, odd);
    assert_eq!(read[1].parsed_metadata().unwrap(), two.metadata);
    assert_eq!((read[0].command_index, read[1].command_index), (0, 1));
    assert_eq!(log.read_stream(&stream, 1, 10).await.unwrap(), read[1..]);
    assert_eq!(log.read_stream(&stream, 0, 1).await.unwrap(), read[..1]);
    assert_eq!(log.command(two.metadata.command_id).await.unwrap(), read);
    assert_eq!(log.read_category("thing", 1, 10).await.unwrap(), read[1..]);
    assert_eq!(log.read_category("thing", 0, 1).await.unwrap(), read[..1]);
    assert_eq!(log.head().await.unwrap().position, 2);
}

#[tokio::test]
async fn what_is_not_there_is_empty() {
    let world = World::new().await;
    let log = world.log().await;
    assert_eq!(log.read_stream(&stream(), 0, 10).await.unwrap(), []);
    assert_eq!(log.command(id()).await.unwrap(), []);
    assert_eq!(log.read_category("nothing", 0, 10).await.unwrap(), []);
    assert_eq!(log.read_all(0, 10).await.unwrap(), []);
    assert_eq!(log.head().await.unwrap(), eventlog::Head::EMPTY);
}

#[tokio::test]
async fn a_stream_is_found_under_its_own_category_only() {
    let world = World::new().await;
    let log = world.log().await;
    let mut stream = stream();
    log.append(command(&stream, 0)).await.unwrap();
    stream.category = "other".into();
    assert_eq!(log.read_stream(&stream, 0, 10).await.unwrap(), []);
}

#[tokio::test]
async fn a_wrong_expected_version_is_a_conflict() {
    let world = World::new().await;
    let log = world.log().await;
    let stream = stream();
    assert_eq!(
        log.append(command(&stream, 1)).await,
        Err(AppendError::Conflict { actual: 0 })
    );
    log.append(command(&stream, 0)).await.unwrap();
    assert_eq!(
        log.append(command(&stream, 0)).await,
        Err(AppendError::Conflict { actual: 1 })
    );
    assert_eq!(
        log.append(command(&stream, 2)).await,
        Err(AppendError::Conflict { actual: 1 })
    );
    log.append(command(&stream, 1)).await.unwrap();
}

#[tokio::test]
async fn a_conflict_concerns_its_own_command_only() {
    let world = World::new().await;
    let log = world.log().await;
    let wrong = |n: usize| n.is_multiple_of(7);
    let commands: Vec<_> = (0..100)
        .map(|n| command(&stream(), i64::from(wrong(n))))
        .collect();
    let outcomes = join_all(commands.into_iter().map(|command| log.append(command))).await;
    for (n, outcome) in outcomes.into_iter().enumerate() {
        assert_eq!(
            outcome.err(),
            wrong(n).then_some(AppendError::Conflict { actual: 0 }),
            "{n}"
        );
    }
    assert_gapless(&world.all(&log).await);
    world.verify().await;
}

/// Part of D4.
#[tokio::test]
async fn a_command_that_is_in_the_log_is_answered_with_its_first_events() {
    let world = World::new().await;
    let log = world.log().await;
    let stream = stream();
    let mut first = command(&stream, 0);
    first.events.push(event("2"));
    let appended = log.append(first.clone()).await.unwrap();
    log.append(command(&stream, 2)).await.unwrap();

    let again = log.append(first.clone()).await.unwrap();
    assert_eq!(
        again,
        Appended {
            duplicate: true,
            ..appended.clone()
        }
    );
    first.stream = crate::world::stream(); // whatever else it says
    first.events = vec![event("3")];
    assert_eq!(log.append(first).await.unwrap(), again);
    assert_eq!(log.head().await.unwrap().position, 3);
}

/// Part of D4.
#[tokio::test]
async fn one_command_sent_fifty_times_at_once_has_one_effect() {
    let world = World::new().await;
    let logs = [world.log().await, world.log().await];
    let command = command(&stream(), 0);
    let outcomes = join_all((0..50).map(|n| logs[n % 2].append(command.clone()))).await;
    let outcomes: Vec<_> = outcomes.into_iter().map(Result::unwrap).collect();
    assert_eq!(outcomes.iter().filter(|outcome| !outcome.duplicate).count(), 1);
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.events == outcomes[0].events)
    );
    assert_eq!(world.all(&logs[0]).await.len(), 1);
}

#[tokio::test]
async fn a_guarded_command_is_refused_when_its_category_has_changed() {
    let world = World::new().await;
    let log = world.log().await;
    let head = log.append(command(&stream(), 0)).await.unwrap().last_position();
    let mut guarded = command(&stream(), 0);
    guarded.category_unchanged_since = Some(head);
    let mut late = command(&stream(), 0);
    late.category_unchanged_since = Some(head);
    log.append(guarded).await.unwrap();
    assert_eq!(log.append(late.clone()).await, Err(AppendError::CategoryChanged));
    late.stream.category = "other".into();
    log.append(late).await.unwrap();
}

/// What keeps the last admin: whoever was decided on the same state, one only gets through.
#[tokio::test]
async fn of_guarded_commands_that_saw_the_same_state_one_gets_through() {
    let world = World::new().await;
    let logs = [world.log().await, world.log().await];
    let outcomes = join_all((0..40).map(|n| {
        let mut guarded = command(&stream(), 0);
        guarded.category_unchanged_since = Some(0);
        logs[n % 2].append(guarded)
    }))
    .await;
    assert_eq!(outcomes.iter().filter(|outcome| outcome.is_ok()).count(), 1);
    assert!(
        outcomes
            .into_iter()
            .filter_map(Result::err)
            .all(|error| error == AppendError::CategoryChanged)
    );
}

#[tokio::test]
async fn what_cannot_be_stored_concerns_its_own_command_only() {
    let world = World::new().await;
    let log = world.log().await;
    // NUL and half a surrogate pair are found before they are sent, what is not JSON and what is too deep by Postgres.
    let deep = "[".repeat(200_000);
    let bad = [
        "{\"a\":\"\\u0000\"}",
        "{\"a\":\"\\ud800\"}",
        "{\"a\":\"\0\"}",
        "{\"a\":",
        "",
        &deep,
    ];
    let mut commands: Vec<_> = (0..60).map(|_| command(&stream(), 0)).collect();
    for (n, bad) in bad.iter().enumerate() {
        commands.insert(n * 9, payload(&stream(), 0, bad));
    }
    let mut nul = command(&stream(), 0);
    nul.events[0].event_type = "a\0b".to_owned();
    commands.push(nul);
    let outcomes = join_all(commands.into_iter().map(|command| log.append(command))).await;
    let refused = outcomes
        .iter()
        .filter(|outcome| matches!(outcome, Err(AppendError::Refused(_))))
        .count();
    let appended = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!((refused, appended), (7, 60), "{outcomes:?}");
    assert_gapless(&world.all(&log).await);
}

#[tokio::test]
async fn commands_beyond_the_limits_are_refused() {
    let world = World::new().await;
    let log = world.log().await;
    let mut none = command(&stream(), 0);
    none.events.clear();
    let mut many = command(&stream(), 0);
    many.events = (0..=eventlog::EVENTS_PER_COMMAND_MAX)
        .map(|_| event("1"))
        .collect();
    let mut unversioned = command(&stream(), 0);
    unversioned.events[0].schema_version = 0;
    let bulky = payload(
        &stream(),
        0,
        &format!("\"{}\"", "x".repeat(eventlog::PAYLOAD_BYTES_MAX)),
    );
    for wrong in [
        none,
        many,
        unversioned,
        bulky,
        command(&stream(), -1),
        command(&stream(), i64::MAX),
    ] {
        assert!(matches!(log.append(wrong).await, Err(AppendError::Refused(_))));
    }
    let mut most = command(&stream(), 0);
    most.events = (0..eventlog::EVENTS_PER_COMMAND_MAX)
        .map(|_| event("1"))
        .collect();
    assert_eq!(log.append(most).await.unwrap().last_version(), 256);
}

#[tokio::test]
async fn a_closed_log_settles_what_waits_and_takes_no_more() {
    let world = World::new().await;
    let log = world.log().await;
    let waiting: Vec<_> = (0..100)
        .map(|_| {
            let (log, command) = (log.clone(), command(&stream(), 0));
            tokio::spawn(async move { log.append(command).await })
        })
        .collect();
    tokio::task::yield_now().await;
    log.close().await;
    let outcomes: Vec<_> = join_all(waiting).await.into_iter().map(Result::unwrap).collect();
    assert!(
        outcomes
            .iter()
            .all(|outcome| outcome.is_ok() || *outcome == Err(AppendError::Closed)),
        "{outcomes:?}"
    );
    assert_eq!(log.append(command(&stream(), 0)).await, Err(AppendError::Closed));
    let appended = outcomes.iter().filter(|outcome| outcome.is_ok()).count();
    assert_eq!(world.all(&log).await.len(), appended);
}
