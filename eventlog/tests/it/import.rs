//! A log that is copied is the same log.

use eventlog::{
    AppendError, Hashes, Head, Import, ImportError, Reader, RecordedEvent, Unfit, WholeEvents, link,
};

use crate::world::{World, command, event, payload, stream};

/// All events, as an export has them.
async fn whole(world: &World) -> Vec<RecordedEvent> {
    let until = eventlog::last_position(&world.admin).await.unwrap();
    let reader = Reader::connect(&world.config).await.unwrap();
    let mut events = WholeEvents::new(reader, 0, until);
    let mut all = Vec::new();
    while let Some(event) = events.next().await.unwrap() {
        all.push(event);
    }
    all
}

/// A log with texts that must be kept, two events of one command, and `more` further ones.
async fn filled(more: usize) -> World {
    let world = World::new().await;
    let log = world.log().await;
    let one = stream();
    let mut first = payload(&one, 0, "{ \"text\" : \"Grüße 🖨 \\u0041\",  \"n\": 1.0 }");
    first.events.push(event("[]"));
    log.append(first).await.unwrap();
    log.append(payload(&one, 2, "null")).await.unwrap();
    for _ in 0..more {
        log.append(command(&stream(), 0)).await.unwrap();
    }
    log.close().await;
    world
}

async fn import(world: &mut World, events: &[RecordedEvent]) -> Result<Head, ImportError> {
    let mut import = Import::begin(&mut world.admin).await?;
    import.append(events).await
}

fn unfit(outcome: Result<Head, ImportError>) -> (i64, Unfit) {
    match outcome {
        Err(ImportError::Unfit { position, unfit }) => (position, unfit),
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_copy_has_the_same_head_and_goes_on() {
    let origin = filled(5).await;
    let all = whole(&origin).await;
    let mut copy = World::new().await;
    let head = import(&mut copy, &all[..3]).await.unwrap();
    assert_eq!((head.position, head.hash), (3, all[2].hash));
    // Broken off, and gone on with.
    let head = import(&mut copy, &all[3..]).await.unwrap();
    assert_eq!(head, origin.verify().await.head);
    copy.admin
        .execute("SELECT pg_advisory_unlock_all()", &[])
        .await
        .unwrap();
    assert_eq!(whole(&copy).await, all);
    assert_eq!(copy.verify().await.head, head);
    let log = copy.log().await;
    log.append(command(&all[0].stream, 3)).await.unwrap();
    assert_eq!(copy.verify().await.checked, 9);
}

#[tokio::test]
async fn hashes_are_those_of_the_events() {
    let world = filled(3).await;
    let all = whole(&world).await;
    let reader = Reader::connect(&world.config).await.unwrap();
    let mut hashes = Hashes::new(reader, 1, 5);
    for event in &all[1..5] {
        assert_eq!(hashes.next().await.unwrap(), Some(event.hash));
    }
    assert_eq!(hashes.next().await.unwrap(), None);
}

#[tokio::test]
async fn a_row_that_is_missing_is_not_passed_over() {
    let world = filled(3).await;
    let change = "ALTER TABLE log.events DISABLE TRIGGER ALL; DELETE FROM log.events WHERE position = 4";
    world.admin.batch_execute(change).await.unwrap();
    for (after, read) in [(0, 3), (3, 0)] {
        let reader = Reader::connect(&world.config).await.unwrap();
        let mut events = WholeEvents::new(reader, after, 6);
        for _ in 0..read {
            assert!(events.next().await.unwrap().is_some());
        }
        let error = events.next().await.unwrap_err();
        assert!(error.to_string().contains("position 4"), "{error}");
    }
    // At the end, where nothing comes after it.
    let reader = Reader::connect(&world.config).await.unwrap();
    let mut events = WholeEvents::new(reader, 5, 7);
    assert!(events.next().await.unwrap().is_some());
    assert!(events.next().await.is_err());
}

#[tokio::test]
async fn what_the_log_would_not_have_written_is_refused_and_nothing_of_it_kept() {
    let all = whole(&filled(1).await).await;
    let mut copy = World::new().await;
    let mut refused = async |change: &dyn Fn(&mut Vec<RecordedEvent>)| {
        let mut events = all.clone();
        change(&mut events);
        // Somebody who forges an event can compute its hash.
        let mut previous = [0; 32];
        for event in &mut events {
            if event.hash != [7; 32] {
                event.hash = link(&previous, event);
            }
            previous = event.hash;
        }
        unfit(import(&mut copy, &events).await)
    };
    let (expected, found) = (2, 3);
    assert_eq!(
        refused(&|events| drop(events.remove(1))).await,
        (2, Unfit::Position { expected, found })
    );
    assert_eq!(
        refused(&|events| events[2].hash = [7; 32]).await,
        (3, Unfit::Hash)
    );
    assert_eq!(
        refused(&|events| events[1].version = 3).await,
        (2, Unfit::Version { expected, found })
    );
    assert_eq!(
        refused(&|events| events[0].payload = "{".to_owned()).await,
        (1, Unfit::Malformed)
    );
    assert_eq!(
        refused(&|events| events[0].event_type.push('\0')).await,
        (1, Unfit::Malformed)
    );
    assert_eq!(
        refused(&|events| events[0].schema_version = 0).await,
        (1, Unfit::Malformed)
    );
    assert_eq!(
        refused(&|events| {
            events[3].command_id = events[0].command_id;
            events[3].command_index = 0;
        })
        .await
        .1,
        Unfit::Repeated
    );
    // Two commands that begin with the second event: whoever sends one of them again would append it once more.
    for index in [1, 2, i32::MAX] {
        assert_eq!(
            refused(&|events| events[2].command_index = index).await,
            (3, Unfit::Command)
        );
    }
    assert_eq!(
        refused(&|events| events[1].command_id = events[3].command_id).await,
        (2, Unfit::Command)
    );
    assert_eq!(
        refused(&|events| {
            events[3].command_id = events[2].command_id;
            events[3].command_index = 1;
        })
        .await,
        (4, Unfit::Command),
        "of another stream"
    );
    assert_eq!(eventlog::last_position(&copy.admin).await.unwrap(), 0);
    assert!(import(&mut copy, &all).await.is_ok());
}

/// The events of one command may come in two batches, and in two imports.
#[tokio::test]
async fn a_command_may_be_broken_off_in_the_middle() {
    let all = whole(&filled(0).await).await;
    assert_eq!((all[0].command_id, all[1].command_index), (all[1].command_id, 1));
    let mut copy = World::new().await;
    let mut first = Import::begin(&mut copy.admin).await.unwrap();
    first.append(&all[..1]).await.unwrap();
    let head = first.append(&all[1..2]).await.unwrap();
    assert_eq!(head.position, 2);
    let mut copy = World::new().await;
    import(&mut copy, &all[..1]).await.unwrap();
    let mut forged = all[1].clone();
    forged.command_index = 2;
    forged.hash = link(&all[0].hash, &forged);
    assert_eq!(unfit(import(&mut copy, &[forged]).await), (2, Unfit::Command));
    import(&mut copy, &all[1..]).await.unwrap();
}

#[tokio::test]
async fn nobody_else_appends_meanwhile() {
    let all = whole(&filled(0).await).await;
    let mut copy = World::new().await;
    let log = copy.log().await;
    let mut import = Import::begin(&mut copy.admin).await.unwrap();
    import.append(&all[..1]).await.unwrap();
    let refused = log.append(command(&stream(), 0)).await;
    assert!(matches!(refused, Err(AppendError::Unavailable(_))), "{refused:?}");
    let head = import.append(&all[1..]).await.unwrap();
    assert_eq!(head.hash, all[2].hash);
}

#[tokio::test]
async fn a_log_that_went_another_way_is_not_gone_on_with() {
    let all = whole(&filled(0).await).await;
    let mut copy = World::new().await;
    let log = copy.log().await;
    log.append(command(&stream(), 0)).await.unwrap();
    log.close().await;
    assert_eq!(
        unfit(import(&mut copy, &all).await),
        (
            2,
            Unfit::Position {
                expected: 2,
                found: 1
            }
        )
    );
    assert_eq!(unfit(import(&mut copy, &all[1..]).await), (2, Unfit::Hash));
}

#[tokio::test]
async fn the_server_may_not_import() {
    let all = whole(&filled(0).await).await;
    let copy = World::new().await;
    let mut app = copy.app().await;
    let mut import = Import::begin(&mut app).await.unwrap();
    let refused = import.append(&all).await.unwrap_err();
    assert!(matches!(refused, ImportError::Database(_)), "{refused:?}");
    assert_eq!(eventlog::last_position(&copy.admin).await.unwrap(), 0);
}
