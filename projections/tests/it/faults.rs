//! P2: rows and checkpoint move together. Whatever point a node fails at, each event counts exactly once.

use std::sync::Arc;

use projections::engine::State;
use projections::{Options, Projections};

use crate::history::Desk;
use crate::tracer::{Fault, Tracer};
use crate::world::{PATIENCE, World, eventually};

async fn each_counts_once_after(fault: Fault) {
    let world = World::new().await;
    Tracer::prepare(&world).await;
    let tracer = Tracer::failing(fault, 2);
    let engine = world.engine_of(vec![Arc::new(tracer)]);
    let mut desk = Desk::new(1);
    desk.live(&world, 30).await;
    let projections = Projections::start(engine, Options::default()).await.unwrap();
    for _ in 0..10 {
        let last = desk.live(&world, 10).await;
        projections.wait_for(last, PATIENCE).await.unwrap();
    }
    let head = world.caught_up(&projections).await;
    Tracer::assert_complete(&world, head).await;
    let status = &projections.status()[0];
    assert_eq!((status.state, status.parked), (State::Running, 0), "{status:?}");
    assert_eq!(status.last_error, None, "it has been right since");
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_a_panic_of_the_model_is_survived() {
    each_counts_once_after(Fault::Panic).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_a_break_between_rows_and_checkpoint_leaves_neither() {
    each_counts_once_after(Fault::BeforeCheckpoint).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn p2_a_break_in_the_commit_leaves_neither() {
    each_counts_once_after(Fault::InCommit).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_failing_read_model_holds_up_no_other() {
    let world = World::new().await;
    let mut models = projections::registry::read_models();
    models.push(Arc::new(Tracer::failing(Fault::Panic, i64::MAX)));
    let projections = Projections::start(world.engine_of(models), Options::default())
        .await
        .unwrap();
    let last = Desk::new(1).live(&world, 30).await;
    eventually("the others are there", || async {
        let status = projections.status();
        status
            .iter()
            .filter(|one| one.name != "tracer")
            .all(|one| one.position >= last)
            .then_some(())
    })
    .await;
    let status = projections
        .status()
        .into_iter()
        .find(|one| one.name == "tracer")
        .unwrap();
    assert!(status.lag > 0, "{status:?}");
    projections.stop().await;
}
