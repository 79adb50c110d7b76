//! D8: what a superuser changes behind the log's back is found.

use eventlog::{EventLog, FINDINGS_MAX, Fault, Findings, Head, Position, Reader, Verified};

use crate::world::{World, command, stream};

/// A log of 30 events on three streams, and its head.
async fn written() -> (World, EventLog, Head) {
    let world = World::new().await;
    let log = world.log().await;
    for stream in [stream(), stream(), stream()] {
        for version in 0..10 {
            log.append(command(&stream, version)).await.unwrap();
        }
    }
    let head = log.head().await.unwrap();
    (world, log, head)
}

/// Does what only a superuser can.
async fn tamper(world: &World, sql: &str) {
    let sql = format!(
        "ALTER TABLE log.events DISABLE TRIGGER ALL; {sql}; ALTER TABLE log.events ENABLE TRIGGER ALL"
    );
    world.admin.batch_execute(&sql).await.unwrap();
}

/// Walks with the rights of the server, on a connection that cannot write.
async fn walk(world: &World, after: i64, anchors: &[Head]) -> Verified {
    let reader = Reader::connect(&world.config).await.unwrap();
    eventlog::verify(&reader, after, anchors, |_, _| {})
        .await
        .unwrap()
}

/// Positions and faults, without the hashes.
async fn faults(world: &World, after: i64, anchors: &[Head]) -> Vec<(Position, String)> {
    let verified = walk(world, after, anchors).await;
    let found = verified.findings.kept().iter();
    found
        .map(|damage| (damage.position, damage.fault.to_string()))
        .collect()
}

fn expected(faults: &[(Position, &str)]) -> Vec<(Position, String)> {
    let faults = faults.iter();
    faults
        .map(|(position, fault)| (*position, (*fault).to_owned()))
        .collect()
}

const HASH: &str = "the hash does not fit";
const MISSING: &str = "the event is missing";
const VERSION: &str = "the version does not follow";
const ANCHOR: &str = "the hash is not that of the anchor";

#[tokio::test]
async fn an_untouched_log_is_good() {
    let (world, _log, head) = written().await;
    let good = |checked| Verified {
        checked,
        head,
        findings: Findings::default(),
    };
    assert_eq!(walk(&world, 0, &[head, Head::EMPTY]).await, good(30));
    assert_eq!(walk(&world, 17, &[head]).await, good(13));
    assert_eq!(walk(&world, 30, &[head]).await, good(0));
    let empty = World::new().await;
    assert_eq!(walk(&empty, 0, &[]).await.head, Head::EMPTY);
}

#[tokio::test]
async fn a_long_log_is_walked_in_stretches() {
    let world = World::new().await;
    let options = eventlog::Options {
        append_wait: crate::world::PATIENCE,
        ..Default::default()
    };
    let log = world.log_with(options).await;
    let one = stream();
    log.append(command(&one, 0)).await.unwrap();
    for _ in 0..225 {
        let mut append = command(&stream(), 0);
        append.events = (0..100).map(|_| crate::world::event("[]")).collect();
        log.append(append).await.unwrap();
    }
    log.append(command(&one, 1)).await.unwrap();
    let mut told = Vec::new();
    let reader = Reader::connect(&world.config).await.unwrap();
    let verified = eventlog::verify(&reader, 0, &[], |head, end| told.push((head.position, end)))
        .await
        .unwrap();
    assert!(verified.findings.is_empty(), "{:?}", verified.findings);
    let expected: Vec<_> = (1..=22_502).map(|position| (position, 22_502)).collect();
    assert_eq!(told, expected);
    let later = walk(&world, 2_000, &[]).await;
    assert_eq!((later.checked, later.findings.count()), (20_502, 0));
}

/// D8 a and b, and the same for every column.
#[tokio::test]
async fn a_changed_row_is_found() {
    for change in [
        "payload = '{\"a\": 2}'",
        "payload = '{\"a\":1}'",
        "metadata = '{}'",
        "recorded_at = recorded_at + interval '1 millisecond'",
        "type = 'Other'",
        "schema_version = 2",
        "category = 'other'",
        "event_id = gen_random_uuid()",
        "command_id = gen_random_uuid()",
        "command_index = 1",
        "hash = sha256('')",
    ] {
        let (world, _log, _) = written().await;
        tamper(
            &world,
            &format!("UPDATE log.events SET {change} WHERE position = 17"),
        )
        .await;
        // A changed hash also does not fit the event after it.
        let all = if change.starts_with("hash") {
            &[(17, HASH), (18, HASH)][..]
        } else {
            &[(17, HASH)]
        };
        assert_eq!(faults(&world, 0, &[]).await, expected(all), "{change}");
    }
}

/// D8 c.
#[tokio::test]
async fn a_deleted_row_is_found() {
    let (world, log, _) = written().await;
    tamper(&world, "DELETE FROM log.events WHERE position = 17").await;
    let found = expected(&[(17, MISSING), (18, VERSION)]);
    assert_eq!(faults(&world, 0, &[]).await, found);
    assert_eq!(faults(&world, 17, &[]).await, found);
    // No reader passes over it either.
    let error = log.read_all(0, 100).await.unwrap_err();
    assert!(
        matches!(error, eventlog::ReadError::Damaged { position: 17 }),
        "{error}"
    );

    let renumber = "UPDATE log.events SET position = -position WHERE position > 17; \
                    UPDATE log.events SET position = -position - 1 WHERE position < 0";
    world
        .admin
        .batch_execute("ALTER TABLE log.events DROP CONSTRAINT events_position_check")
        .await
        .unwrap();
    tamper(&world, renumber).await;
    // Every event after it has another position than the one that was hashed.
    let found = faults(&world, 0, &[]).await;
    assert_eq!(found[0], (17, HASH.to_owned()));
    assert_eq!(found.iter().filter(|(_, fault)| fault == HASH).count(), 13);
}

/// D8 d.
#[tokio::test]
async fn swapped_rows_are_found() {
    let (world, _log, _) = written().await;
    world
        .admin
        .batch_execute("ALTER TABLE log.events DROP CONSTRAINT events_position_check")
        .await
        .unwrap();
    let swap = "UPDATE log.events SET position = -position WHERE position IN (17, 18); \
                UPDATE log.events SET position = 35 + position WHERE position < 0";
    tamper(&world, swap).await;
    let found = faults(&world, 0, &[]).await;
    assert_eq!(found[0], (17, HASH.to_owned()));
    let versions = found.iter().filter(|(_, fault)| fault.contains("version"));
    assert!(versions.count() > 0, "{found:?}");
}

/// D8 e: only somebody who kept an anchor can tell.
#[tokio::test]
async fn a_cut_tail_is_found_against_an_anchor() {
    let (world, _log, head) = written().await;
    tamper(&world, "DELETE FROM log.events WHERE position > 25").await;
    assert_eq!(faults(&world, 0, &[]).await, []);
    assert_eq!(
        faults(&world, 0, &[head]).await,
        expected(&[(26, "5 events are missing")])
    );
}

#[tokio::test]
async fn a_tail_that_was_written_anew_is_found_against_an_anchor() {
    let (world, log, head) = written().await;
    log.close().await;
    tamper(&world, "DELETE FROM log.events WHERE position > 25").await;
    let log = world.log().await;
    for _ in 0..10 {
        log.append(command(&stream(), 0)).await.unwrap();
    }
    assert_eq!(faults(&world, 0, &[]).await, []);
    assert_eq!(faults(&world, 0, &[head]).await, expected(&[(30, ANCHOR)]));
    assert_eq!(faults(&world, 30, &[head]).await, expected(&[(30, ANCHOR)]));
}

/// A chain of good hashes over bad versions: written by somebody who knows the format.
#[tokio::test]
async fn a_version_out_of_order_is_found() {
    let (world, log, head) = written().await;
    let mut forged = (*log.read_all(29, 1).await.unwrap()[0]).clone();
    forged.position = 31;
    forged.version = 12;
    let hash = eventlog::link(&head.hash, &forged);
    let sql = "INSERT INTO log.events SELECT 31, category, stream, 12, event_id, type, schema_version, payload, metadata, \
               recorded_at, command_id, 1, $1 FROM log.events WHERE position = 30";
    forged.command_index = 1;
    let hash_of_row = eventlog::link(&head.hash, &forged);
    assert_ne!(hash, hash_of_row);
    world
        .admin
        .execute(sql, &[&hash_of_row.as_slice()])
        .await
        .unwrap();
    let found = walk(&world, 0, &[]).await.findings;
    assert_eq!(found.count(), 1);
    let version = Fault::Version {
        expected: 11,
        found: 12,
    };
    assert_eq!((found.kept()[0].position, found.kept()[0].fault), (31, version));
    assert_eq!(found.kept()[0].stream, Some(forged.stream.id));
    // And by a walk that begins later and has to look the stream up.
    assert_eq!(walk(&world, 25, &[]).await.findings, found);
}

/// Without the constraints nothing but the walk can tell.
#[tokio::test]
async fn rows_that_stand_nowhere_are_found() {
    let (world, _log, _) = written().await;
    let free = "ALTER TABLE log.events DROP CONSTRAINT events_pkey, DROP CONSTRAINT events_stream_version_key, \
                DROP CONSTRAINT events_command_id_command_index_key, DROP CONSTRAINT events_position_check";
    world.admin.batch_execute(free).await.unwrap();
    tamper(
        &world,
        "INSERT INTO log.events SELECT * FROM log.events WHERE position = 17",
    )
    .await;
    assert_eq!(
        faults(&world, 0, &[]).await,
        expected(&[(17, "a second event has this position")])
    );
    tamper(
        &world,
        "UPDATE log.events SET position = -position WHERE position = 17",
    )
    .await;
    assert_eq!(
        faults(&world, 0, &[]).await,
        expected(&[
            (17, MISSING),
            (18, VERSION),
            (30, "2 rows stand at no place of the log")
        ])
    );
}

#[tokio::test]
async fn what_the_log_never_writes_is_found() {
    let (world, _log, _) = written().await;
    let free =
        "ALTER TABLE log.events DROP CONSTRAINT events_recorded_at_check, DROP CONSTRAINT events_hash_check";
    world.admin.batch_execute(free).await.unwrap();
    tamper(
        &world,
        "UPDATE log.events SET recorded_at = recorded_at + interval '1 microsecond' WHERE position = 17; \
         UPDATE log.events SET hash = '' WHERE position = 30",
    )
    .await;
    let malformed = "a column holds what the log never writes";
    assert_eq!(
        faults(&world, 0, &[]).await,
        expected(&[(17, malformed), (18, VERSION), (30, malformed)])
    );
}

#[tokio::test]
async fn all_findings_are_counted_and_the_first_are_kept() {
    let (world, log, _) = written().await;
    for _ in 0..100 {
        log.append(command(&stream(), 0)).await.unwrap();
    }
    tamper(&world, "UPDATE log.events SET metadata = '[]'").await;
    let found = walk(&world, 0, &[]).await.findings;
    assert_eq!((found.count(), found.kept().len()), (130, FINDINGS_MAX));
    assert_eq!(found.more(), 30);
}
