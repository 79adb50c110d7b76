//! Following the log: first the past, then live, without a seam.

use std::time::Duration;

use eventlog::{EventLog, Options, Position, ReadError, Subscription};
use tokio::time::timeout;

use crate::world::{PATIENCE, World, command, event, positions, stream};

async fn read_to(subscription: &mut Subscription, last: Position, max: usize) -> Vec<Position> {
    let mut seen = Vec::new();
    while seen.last().is_none_or(|position| *position < last) {
        let events = timeout(PATIENCE, subscription.next(max)).await.unwrap().unwrap();
        assert!((1..=max).contains(&events.len()));
        seen.extend(positions(&events));
    }
    seen
}

async fn write(log: &EventLog, count: usize) {
    for _ in 0..count {
        log.append(command(&stream(), 0)).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_past_and_the_present_come_without_a_seam() {
    let world = World::new().await;
    let log = world.log().await;
    write(&log, 50).await;
    let restarted = world.log().await; // knows nothing of the past but where it ends
    let readers: Vec<_> = [1, 7, 1000]
        .into_iter()
        .map(|max| {
            let mut subscription = restarted.subscribe(0);
            tokio::spawn(async move { read_to(&mut subscription, 300, max).await })
        })
        .collect();
    // Now both processes append by turns: no tail in memory is whole.
    for _ in 0..5 {
        write(&log, 25).await;
        write(&restarted, 25).await;
    }
    for reader in readers {
        assert_eq!(reader.await.unwrap(), (1..=300).collect::<Vec<_>>());
    }
}

#[tokio::test]
async fn a_small_memory_changes_nothing() {
    let world = World::new().await;
    let log = world
        .log_with(Options {
            tail_events_max: 3,
            ..Options::default()
        })
        .await;
    let mut slow = log.subscribe(0);
    let mut many = command(&stream(), 0);
    many.events = (0..20).map(|_| event("1")).collect();
    log.append(many).await.unwrap();
    assert_eq!(read_to(&mut slow, 20, 4).await, (1..=20).collect::<Vec<_>>());
    let mut late = log.subscribe(12);
    assert_eq!(late.position(), 12);
    assert_eq!(read_to(&mut late, 20, 4).await, (13..=20).collect::<Vec<_>>());
}

#[tokio::test]
async fn readers_at_the_head_do_not_need_the_database() {
    let world = World::new().await;
    let log = world.log().await;
    write(&log, 10).await;
    // Every connection for reading is taken: what is answered now comes from memory.
    let pool = eventlog::pool(&world.config, 1).unwrap();
    let options = Options::default();
    let starved = EventLog::open(pool.clone(), world.config.clone(), world.clock.clone(), options)
        .await
        .unwrap();
    let _taken = pool.get().await.unwrap();
    let mut subscription = starved.subscribe(10);
    write(&starved, 5).await;
    assert_eq!(
        read_to(&mut subscription, 15, 100).await,
        (11..=15).collect::<Vec<_>>()
    );
    let error = starved.subscribe(0).next(1).await.unwrap_err();
    assert!(matches!(error, ReadError::Unavailable(_)), "{error}");
}

#[tokio::test]
async fn a_hole_is_an_error_and_never_passed_over() {
    let world = World::new().await;
    let log = world.log().await;
    write(&log, 10).await;
    let delete = "ALTER TABLE log.events DISABLE TRIGGER ALL; DELETE FROM log.events WHERE position = 5";
    world.admin.batch_execute(delete).await.unwrap();
    let restarted = world.log().await;
    let mut subscription = restarted.subscribe(0);
    for _ in 0..2 {
        let error = subscription.next(100).await.unwrap_err();
        assert!(matches!(error, ReadError::Damaged { position: 5 }), "{error}");
    }
    let mut short = restarted.subscribe(0);
    assert_eq!(positions(&short.next(4).await.unwrap()), [1, 2, 3, 4]);
    assert!(matches!(
        short.next(4).await.unwrap_err(),
        ReadError::Damaged { position: 5 }
    ));
}

#[tokio::test]
async fn a_dropped_call_loses_nothing() {
    let world = World::new().await;
    let log = world.log().await;
    let mut subscription = log.subscribe(0);
    assert!(
        timeout(Duration::from_millis(20), subscription.next(10))
            .await
            .is_err()
    );
    write(&log, 3).await;
    assert_eq!(read_to(&mut subscription, 3, 2).await, [1, 2, 3]);
}

#[tokio::test]
async fn closing_the_log_ends_its_subscriptions() {
    let world = World::new().await;
    let log = world.log().await;
    let mut subscription = log.subscribe(0);
    let waiting = tokio::spawn(async move { subscription.next(10).await });
    tokio::task::yield_now().await;
    log.close().await;
    assert!(matches!(waiting.await.unwrap(), Err(ReadError::Closed)));
}
