//! D5 and D6: versions and positions under many writers in two processes, with killed backends.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use eventlog::{AppendError, EventLog, Position, StreamId};
use futures::future::join_all;
use tokio::time::timeout;

use crate::server::connect;
use crate::world::{PATIENCE, World, assert_gapless, command, stream};

/// Appends to one stream until `count` commands got through, each decided on what the stream is then.
async fn compete(log: EventLog, stream: StreamId, count: usize) -> Vec<i64> {
    let mut won = Vec::new();
    while won.len() < count {
        let version = log.read_stream(&stream, 0, 10_000).await.unwrap().len();
        match log
            .append(command(&stream, i64::try_from(version).unwrap()))
            .await
        {
            Ok(appended) => won.push(appended.last_version()),
            Err(AppendError::Conflict { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    won
}

/// D5.
#[tokio::test(flavor = "multi_thread")]
async fn concurrent_appends_on_one_stream_lose_nothing() {
    let world = World::new().await;
    let logs = [world.log().await, world.log().await];
    let stream = stream();
    let tasks = (0..64).map(|n| tokio::spawn(compete(logs[n % 2].clone(), stream.clone(), 2)));
    let mut won: Vec<_> = join_all(tasks)
        .await
        .into_iter()
        .flat_map(Result::unwrap)
        .collect();
    won.sort_unstable();
    assert_eq!(won, (1..=128).collect::<Vec<_>>());
    assert_gapless(&world.all(&logs[0]).await);
}

/// What one writer did: the positions that were acknowledged, with the command's id.
type Journal = Vec<(uuid::Uuid, Position)>;

async fn write(log: EventLog, commands: usize) -> Journal {
    let mut journal = Journal::new();
    let (mut stream, mut version) = (stream(), 0);
    for n in 0..commands {
        if n % 8 == 0 {
            (stream, version) = (crate::world::stream(), 0);
        }
        let command = command(&stream, version);
        // Whoever is told that the outcome is unknown asks again, with the same command.
        let appended = loop {
            match log.append(command.clone()).await {
                Ok(appended) => break appended,
                Err(AppendError::Unavailable(_)) => {}
                Err(other) => panic!("{other}"),
            }
        };
        version += 1;
        assert_eq!(appended.last_version(), version);
        journal.push((command.metadata.command_id, appended.last_position()));
    }
    journal
}

/// Reads the log without a pause and never sees a position before the one below it.
async fn watch(config: tokio_postgres::Config, stop: Arc<AtomicBool>) -> Position {
    let client = connect(&config).await;
    let mut seen = 0;
    while !stop.load(Ordering::Relaxed) {
        let sql = "SELECT position FROM log.events WHERE position > $1 ORDER BY position LIMIT 500";
        for row in client.query(sql, &[&seen]).await.unwrap() {
            let position: Position = row.get(0);
            assert_eq!(position, seen + 1, "seen before the one below it");
            seen = position;
        }
    }
    seen
}

/// D6, and D4 for connections: 64 writers in two processes, whose backends are killed again and again.
/// Lost, duplicated and unexpected are nought.
#[tokio::test(flavor = "multi_thread")]
async fn positions_are_gapless_when_backends_are_killed() {
    const WRITERS: usize = 64;
    const COMMANDS: usize = 60;
    let world = World::new().await;
    let logs = [world.log().await, world.log().await];
    let stop = Arc::new(AtomicBool::new(false));
    let readers: Vec<_> = (0..3)
        .map(|_| tokio::spawn(watch(world.config.clone(), Arc::clone(&stop))))
        .collect();
    let done = Arc::new(AtomicU64::new(0));
    let writers: Vec<_> = (0..WRITERS)
        .map(|n| {
            let (log, done) = (logs[n % 2].clone(), Arc::clone(&done));
            tokio::spawn(async move {
                let journal = write(log, COMMANDS).await;
                done.fetch_add(1, Ordering::Relaxed);
                journal
            })
        })
        .collect();

    let kills = timeout(PATIENCE * 4, async {
        let mut kills = 0;
        let mut head = logs[0].head_watch();
        while done.load(Ordering::Relaxed) < WRITERS as u64 {
            // Whichever of the two appends at this moment, or holds the lock, or waits for it.
            kills += world.terminate("log.append_events").await + world.terminate("lock_head").await;
            let next = *head.borrow_and_update() + 200;
            let progress = head.wait_for(|position| *position >= next);
            tokio::select! {
                moved = progress => drop(moved.unwrap()),
                () = tokio::time::sleep(std::time::Duration::from_millis(300)) => {}
            }
        }
        kills
    })
    .await
    .unwrap();
    let journals: Vec<Journal> = join_all(writers).await.into_iter().map(Result::unwrap).collect();
    stop.store(true, Ordering::Relaxed);
    let seen: Vec<_> = join_all(readers).await.into_iter().map(Result::unwrap).collect();

    let all = world.all(&logs[0]).await;
    assert!(kills > 0, "nothing was killed");
    assert_gapless(&all);
    assert_eq!(all.len(), WRITERS * COMMANDS, "duplicated or unexpected events");
    for (command, position) in journals.into_iter().flatten() {
        let event = &all[usize::try_from(position - 1).unwrap()];
        assert_eq!(event.command_id, command, "an acknowledged command is lost");
    }
    assert!(
        seen.iter()
            .all(|seen| usize::try_from(*seen).unwrap() <= all.len())
    );
    assert_eq!(world.verify().await.checked, all.len() as u64);
}

/// A transaction that has appended and rolls back leaves no trace and no hole.
#[tokio::test]
async fn a_rolled_back_append_leaves_no_hole() {
    let world = World::new().await;
    let log = world.log().await;
    log.append(command(&stream(), 0)).await.unwrap();
    let app = world.app().await;
    app.batch_execute("BEGIN").await.unwrap();
    let head = app.query_one("SELECT * FROM log.lock_head()", &[]).await.unwrap();
    let id = uuid::Uuid::from_u128(1);
    let sql = "SELECT outcome FROM log.append_events($1, $2, 'epoch', ARRAY['thing'], ARRAY[$3::uuid], ARRAY[1::bigint], \
               ARRAY[$3], ARRAY['Happened'], ARRAY[1], ARRAY['{}'], ARRAY['{}'], ARRAY[$3], ARRAY[0], \
               ARRAY[sha256('')], '{}', '{}')";
    let row = app
        .query_one(sql, &[&head.get::<_, i64>(0), &head.get::<_, &[u8]>(1), &id])
        .await
        .unwrap();
    assert_eq!(row.get::<_, &str>(0), "appended");
    app.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(
        log.append(command(&stream(), 0)).await.unwrap().last_position(),
        2
    );
    world.verify().await;
}
