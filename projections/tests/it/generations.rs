//! The generations of a read model: one that differs waits to be accepted, the one before is kept current for a way back,
//! and whatever is killed in between is taken up or given up by the next command.

use std::time::Duration;

use domain::TicketId;
use projections::engine::{Check, Phase, SampleKind, StoredStatus};
use projections::{Engine, EngineError, tickets};
use tokio::sync::mpsc;

use crate::history::Desk;
use crate::server::connect;
use crate::skips::{skip, ticket_with};
use crate::world::{PATIENCE, World, event, eventually};

async fn status(engine: &Engine) -> StoredStatus {
    let statuses = engine.status().await.unwrap();
    statuses.into_iter().find(|one| one.name == "tickets").unwrap()
}

/// Waits until the generation that is kept is where the log is.
async fn kept_is_current(world: &World, engine: &Engine) {
    eventually("the kept generation follows", || async {
        let head = world.log.head().await.unwrap().position;
        let previous = status(engine).await.previous?;
        (previous.position == head && previous.owner.is_some()).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_is_kept_current_until_it_is_given_up() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 100).await;
    let projections = world.projections().await;
    let engine = projections.engine();
    world.caught_up(&projections).await;
    let none = engine.rollback("tickets").await;
    assert!(matches!(none, Err(EngineError::NoSuchGeneration)), "{none:?}");

    let rebuilt = engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    let held = rebuilt.swapped.unwrap();
    assert!(held < Duration::from_millis(100), "stood still for {held:?}");
    for turn in 0..4 {
        let last = desk.live(&world, 20).await;
        projections.wait_for(last, PATIENCE).await.unwrap();
        kept_is_current(&world, engine).await;
        let back = engine.rollback("tickets").await.unwrap();
        assert_eq!(back.generation, 1 + turn % 2);
        assert!(
            back.position >= last && back.held < Duration::from_millis(100),
            "{back:?}"
        );
        let now = status(engine).await;
        assert_eq!(now.generation, back.generation);
        assert_eq!(now.previous.unwrap().generation, 2 - turn % 2);
    }
    let last = desk.live(&world, 20).await;
    projections.wait_for(last, PATIENCE).await.unwrap();
    kept_is_current(&world, engine).await;
    let same = engine
        .compare("tickets", "read_tickets", "read_tickets_prev")
        .await
        .unwrap();
    assert!(same.is_equal(), "{same:?}");

    assert!(engine.drop_old("tickets").await.unwrap());
    assert!(!engine.drop_old("tickets").await.unwrap());
    let schemas = "SELECT count(*) FROM pg_namespace WHERE nspname LIKE 'read\\_tickets%'";
    assert_eq!(world.number(schemas).await, 1);
    let rebuilt = engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    assert_eq!(rebuilt.generation, 3);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_without_anybody_who_keeps_it_current_is_made_current_first() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 100).await;
    let projections = world.projections().await;
    world.caught_up(&projections).await;
    let engine = world.engine();
    engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    let last = desk.live(&world, 100).await;
    world.caught_up(&projections).await;
    projections.stop().await;
    // It stands where it was at some time.
    let sql = "UPDATE read_engine.previous SET lease_owner = NULL";
    world.admin.batch_execute(sql).await.unwrap();
    let back = engine.rollback("tickets").await.unwrap();
    assert_eq!((back.generation, back.position), (1, last));
    world.assert_equals_a_fresh_fold(&engine, "tickets").await;
}

/// Waits until so many wait for the row of the generation that is kept.
async fn waiting_for_the_kept_one(world: &World, wanted: i64) {
    let sql = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()
               AND wait_event_type = 'Lock' AND query LIKE '%read_engine.previous%'";
    eventually("they wait for the row", || async {
        (world.number(sql).await >= wanted).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_way_back_loses_no_event_of_a_stream_that_goes_on_because_of_a_skip() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (stream, positions) = ticket_with(&world, &["{\"title\":7}"]).await;
    world.caught_up(&projections).await;
    let engine = projections.engine().clone();
    engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    kept_is_current(&world, &engine).await;

    // Whoever keeps the generation current is stopped in the middle, and has not read yet that the event is skipped when
    // going back lets its stream go on.
    let holder = connect(&world.config).await;
    let hold = "BEGIN; SELECT 1 FROM read_engine.previous WHERE name = 'tickets' FOR UPDATE";
    holder.batch_execute(hold).await.unwrap();
    Desk::new(1).live(&world, 1).await;
    waiting_for_the_kept_one(&world, 1).await;
    skip(&world, &stream, 2, positions[1]).await;
    let back = tokio::spawn(async move { engine.rollback("tickets").await });
    waiting_for_the_kept_one(&world, 2).await;
    let title = event("TicketTitleChanged", 1, "{\"title\":\"Printer on ice\"}");
    let last = world.append(stream.clone(), 2, vec![title]).await;
    holder.batch_execute("ROLLBACK").await.unwrap();

    assert_eq!(back.await.unwrap().unwrap().generation, 1);
    projections.wait_for(last, PATIENCE).await.unwrap();
    let row = tickets::get(&world.pool, TicketId::from_uuid(stream.id)).await;
    let row = row.unwrap().unwrap();
    assert_eq!((row.version, row.position), (3, last));
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    projections.stop().await;
}

/// Changes the live tables behind everybody's back: a title, a ticket less, a count.
async fn falsify(world: &World) {
    let sql = "UPDATE read_tickets.tickets SET title = 'Forged', priority = 'LOW'
               WHERE id = (SELECT min(id::text)::uuid FROM read_tickets.tickets);
               DELETE FROM read_tickets.tickets WHERE id = (SELECT max(id::text)::uuid FROM read_tickets.tickets);
               UPDATE read_tickets.counts SET tickets = tickets + 1 WHERE scope = 'all'";
    world.admin.batch_execute(sql).await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_generation_that_differs_waits_until_it_is_accepted() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 200).await;
    let projections = world.projections().await;
    let engine = projections.engine();
    world.caught_up(&projections).await;
    falsify(&world).await;

    let rebuilt = engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    assert_eq!((rebuilt.generation, rebuilt.swapped), (2, None));
    let comparison = rebuilt.comparison.unwrap();
    let tickets = comparison
        .tables
        .iter()
        .find(|table| table.table == "tickets")
        .unwrap();
    assert_eq!((tickets.only_first, tickets.only_second), (1, 2));
    let columns: Vec<_> = tickets
        .columns
        .iter()
        .map(|(name, rows)| (&**name, *rows))
        .collect();
    assert!(columns.contains(&("title", 1)), "{columns:?}");
    let kinds: Vec<_> = tickets.samples.iter().map(|sample| &sample.kind).collect();
    assert_eq!(kinds.len(), 2);
    assert!(kinds.contains(&&SampleKind::OnlySecond), "{kinds:?}");
    let SampleKind::Changed(changed) = &tickets.samples[0].kind else {
        panic!("{:?}", tickets.samples);
    };
    let title = changed.iter().find(|(column, ..)| column == "title").unwrap();
    assert_eq!(title.1.as_deref(), Some("Forged"));
    assert_eq!(tickets.samples[0].key[0].0, "id");

    let now = status(engine).await;
    assert_eq!(
        (now.generation, now.previous),
        (1, None),
        "the live one serves on"
    );
    let build = now.build.unwrap();
    assert!(build.different && !build.running);
    assert_eq!(build.comparison, Some(comparison));
    let last = desk.live(&world, 20).await;
    projections.wait_for(last, PATIENCE).await.unwrap();

    let accepted = engine.rebuild("tickets", Check::Accept, |_| ()).await.unwrap();
    assert_eq!(accepted.generation, 2, "what was made is gone on with");
    assert!(!accepted.comparison.unwrap().is_equal());
    assert!(accepted.swapped.is_some());
    let now = status(engine).await;
    assert_eq!((now.generation, now.build), (2, None));
    assert!(now.previous.is_some());
    let again = engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    assert!(again.comparison.unwrap().is_equal());
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_can_be_aborted_wherever_it_runs_and_whatever_it_left() {
    let world = World::new().await;
    Desk::new(1).live(&world, 200).await;
    let projections = world.projections().await;
    let engine = projections.engine();
    world.caught_up(&projections).await;
    assert!(!engine.abort("tickets").await.unwrap(), "there is none");

    falsify(&world).await;
    engine.rebuild("tickets", Check::Compare, |_| ()).await.unwrap();
    assert!(engine.abort("tickets").await.unwrap());
    assert_eq!(status(engine).await.build, None);

    // One that is at work: it waits for a lock that somebody has.
    let other = crate::server::connect(&world.config).await;
    let hold = "BEGIN; LOCK TABLE log.events IN ACCESS EXCLUSIVE MODE";
    let (reached, mut begun) = mpsc::unbounded_channel();
    let working = tokio::spawn({
        let engine = engine.clone();
        async move {
            let told = move |progress: projections::engine::Progress| {
                if progress.phase == Phase::Index {
                    let _ = reached.send(());
                }
            };
            engine.rebuild("tickets", Check::Compare, told).await
        }
    });
    begun.recv().await.unwrap();
    other.batch_execute(hold).await.unwrap();
    let aborted = engine.abort("tickets").await;
    other.batch_execute("ROLLBACK").await.unwrap();
    let outcome = working.await.unwrap();
    assert!(aborted.is_ok(), "{aborted:?}");
    match outcome {
        Err(EngineError::Aborted) => assert_eq!(status(engine).await.generation, 1),
        // It was done before it was told.
        Ok(_) => {}
        Err(error) => panic!("{error:?}"),
    }
    assert_eq!(status(engine).await.build, None);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_killed_rebuild_is_gone_on_with_where_it_was() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 200).await;
    let projections = world.projections().await;
    let engine = projections.engine();
    world.caught_up(&projections).await;
    let (reached, mut killing) = mpsc::unbounded_channel();
    let killed = tokio::spawn({
        let engine = engine.clone();
        async move {
            let told = move |progress: projections::engine::Progress| {
                if progress.phase == Phase::Compare {
                    let _ = reached.send(());
                }
            };
            engine.rebuild("tickets", Check::Compare, told).await
        }
    });
    killing.recv().await.unwrap();
    killed.abort();
    if killed.await.is_ok_and(|rebuilt| rebuilt.is_ok()) {
        projections.stop().await;
        return; // it was quicker
    }
    let last = desk.live(&world, 50).await;
    projections.wait_for(last, PATIENCE).await.unwrap();
    let mut phases = Vec::new();
    let rebuilt = engine
        .rebuild("tickets", Check::Compare, |progress| phases.push(progress.phase))
        .await
        .unwrap();
    assert!(!phases.contains(&Phase::Fold), "{phases:?}");
    assert!(rebuilt.comparison.unwrap().is_equal());
    projections.stop().await;
}
