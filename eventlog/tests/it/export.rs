//! Reading a long stretch at once gives the same as reading it page by page.

use eventlog::{EventFacts, Position, export, export_type};
use tokio_postgres::Client;

use crate::world::{World, command, event, payload, stream};

/// Positions and payloads of an export.
async fn exported(
    client: &Client,
    categories: &[&str],
    after: Position,
    until: Position,
) -> Vec<(Position, String)> {
    let mut export = export(client, categories, after, until).await.unwrap();
    let mut seen = Vec::new();
    while let Some(facts) = export.next().await.unwrap() {
        seen.push((facts.position, facts.payload.to_owned()));
    }
    seen
}

#[tokio::test]
async fn an_export_is_the_log_as_the_pages_have_it() {
    let world = World::new().await;
    let log = world.log().await;
    let mut other = stream();
    other.category = "it's another".into();
    let mut first = payload(&stream(), 0, "{ \"text\": \"Grüße 🖨\" }");
    first.events.push(event("[]"));
    log.append(first).await.unwrap();
    log.append(command(&other, 0)).await.unwrap();
    log.append(command(&stream(), 0)).await.unwrap();

    let app = world.app().await;
    let all = world.all(&log).await;
    let mut whole = export(&app, &["thing", "it's another"], 0, Position::MAX)
        .await
        .unwrap();
    for event in &all {
        assert_eq!(whole.next().await.unwrap(), Some(EventFacts::from(&**event)));
    }
    assert_eq!(whole.next().await.unwrap(), None);
    drop(whole);

    let of = |positions: &[usize]| -> Vec<_> {
        positions
            .iter()
            .map(|at| (all[at - 1].position, all[at - 1].payload.clone()))
            .collect()
    };
    assert_eq!(exported(&app, &["thing"], 0, Position::MAX).await, of(&[1, 2, 4]));
    assert_eq!(exported(&app, &["thing"], 1, 3).await, of(&[2]));
    assert_eq!(exported(&app, &["it's another"], 0, 4).await, of(&[3]));
    assert_eq!(exported(&app, &["nothing"], 0, 4).await, []);
    assert_eq!(exported(&app, &[], 0, 4).await, []);

    let mut typed = export_type(&app, "it's another", "Happened", 0, Position::MAX)
        .await
        .unwrap();
    assert_eq!(typed.next().await.unwrap(), Some(EventFacts::from(&*all[2])));
    assert_eq!(typed.next().await.unwrap(), None);
    drop(typed);
    let mut none = export_type(&app, "thing", "Other", 0, Position::MAX)
        .await
        .unwrap();
    assert_eq!(none.next().await.unwrap(), None);
}
