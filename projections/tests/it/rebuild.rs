//! P8: the next generation is made beside the live one, and nobody notices.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use deadpool_postgres::Pool;
use projections::engine::{Check, Phase};
use projections::tickets::{self, Filter, Wanted};
use projections::{Engine, EngineError};
use tokio::sync::mpsc;

use crate::history::Desk;
use crate::world::{self, PATIENCE, World, eventually};

/// Reads until it is told to stop. No read may fail, go back in time, or see two generations at once.
async fn reader(pool: Pool, stop: Arc<AtomicBool>, reads: Arc<AtomicU64>) {
    let mut versions = HashMap::new();
    let whole =
        "SELECT (SELECT coalesce(sum(tickets), 0)::bigint FROM read_tickets.counts WHERE scope = 'all'),
                        (SELECT count(*) FROM read_tickets.tickets WHERE NOT deleted)";
    let filter = Filter::default();
    while !stop.load(Ordering::Relaxed) {
        let page = tickets::list(&pool, Wanted::newest(&filter, 50)).await.unwrap();
        for row in page.tickets {
            let before = versions.insert(row.ticket.id, row.version).unwrap_or(0);
            assert!(
                row.version >= before,
                "{} went from {before} to {}",
                row.ticket.id,
                row.version
            );
        }
        let row = pool.get().await.unwrap().query_one(whole, &[]).await.unwrap();
        assert_eq!(
            row.get::<_, i64>(0),
            row.get::<_, i64>(1),
            "counts and tickets are of one generation"
        );
        reads.fetch_add(1, Ordering::Relaxed);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p8_readers_and_writers_do_not_notice_a_rebuild() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 500).await;
    let projections = world.projections().await;
    world.caught_up(&projections).await;
    let (stop, reads) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let readers: Vec<_> = (0..2)
        .map(|_| tokio::spawn(reader(world.pool.clone(), Arc::clone(&stop), Arc::clone(&reads))))
        .collect();
    let writing = async {
        while !stop.load(Ordering::Relaxed) {
            let last = desk.live(&world, 5).await;
            projections.wait_for(last, PATIENCE).await.unwrap();
        }
    };
    let rebuilding = async {
        for generation in 2..6 {
            let before = reads.load(Ordering::Relaxed);
            let mut phases = Vec::new();
            let rebuilt = projections
                .engine()
                .rebuild("tickets", Check::Compare, |progress| {
                    assert!(progress.position <= progress.target, "{progress:?}");
                    phases.push(progress.phase);
                })
                .await
                .unwrap();
            assert_eq!(rebuilt.generation, generation);
            assert!(rebuilt.comparison.unwrap().is_equal());
            assert!(
                phases.contains(&Phase::Fold) && phases.contains(&Phase::Swap),
                "{phases:?}"
            );
            eventually("a read of the new generation", || async {
                (reads.load(Ordering::Relaxed) > before + 2).then_some(())
            })
            .await;
        }
        stop.store(true, Ordering::Relaxed);
    };
    futures::future::join(writing, rebuilding).await;
    for reader in readers {
        reader.await.unwrap();
    }
    world.caught_up(&projections).await;
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_that_is_killed_leaves_the_live_generation_alone_and_the_next_one_starts_afresh() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 200).await;
    let projections = world.projections().await;
    world.caught_up(&projections).await;
    for phase in [Phase::Fold, Phase::Index, Phase::Compare, Phase::Swap] {
        let (reached, mut killing) = mpsc::unbounded_channel();
        let engine = projections.engine().clone();
        let killed = tokio::spawn(async move {
            let told = move |progress: projections::engine::Progress| {
                if progress.phase == phase {
                    reached.send(()).unwrap();
                }
            };
            engine.rebuild("tickets", Check::Compare, told).await
        });
        killing.recv().await.unwrap();
        killed.abort();
        let outcome = killed.await;
        let last = desk.live(&world, 10).await;
        projections.wait_for(last, PATIENCE).await.unwrap();
        let done = outcome.is_ok_and(|rebuilt| rebuilt.is_ok());
        assert!(!done || phase == Phase::Swap, "it was killed before the swap");
        let rebuilt = eventually("the lock is free again", || async {
            match projections
                .engine()
                .rebuild("tickets", Check::Compare, |_| ())
                .await
            {
                Err(EngineError::AlreadyRebuilding) => None,
                rebuilt => Some(rebuilt.unwrap()),
            }
        })
        .await;
        assert!(rebuilt.comparison.unwrap().is_equal());
    }
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_second_rebuild_of_the_same_read_model_is_refused() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 50).await;
    let engine = world.engine();
    engine.prepare().await.unwrap();
    let (reached, mut begun) = mpsc::unbounded_channel();
    let (release, held) = std::sync::mpsc::channel::<()>();
    // On threads of its own, as another process would be: it stands still in the middle.
    let config = world.config.clone();
    let first = tokio::task::spawn_blocking(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let engine = Engine::new(world::log(&config).await, &config);
            let told = move |progress: projections::engine::Progress| {
                if progress.phase == Phase::Index {
                    reached.send(()).unwrap();
                    held.recv().unwrap();
                }
            };
            engine.rebuild("people", Check::Skip, told).await
        })
    });
    begun.recv().await.unwrap();
    let second = engine.rebuild("people", Check::Skip, |_| ()).await;
    assert!(
        matches!(second, Err(EngineError::AlreadyRebuilding)),
        "{second:?}"
    );
    engine.rebuild("tickets", Check::Skip, |_| ()).await.unwrap();
    release.send(()).unwrap();
    assert_eq!(first.await.unwrap().unwrap().generation, 2);
    let unknown = engine.rebuild("nothing", Check::Skip, |_| ()).await;
    assert!(
        matches!(unknown, Err(EngineError::UnknownReadModel)),
        "{unknown:?}"
    );
}
