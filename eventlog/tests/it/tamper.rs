//! D8: what a superuser changes behind the log's back is found.

use eventlog::{EventLog, Fault, Head, Verified, VerifyError};

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

async fn walk(world: &World, after: i64, anchors: &[Head]) -> Result<Verified, (i64, Fault)> {
    let pool = eventlog::pool(&world.config, 1).unwrap();
    let outcome = eventlog::verify(&pool.get().await.unwrap(), after, anchors).await;
    outcome.map_err(|error| match error {
        VerifyError::Bad { position, fault } => (position, fault),
        VerifyError::Read(error) => panic!("{error}"),
    })
}

#[tokio::test]
async fn an_untouched_log_is_good() {
    let (world, _log, head) = written().await;
    assert_eq!(walk(&world, 0, &[head]).await, Ok(Verified { checked: 30, head }));
    assert_eq!(
        walk(&world, 17, &[head]).await,
        Ok(Verified { checked: 13, head })
    );
    assert_eq!(walk(&world, 30, &[head]).await, Ok(Verified { checked: 0, head }));
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
        assert_eq!(walk(&world, 0, &[]).await, Err((17, Fault::Hash)), "{change}");
    }
}

/// D8 c.
#[tokio::test]
async fn a_deleted_row_is_found() {
    let (world, log, _) = written().await;
    tamper(&world, "DELETE FROM log.events WHERE position = 17").await;
    assert_eq!(walk(&world, 0, &[]).await, Err((17, Fault::Missing)));
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
    assert_eq!(walk(&world, 0, &[]).await, Err((17, Fault::Hash)));
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
    assert_eq!(walk(&world, 0, &[]).await, Err((17, Fault::Hash)));
}

/// D8 e: only somebody who kept an anchor can tell.
#[tokio::test]
async fn a_cut_tail_is_found_against_an_anchor() {
    let (world, _log, head) = written().await;
    tamper(&world, "DELETE FROM log.events WHERE position > 25").await;
    assert!(walk(&world, 0, &[]).await.is_ok());
    assert_eq!(walk(&world, 0, &[head]).await, Err((26, Fault::Missing)));
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
    assert!(walk(&world, 0, &[]).await.is_ok());
    assert_eq!(walk(&world, 0, &[head]).await, Err((30, Fault::Anchor)));
    assert_eq!(walk(&world, 30, &[head]).await, Err((30, Fault::Anchor)));
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
    assert_eq!(
        walk(&world, 0, &[]).await,
        Err((
            31,
            Fault::Version {
                expected: 11,
                found: 12
            }
        ))
    );
}
