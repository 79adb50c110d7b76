//! D8, P3: a read model is compared with a fresh fold beside live traffic, and every row that is not of the log is found.

use eventlog::{FINDINGS_MAX, Reader};
use projections::engine::{
    Compared, Divergence, ReadModel, RowFault, Skips, Snapshot, compare_with_log, verify_checkpoints,
};
use projections::people::People;
use projections::tickets::Tickets;
use projections::{Projections, registry};
use tokio_postgres::Client;

use crate::history::Desk;
use crate::skips::{parked, skip, ticket_with, until_parked_is};
use crate::world::World;

/// Compares on a connection that cannot write.
async fn compared(world: &World, model: &dyn ReadModel) -> Compared {
    let reader = Reader::connect(&world.config).await.unwrap();
    let skips = Skips::load(&world.log, model.name()).await.unwrap();
    compare_with_log(&reader, model, &skips, Snapshot::Own, |_, _| {})
        .await
        .unwrap()
}

/// Does `sql` in a transaction, compares within it, and undoes it.
async fn compared_after(world: &World, model: &dyn ReadModel, sql: &str) -> Vec<Divergence> {
    let within = async |client: &Client| {
        client.batch_execute(&format!("BEGIN; {sql}")).await.unwrap();
        let none = Skips::none();
        let compared = compare_with_log(client, model, &none, Snapshot::Callers, |_, _| {}).await;
        client.batch_execute("ROLLBACK").await.unwrap();
        compared.unwrap()
    };
    within(&world.admin).await.findings.kept().to_vec()
}

async fn lived() -> (World, Projections) {
    let world = World::new().await;
    let projections = world.projections().await;
    Desk::new(6).live(&world, 300).await;
    world.caught_up(&projections).await;
    (world, projections)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn untouched_read_models_equal_the_log_beside_live_traffic() {
    let (world, projections) = lived().await;
    let mut desk = Desk::new(7);
    let traffic = async {
        for _ in 0..40 {
            desk.live(&world, 5).await;
        }
    };
    let watched = async {
        for _ in 0..6 {
            for model in registry::read_models() {
                let compared = compared(&world, &*model).await;
                assert!(compared.findings.is_empty(), "{compared:?}");
                assert!(compared.position > 0 && compared.rows > 0 && compared.events > 0);
            }
        }
    };
    tokio::join!(traffic, watched);
    let reader = Reader::connect(&world.config).await.unwrap();
    let (checkpoints, faults) = verify_checkpoints(&reader).await.unwrap();
    assert_eq!(checkpoints, registry::read_models().len() as u64);
    assert!(faults.is_empty());
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn generations_may_be_swapped_meanwhile() {
    let (world, projections) = lived().await;
    let swaps = async {
        for _ in 0..3 {
            world
                .assert_equals_a_fresh_fold(projections.engine(), "people")
                .await;
        }
    };
    let watched = async {
        for _ in 0..20 {
            let compared = compared(&world, &People).await;
            let damage = compared
                .findings
                .kept()
                .iter()
                .find(|divergence| divergence.is_damage());
            assert_eq!(damage, None);
        }
    };
    tokio::join!(swaps, watched);
    let compared = compared(&world, &People).await;
    assert!(
        compared.findings.is_empty() && compared.generation > 1,
        "{compared:?}"
    );
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn every_row_that_is_not_of_the_log_is_found() {
    let (world, projections) = lived().await;
    let id: uuid::Uuid = world
        .admin
        .query_one("SELECT id FROM read_people.people ORDER BY id LIMIT 1", &[])
        .await
        .unwrap()
        .get(0);
    let row = |how| {
        vec![Divergence::Row {
            table: "people",
            key: format!("id={id}"),
            how,
        }]
    };
    let change =
        format!("UPDATE read_people.people SET role = 'ADMIN', name = name || '!' WHERE id = '{id}'");
    let differs = RowFault::Differs(vec!["name".to_owned(), "role".to_owned()]);
    assert_eq!(compared_after(&world, &People, &change).await, row(differs));
    let delete = format!("DELETE FROM read_people.people WHERE id = '{id}'");
    assert_eq!(
        compared_after(&world, &People, &delete).await,
        row(RowFault::Missing)
    );
    let repeat = format!(
        "ALTER TABLE read_people.people DROP CONSTRAINT people_pkey; \
         INSERT INTO read_people.people SELECT * FROM read_people.people WHERE id = '{id}'"
    );
    assert_eq!(
        compared_after(&world, &People, &repeat).await,
        row(RowFault::Surplus)
    );

    let all = compared_after(
        &world,
        &Tickets,
        "UPDATE read_tickets.comments SET body = body || ' '",
    )
    .await;
    assert!(all.len() > 20 && all.len() <= FINDINGS_MAX, "{}", all.len());
    let columns = |divergence: &Divergence| match divergence {
        Divergence::Row {
            table: "comments",
            key,
            how: RowFault::Differs(columns),
        } => key.starts_with("ticket=") && key.contains(" version=") && columns[..] == ["body"],
        _ => false,
    };
    assert!(all.iter().all(columns), "{all:?}");
    let counts = compared_after(
        &world,
        &Tickets,
        "UPDATE read_tickets.counts SET tickets = tickets + 1 WHERE ctid = (SELECT min(ctid) FROM read_tickets.counts)",
    )
    .await;
    assert_eq!(counts.len(), 1);
    let text = counts[0].to_string();
    assert!(text.starts_with("table counts, row scope=") && text.ends_with(": differs in tickets"));
    let dropped = compared_after(&world, &Tickets, "DROP TABLE read_tickets.comments").await;
    assert!(
        dropped.contains(&Divergence::Table { table: "comments" }),
        "{dropped:?}"
    );
    // And nothing of it is left.
    assert!(compared(&world, &Tickets).await.findings.is_empty());
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_checkpoint_that_was_moved_is_found() {
    let (world, projections) = lived().await;
    projections.stop().await;
    let head = world.log.head().await.unwrap().position;
    let to = |position: i64| {
        format!("UPDATE read_engine.projections SET position = {position} WHERE name = 'tickets'")
    };
    let beyond = compared_after(&world, &Tickets, &to(head + 1)).await;
    assert_eq!(beyond, [Divergence::Beyond]);
    world
        .admin
        .batch_execute(&format!("BEGIN; {}", to(head + 1)))
        .await
        .unwrap();
    let (_, faults) = verify_checkpoints(&world.admin).await.unwrap();
    world.admin.batch_execute("ROLLBACK").await.unwrap();
    assert_eq!(faults.count(), 1);
    assert_eq!(
        (faults.kept()[0].position, faults.kept()[0].head),
        (head + 1, head)
    );
    // Back over events that the tables have already.
    let back = compared_after(&world, &Tickets, &to(head / 2)).await;
    assert!(back.iter().any(Divergence::is_damage), "{back:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn parked_and_skipped_events_are_folded_as_they_were_applied() {
    let world = World::new().await;
    let projections = world.projections().await;
    Desk::new(8).live(&world, 50).await;
    let (ill, _) = ticket_with(&world, &["{\"title\":7}", "{\"title\":\"Printer on ice\"}"]).await;
    let (passed, positions) =
        ticket_with(&world, &["{\"title\":7}", "{\"title\":\"Printer on sale\"}"]).await;
    world.caught_up(&projections).await;
    let waits = |stream| Divergence::Parked { stream };
    let found = compared(&world, &Tickets).await.findings;
    assert_eq!(found.count(), 2);
    assert!(found.kept().contains(&waits(ill.id)) && found.kept().contains(&waits(passed.id)));

    skip(&world, &passed, 2, positions[1]).await;
    until_parked_is(&projections, &[(ill.id, 2)]).await;
    world.caught_up(&projections).await;
    assert_eq!(compared(&world, &Tickets).await.findings.kept(), [waits(ill.id)]);
    assert_eq!(parked(&projections).await, [(ill.id, 2)]);

    // A stream that is said to be parked no longer, although its event cannot be applied.
    projections.stop().await;
    let found = compared_after(&world, &Tickets, "DELETE FROM read_engine.parked").await;
    let refused = |divergence: &Divergence| matches!(divergence, Divergence::Refused { stream, .. } if *stream == ill.id);
    assert!(found.iter().any(refused), "{found:?}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_cannot_be_compared_is_said() {
    let (world, projections) = lived().await;
    projections.stop().await;
    let other = "UPDATE read_engine.projections SET version = version + 1";
    assert_eq!(
        compared_after(&world, &Tickets, other).await,
        [Divergence::OtherVersion]
    );
    let gone = "DELETE FROM read_engine.projections";
    assert_eq!(
        compared_after(&world, &Tickets, gone).await,
        [Divergence::NotMade]
    );
    assert!(compared(&world, &Tickets).await.findings.is_empty());
}
