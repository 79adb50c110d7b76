//! How far the log had come at a time.

use domain::time::Timestamp;
use eventlog::Position;

use crate::world::{World, command, stream};

/// Appends an event after each jump of the clock; when each event was recorded.
async fn recorded(world: &World, jumps: impl IntoIterator<Item = i64>) -> Vec<Timestamp> {
    let log = world.log().await;
    for jump in jumps {
        world.clock.jump(jump);
        log.append(command(&stream(), 0)).await.unwrap();
    }
    let all = world.all(&log).await;
    log.close().await;
    all.iter().map(|event| event.recorded_at).collect()
}

/// Times around every event's, and at the ends of what can be asked for.
fn times(recorded: &[Timestamp]) -> Vec<Timestamp> {
    let ends = [i64::MIN, -377_705_116_800_000, -1, 0, 253_402_207_200_000];
    let around = recorded
        .iter()
        .flat_map(|time| [-1, 0, 1].map(|millis| time.plus_millis(millis)));
    around.chain(ends.map(Timestamp::from_millis)).collect()
}

#[tokio::test]
async fn an_empty_log_has_come_to_nothing_at_any_time() {
    let world = World::new().await;
    let log = world.log().await;
    for time in times(&[Timestamp::EPOCH]) {
        assert_eq!(log.position_at(time).await.unwrap(), 0);
    }
}

#[tokio::test]
async fn where_the_clock_ascends_it_is_the_number_of_events_until_then() {
    let world = World::new().await;
    let recorded = recorded(&world, (0..70).map(|number| number % 3 * 10)).await;
    let log = world.log().await;
    for time in times(&recorded) {
        let until = recorded.iter().filter(|at| **at <= time).count();
        let position = log.position_at(time).await.unwrap();
        assert_eq!(position, Position::try_from(until).unwrap(), "{time}");
    }
}

#[tokio::test]
async fn where_the_clock_was_set_back_it_still_is_an_event_before_and_one_after() {
    let world = World::new().await;
    let jumps = (0..90_i64).map(|number| (number * 7919 % 401) - 200);
    let recorded = recorded(&world, jumps).await;
    assert!(!recorded.is_sorted(), "the clock was set back");
    let log = world.log().await;
    for time in times(&recorded) {
        let position = log.position_at(time).await.unwrap();
        let place = usize::try_from(position).unwrap();
        assert!(place == 0 || recorded[place - 1] <= time, "{time}: {position}");
        assert!(
            recorded.get(place).is_none_or(|next| *next > time),
            "{time}: {position}"
        );
        assert_eq!(log.position_at(time).await.unwrap(), position, "the same again");
    }
}

#[tokio::test]
async fn what_is_appended_later_changes_nothing_about_earlier() {
    let world = World::new().await;
    let mut recorded = recorded(&world, (0..37).map(|_| 5)).await;
    let log = world.log().await;
    let middle = recorded.remove(20);
    let before = log.position_at(middle).await.unwrap();
    for _ in 0..40 {
        log.append(command(&stream(), 0)).await.unwrap();
    }
    assert_eq!((before, log.position_at(middle).await.unwrap()), (21, 21));
}
