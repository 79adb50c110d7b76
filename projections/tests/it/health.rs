//! What everybody can see of a read model, and how soon.

use std::sync::Arc;
use std::time::{Duration, Instant};

use projections::engine::{Health, StoredStatus};
use projections::{Engine, Options, Projections};

use crate::history::Desk;
use crate::tracer::Tracer;
use crate::world::{World, event, eventually, id};

async fn tracer_of(engine: &Engine) -> StoredStatus {
    engine.status().await.unwrap().remove(0)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_read_model_that_nobody_runs_is_red_within_ten_seconds_though_nothing_happens() {
    let world = World::new().await;
    let engine = world.engine_of(vec![Arc::new(Tracer::new())]);
    let projections = Projections::start(engine.clone(), Options::default())
        .await
        .unwrap();
    Desk::new(1).live(&world, 20).await;
    world.caught_up(&projections).await;
    let status = tracer_of(&engine).await;
    assert_eq!((status.health, status.lag), (Health::Well, 0), "{status:?}");
    assert!(status.owner.is_some());
    projections.stop().await;
    let stopped = Instant::now();
    let status = eventually("it is dead", || async {
        let status = tracer_of(&engine).await;
        (status.health == Health::Dead).then_some(status)
    })
    .await;
    assert!(
        stopped.elapsed() < Duration::from_secs(10),
        "{:?}",
        stopped.elapsed()
    );
    assert_eq!(
        (status.health.colour(), status.owner, status.lag),
        ("red", None, 0)
    );
    let projections = Projections::start(engine.clone(), Options::default())
        .await
        .unwrap();
    eventually("it is well again", || async {
        (tracer_of(&engine).await.health == Health::Well).then_some(())
    })
    .await;
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stops_a_read_model_can_be_seen_from_elsewhere() {
    let world = World::new().await;
    let projections = world.projections().await;
    let elsewhere = world.engine();
    let stream = eventlog::StreamId::new("ticket", id());
    world
        .append(
            stream,
            0,
            vec![event("TicketTeleported", 3, "{\"secret\":\"Forty-two\"}")],
        )
        .await;
    let status = eventually("it fails", || async {
        let statuses = elsewhere.status().await.unwrap();
        let tickets = statuses.into_iter().find(|one| one.name == "tickets").unwrap();
        (tickets.health == Health::Failing).then_some(tickets)
    })
    .await;
    let error = status.last_error.unwrap();
    assert!(error.text.contains("TicketTeleported"), "{error:?}");
    assert_eq!(error.kind, "the program does not know the event's type");
    assert_eq!((status.lag, status.health.colour()), (1, "red"));
    let people = elsewhere.status().await.unwrap();
    let people = people.iter().find(|one| one.name == "people").unwrap();
    assert_eq!(people.health, Health::Well);
    projections.stop().await;
}
