//! P3, P4: whatever way a read model took, it equals a fresh fold of the log. For every registered read model.

use futures::future::join_all;
use projections::engine::{Check, Status};
use projections::{Options, Projections, registry};

use crate::history::{Desk, Dice};
use crate::world::{World, append, eventually};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_tables_equal_a_fresh_fold() {
    for seed in [1, 2, 3] {
        let world = World::new().await;
        let mut desk = Desk::new(seed);
        desk.live(&world, 150).await; // a past to catch up with
        let projections = world.projections().await;
        let mut dice = Dice::new(seed);
        for _ in 0..30 {
            // Batches of random sizes: many commands at once, then a wait for all of them.
            let mut appends = Vec::new();
            let mut seen = std::collections::HashSet::new();
            for _ in 0..=dice.roll(40) {
                let Some((stream, expected, events)) = desk.next() else {
                    continue;
                };
                if !seen.insert(stream.id) {
                    join_all(appends.drain(..)).await;
                    seen.clear();
                    seen.insert(stream.id);
                }
                let one = append(stream, expected, events);
                appends.push(async { world.log.append(one).await.unwrap() });
            }
            join_all(appends).await;
            world.caught_up(&projections).await;
        }
        assert!(world.number("SELECT count(*) FROM read_tickets.counts").await > 10);
        assert!(world.number("SELECT count(*) FROM read_people.people").await > 3);
        for model in registry::read_models() {
            let engine = projections.engine();
            world.assert_equals_a_fresh_fold(engine, model.name()).await;
            let rebuilt = engine
                .rebuild(model.name(), Check::Compare, |_| ())
                .await
                .unwrap();
            let comparison = rebuilt
                .comparison
                .expect("the live one keeps up, so both can be compared");
            assert!(comparison.is_equal(), "seed {seed}: {comparison:?}");
            assert_eq!(rebuilt.generation, 3);
        }
        projections.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_at_a_time_equals_all_at_once() {
    let one_by_one = World::new().await;
    let projections = one_by_one.projections().await;
    let mut desk = Desk::new(4);
    for _ in 0..400 {
        desk.live(&one_by_one, 1).await;
        one_by_one.caught_up(&projections).await;
    }
    projections.stop().await;

    // The same log again, applied by a node that comes when everything is there already.
    one_by_one
        .admin
        .batch_execute("DROP SCHEMA read_engine CASCADE")
        .await
        .unwrap();
    for model in registry::read_models() {
        let name = model.name();
        let keep = format!(
            "ALTER SCHEMA read_{name} RENAME TO kept_{name}; GRANT USAGE ON SCHEMA kept_{name} TO public"
        );
        one_by_one.admin.batch_execute(&keep).await.unwrap();
    }
    let projections = Projections::start(one_by_one.engine(), Options::default())
        .await
        .unwrap();
    one_by_one.caught_up(&projections).await;
    for model in registry::read_models() {
        let name = model.name();
        let comparison = projections
            .engine()
            .compare(name, &format!("kept_{name}"), &format!("read_{name}"))
            .await
            .unwrap();
        assert!(comparison.is_equal(), "{comparison:?}");
        // And twice a rebuild gives the same.
        one_by_one
            .assert_equals_a_fresh_fold(projections.engine(), name)
            .await;
        one_by_one
            .assert_equals_a_fresh_fold(projections.engine(), name)
            .await;
    }
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_empty_read_model_of_a_long_log_is_made_by_a_rebuild() {
    let world = World::new().await;
    let last = Desk::new(5).live(&world, 300).await;
    let options = Options {
        bulk_events_min: last,
        ..Options::default()
    };
    let projections = Projections::start(world.engine(), options).await.unwrap();
    world.caught_up(&projections).await;
    eventually("all are of the generation that was made", || async {
        let of_it = |status: &Status| (status.generation, status.position, status.lag) == (2, last, 0);
        projections.status().iter().all(of_it).then_some(())
    })
    .await;
    projections.stop().await;
}
