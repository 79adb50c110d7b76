//! A skipped event: passed over alike by live application, by a retry and by a rebuild.

use domain::operation::{EventSkipped, OperationEvent};
use domain::{AccountId, TicketId, codec};
use eventlog::{NewEvent, Position, StreamId, Version};
use projections::{Projections, tickets};

use crate::history::{Desk, created};
use crate::world::{World, event, eventually, id};

/// A ticket in the log whose events are its creation, then each of `payloads` as a change of its title.
pub(crate) async fn ticket_with(world: &World, payloads: &[&str]) -> (StreamId, Vec<Position>) {
    let stream = StreamId::new("ticket", id());
    let first = created(&stream, AccountId::from_uuid(id()), "Printer on fire");
    let mut positions = vec![world.append(stream.clone(), 0, first).await];
    for payload in payloads {
        let expected = Version::try_from(positions.len()).unwrap();
        let event = event("TicketTitleChanged", 1, payload);
        positions.push(world.append(stream.clone(), expected, vec![event]).await);
    }
    (stream, positions)
}

/// Says in the log that the read model `tickets` passes over an event.
pub(crate) async fn skip(world: &World, stream: &StreamId, version: Version, position: Position) -> Position {
    let skipped = codec::encode_operation(&OperationEvent::EventSkipped(EventSkipped {
        projection: "tickets".to_owned(),
        stream: stream.id,
        version,
        position,
        reason: "a title that is a number".parse().unwrap(),
    }));
    let event: Vec<NewEvent> = vec![event(
        skipped.event_type,
        skipped.schema_version,
        &skipped.payload,
    )];
    world.append(StreamId::new("operation", id()), 0, event).await
}

/// Stream and version of what is parked in `tickets`.
pub(crate) async fn parked(projections: &Projections) -> Vec<(uuid::Uuid, Version)> {
    let statuses = projections.engine().status().await.unwrap();
    let tickets = statuses.into_iter().find(|one| one.name == "tickets").unwrap();
    let parked = tickets.parked.into_iter();
    parked.map(|parked| (parked.stream, parked.version)).collect()
}

pub(crate) async fn until_parked_is(projections: &Projections, wanted: &[(uuid::Uuid, Version)]) {
    eventually("the stream goes on", || async {
        (parked(projections).await == wanted).then_some(())
    })
    .await;
}

async fn title(world: &World, stream: &StreamId) -> Option<(Version, Position, String)> {
    let row = tickets::get(&world.pool, TicketId::from_uuid(stream.id))
        .await
        .unwrap()?;
    Some((row.version, row.position, row.ticket.title.as_str().to_owned()))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_skipped_event_has_no_effect_and_the_later_ones_have_theirs() {
    let world = World::new().await;
    let projections = world.projections().await;
    Desk::new(1).live(&world, 30).await;
    let (stream, positions) = ticket_with(&world, &["{\"title\":7}", "{\"title\":\"Printer on ice\"}"]).await;
    world.caught_up(&projections).await;
    assert_eq!(parked(&projections).await, [(stream.id, 2)]);

    // Nobody has to be told: the runner reads it in the log.
    skip(&world, &stream, 2, positions[1]).await;
    until_parked_is(&projections, &[]).await;
    world.caught_up(&projections).await;
    let expected = (3, positions[2], "Printer on ice".to_owned());
    assert_eq!(title(&world, &stream).await, Some(expected));
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    assert_eq!(parked(&projections).await, []);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_skipped_last_event_moves_the_version_on() {
    let world = World::new().await;
    let projections = world.projections().await;
    let (stream, positions) = ticket_with(&world, &["{\"title\":7}"]).await;
    world.caught_up(&projections).await;
    skip(&world, &stream, 2, positions[1]).await;
    until_parked_is(&projections, &[]).await;
    let expected = (2, positions[1], "Printer on fire".to_owned());
    assert_eq!(title(&world, &stream).await, Some(expected));
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_whose_beginning_is_skipped_has_no_rows() {
    let world = World::new().await;
    let projections = world.projections().await;
    let stream = StreamId::new("ticket", id());
    let first = world
        .append(
            stream.clone(),
            0,
            vec![event("TicketCreated", 1, "{\"title\":7}")],
        )
        .await;
    world
        .append(stream.clone(), 1, vec![event("TicketDeleted", 1, "{}")])
        .await;
    world.caught_up(&projections).await;
    skip(&world, &stream, 1, first).await;
    until_parked_is(&projections, &[]).await;
    world
        .append(stream.clone(), 2, vec![event("TicketDeleted", 1, "{}")])
        .await;
    world.caught_up(&projections).await;
    assert_eq!(title(&world, &stream).await, None);
    assert_eq!(parked(&projections).await, []);
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    assert_eq!(parked(&projections).await, []);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_with_two_poison_events_is_parked_again_at_the_second() {
    let world = World::new().await;
    let projections = world.projections().await;
    let payloads = [
        "{\"title\":7}",
        "{\"title\":\"Printer on ice\"}",
        "{\"title\":8}",
        "{\"title\":\"Gone\"}",
    ];
    let (stream, positions) = ticket_with(&world, &payloads).await;
    world.caught_up(&projections).await;
    skip(&world, &stream, 2, positions[1]).await;
    until_parked_is(&projections, &[(stream.id, 4)]).await;
    let expected = (3, positions[2], "Printer on ice".to_owned());
    assert_eq!(title(&world, &stream).await, Some(expected));
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    assert_eq!(parked(&projections).await, [(stream.id, 4)]);

    skip(&world, &stream, 4, positions[3]).await;
    until_parked_is(&projections, &[]).await;
    let expected = (5, positions[4], "Gone".to_owned());
    assert_eq!(title(&world, &stream).await, Some(expected));
    world
        .assert_equals_a_fresh_fold(projections.engine(), "tickets")
        .await;
    projections.stop().await;
}
