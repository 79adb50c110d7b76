//! Parking: a stream whose event cannot be applied waits, all others go on; an event that the program does not know
//! stops everything.

use std::sync::Arc;

use domain::{AccountId, TicketId};
use eventlog::StreamId;
use projections::engine::State;
use projections::{EngineError, Options, Projections, tickets};

use crate::history::{Desk, created};
use crate::tracer::{Poison, Tracer};
use crate::world::{World, event, eventually, id};

fn ticket() -> StreamId {
    StreamId::new("ticket", id())
}

fn somebody() -> AccountId {
    AccountId::from_uuid(id())
}

async fn parks_and_goes_on_after(poison: Poison) {
    let world = World::new().await;
    let tracer = Tracer::new();
    let engine = world.engine_of(vec![Arc::new(tracer.clone())]);
    let projections = Projections::start(engine, Options::default()).await.unwrap();
    let (ill, well) = (ticket(), ticket());
    let say = || vec![event("Said", 1, "{}")];
    world.append(ill.clone(), 0, say()).await;
    world.caught_up(&projections).await;
    tracer.poison(Some((ill.id, poison)));
    let poisoned = world.append(ill.clone(), 1, say()).await;
    world.append(well.clone(), 0, say()).await;
    world.append(ill.clone(), 2, say()).await;
    world.caught_up(&projections).await;
    world.append(ill.clone(), 3, say()).await;
    world.append(well.clone(), 1, say()).await;
    world.caught_up(&projections).await;

    assert_eq!(
        trace(&world).await,
        [1, 3, 6],
        "the ill stream waits from its second event on"
    );
    assert_eq!(projections.status()[0].parked, 1);
    let stored = projections.engine().status().await.unwrap().remove(0);
    let parked = &stored.parked[0];
    assert_eq!(
        (parked.stream, parked.version, parked.position),
        (ill.id, 2, poisoned)
    );
    assert_eq!((&*parked.category, &*parked.event_type), ("ticket", "Said"));
    assert!(!parked.error.is_empty());

    // Still ill: it stays parked, and nothing of it is applied.
    let again = projections.engine().retry("tracer", ill.id).await;
    assert!(matches!(again, Err(EngineError::StillParked(_))), "{again:?}");
    assert_eq!(trace(&world).await, [1, 3, 6]);
    assert_eq!(projections.engine().status().await.unwrap()[0].parked.len(), 1);

    tracer.poison(None);
    let retried = projections.engine().retry("tracer", ill.id).await.unwrap();
    assert_eq!((retried.applied, retried.parked_at), (3, None));
    let head = world.append(ill.clone(), 4, say()).await;
    world.caught_up(&projections).await;
    Tracer::assert_complete(&world, head).await;
    assert_eq!(
        trace(&world).await,
        [1, 3, 6, 2, 4, 5, 7],
        "what it had missed, in order"
    );
    eventually("nothing is parked", || async {
        (projections.status()[0].parked == 0).then_some(())
    })
    .await;
    let again = projections.engine().retry("tracer", ill.id).await;
    assert!(matches!(again, Err(EngineError::NotParked)), "{again:?}");
    projections.stop().await;
}

/// The positions in the order in which they were written.
async fn trace(world: &World) -> Vec<i64> {
    let rows = world
        .admin
        .query("SELECT position FROM read_tracer.trace ORDER BY ctid", &[])
        .await
        .unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_the_database_refuses_is_parked_and_goes_on_after_a_retry() {
    parks_and_goes_on_after(Poison::IsRefused).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_that_makes_the_model_panic_is_parked_and_goes_on_after_a_retry() {
    parks_and_goes_on_after(Poison::Panics).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn live_and_rebuilt_tables_park_the_same_events() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (renamed, malformed, headless, good) = (ticket(), ticket(), ticket(), ticket());
    world
        .append(
            renamed.clone(),
            0,
            created(&renamed, somebody(), "Printer on fire"),
        )
        .await;
    let title = event("TicketTitleChanged", 1, "{\"title\":7}");
    world.append(renamed.clone(), 1, vec![title]).await;
    world
        .append(renamed.clone(), 2, vec![event("TicketDeleted", 1, "{}")])
        .await;
    world
        .append(
            malformed.clone(),
            0,
            vec![event("TicketCreated", 1, "{\"title\":7}")],
        )
        .await;
    world
        .append(headless.clone(), 0, vec![event("TicketDeleted", 1, "{}")])
        .await;
    world
        .append(good.clone(), 0, created(&good, somebody(), "Printer on ice"))
        .await;
    Desk::new(1).live(&world, 100).await;
    world.caught_up(&projections).await;

    let streams = |stored: Vec<projections::engine::StoredStatus>| -> Vec<_> {
        let tickets = stored.into_iter().find(|one| one.name == "tickets").unwrap();
        tickets
            .parked
            .into_iter()
            .map(|parked| (parked.stream, parked.version, parked.error))
            .collect()
    };
    let live = streams(projections.engine().status().await.unwrap());
    let parked: Vec<_> = live
        .iter()
        .map(|(stream, version, _)| (*stream, *version))
        .collect();
    assert_eq!(parked, [(renamed.id, 2), (malformed.id, 1), (headless.id, 1)]);
    let row = tickets::get(&world.pool, TicketId::from_uuid(renamed.id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (row.version, row.ticket.title.as_str(), row.ticket.deleted),
        (1, "Printer on fire", false)
    );
    let row = tickets::get(&world.pool, TicketId::from_uuid(good.id))
        .await
        .unwrap()
        .unwrap();
    assert_eq!(row.ticket.title.as_str(), "Printer on ice");

    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    assert_eq!(streams(projections.engine().status().await.unwrap()), live);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_event_that_the_program_does_not_know_stops_the_read_model_and_is_never_passed_over() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (known, future) = (ticket(), ticket());
    world
        .append(known.clone(), 0, created(&known, somebody(), "Printer on fire"))
        .await;
    let before = world.caught_up(&projections).await;
    world
        .append(future.clone(), 0, created(&future, somebody(), "Printer on ice"))
        .await;
    world
        .append(future.clone(), 1, vec![event("TicketTeleported", 3, "{}")])
        .await;
    let last = world
        .append(known.clone(), 1, vec![event("TicketDeleted", 1, "{}")])
        .await;
    let status = eventually("it stops", || async {
        let status = projections
            .status()
            .into_iter()
            .find(|one| one.name == "tickets")
            .unwrap();
        (status.state == State::Failed).then_some(status)
    })
    .await;
    let error = status.last_error.unwrap();
    assert!(
        error.contains("TicketTeleported in version 3 is not known to this program"),
        "{error}"
    );
    assert!(
        status.position >= before && status.position < last,
        "{}",
        status.position
    );
    eventually("people go on", || async {
        projections
            .status()
            .iter()
            .any(|one| one.name == "people" && one.position == last)
            .then_some(())
    })
    .await;
    let stored = projections.engine().status().await.unwrap();
    assert!(stored.iter().all(|one| one.parked.is_empty()), "{stored:?}");
    let rebuilt = projections
        .engine()
        .rebuild("tickets", projections::engine::Check::Skip, |_| ())
        .await;
    assert!(
        matches!(rebuilt, Err(EngineError::Apply(_))),
        "a rebuild stops there too: {rebuilt:?}"
    );
    projections.stop().await;
}
