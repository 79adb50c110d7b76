//! Programs of two versions on one database, as in a rolling upgrade.

use std::sync::Arc;

use projections::engine::{ReadModel, State};
use projections::{EngineError, Options, Projections};

use crate::history::Desk;
use crate::tracer::Tracer;
use crate::world::{self, PATIENCE, World, eventually};

async fn program(world: &World, tracer: Tracer) -> Projections {
    let models: Vec<Arc<dyn ReadModel>> = vec![Arc::new(tracer)];
    let log = world::log(&world.config).await;
    let engine = projections::Engine::with_models(log, &world.config, models);
    Projections::start(engine, Options::default()).await.unwrap()
}

async fn leads(program: &Projections, generation: i64) {
    eventually("the program leads", || async {
        let status = program.status().remove(0);
        (status.state == State::Running && status.generation == generation).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_older_and_a_newer_program_work_side_by_side() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 50).await;
    let old = program(&world, Tracer::new()).await;
    world.caught_up(&old).await;

    // The newer one knows one column more, so it cannot read what the older one made; the older one can read both.
    let new = program(&world, Tracer::with_a_column_more(2)).await;
    for _ in 0..20 {
        let last = desk.live(&world, 5).await;
        old.wait_for(last, PATIENCE).await.unwrap();
    }
    leads(&new, 2).await;
    let last = desk.live(&world, 50).await;
    new.wait_for(last, PATIENCE).await.unwrap();
    old.wait_for(last, PATIENCE).await.unwrap();
    Tracer::assert_complete(&world, last).await;
    let status = old.status().remove(0);
    assert_eq!((status.state, status.last_error), (State::StandingBy, None));

    // What the older one made is kept current by it, for a way back, which only it can go.
    eventually("the older one follows", || async {
        let kept = old.engine().status().await.unwrap().remove(0).previous?;
        (kept.position == last && kept.owner.is_some() && kept.version == 1).then_some(())
    })
    .await;
    let refused = new.engine().rollback("tracer").await;
    assert!(
        matches!(refused, Err(EngineError::OfAnotherVersion { stored: 1, own: 2 })),
        "{refused:?}"
    );
    let back = old.engine().rollback("tracer").await.unwrap();
    assert_eq!(back.generation, 1);
    leads(&old, 1).await;
    let last = desk.live(&world, 50).await;
    old.wait_for(last, PATIENCE).await.unwrap();
    Tracer::assert_complete(&world, last).await;
    // The newer one does not undo that unasked, and says what is the matter.
    let error = eventually("the newer one says so", || async {
        new.status().remove(0).last_error
    })
    .await;
    assert!(
        error.contains("of version 1, this program makes version 2 and cannot read it"),
        "{error}"
    );
    assert_eq!(new.engine().status().await.unwrap().remove(0).build, None);
    new.stop().await;
    old.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_older_program_made_is_served_by_a_newer_one_that_can_read_it() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    let last = desk.live(&world, 50).await;
    let old = program(&world, Tracer::new()).await;
    world.caught_up(&old).await;
    old.stop().await;
    // Somebody else rebuilds already, for as long as this lasts.
    let other = crate::server::connect(&world.config).await;
    let lock = "SELECT pg_advisory_lock(hashtextextended('rebuild of read_tracer', 0))";
    other.batch_execute(lock).await.unwrap();
    let new = program(&world, Tracer::of_version(2)).await;
    new.wait_for(last, PATIENCE).await.unwrap();
    assert_eq!(new.engine().status().await.unwrap()[0].generation, 1);
    drop(other);
    leads(&new, 2).await;
    let last = desk.live(&world, 50).await;
    new.wait_for(last, PATIENCE).await.unwrap();
    Tracer::assert_complete(&world, last).await;
    new.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_indexes_make_nobody_rebuild() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 20).await;
    let programs = [
        program(&world, Tracer::new()).await,
        program(&world, Tracer::with_other_indexes()).await,
    ];
    for _ in 0..10 {
        let last = desk.live(&world, 5).await;
        for program in &programs {
            program.wait_for(last, PATIENCE).await.unwrap();
        }
        let steal = "UPDATE read_engine.projections SET lease_owner = NULL, lease_until = NULL";
        world.admin.batch_execute(steal).await.unwrap();
    }
    let head = world.log.head().await.unwrap().position;
    Tracer::assert_complete(&world, head).await;
    let status = programs[0].engine().status().await.unwrap().remove(0);
    assert_eq!((status.generation, status.build), (1, None));
    for program in programs {
        program.stop().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_columns_without_another_version_are_a_mistake_that_is_told() {
    let world = World::new().await;
    let mut desk = Desk::new(1);
    desk.live(&world, 20).await;
    let right = program(&world, Tracer::new()).await;
    world.caught_up(&right).await;
    let wrong = program(&world, Tracer::with_a_column_more(1)).await;
    let error = eventually("it says so", || async { wrong.status().remove(0).last_error }).await;
    assert!(
        error.contains("of version 1, this program makes version 1 and cannot read it"),
        "{error}"
    );
    let last = desk.live(&world, 20).await;
    right.wait_for(last, PATIENCE).await.unwrap();
    assert_eq!(right.engine().status().await.unwrap()[0].generation, 1);
    right.stop().await;
    wrong.stop().await;
}
