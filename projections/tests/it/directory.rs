//! The directory of people in memory.

use std::time::Duration;

use domain::account::{AccountCommand, Changes, Circumstances, Registered, decide};
use domain::{Account, AccountEvent, AccountId, Actor, Role};
use eventlog::{NewEvent, StreamId};
use projections::people::{self, Directory};

use crate::history::Desk;
use crate::server::connect;
use crate::world::{PATIENCE, World, event, eventually, id};

fn encoded(events: &[AccountEvent]) -> Vec<NewEvent> {
    let encoded = events.iter().map(domain::codec::encode_account);
    encoded
        .map(|one| event(one.event_type, one.schema_version, &one.payload))
        .collect()
}

fn registered(account: AccountId) -> Vec<NewEvent> {
    encoded(&[AccountEvent::Registered(Registered {
        account,
        email: "Ada@Example.TEST".parse().unwrap(),
        name: "Ada Agent".parse().unwrap(),
        role: Role::Admin,
        department: None,
    })])
}

fn changed(account: &Account, changes: Changes) -> Vec<NewEvent> {
    let circumstances = Circumstances {
        actor: Actor::System("test"),
        other_active_admins: 1,
    };
    encoded(&decide(Some(account), &AccountCommand::Change(changes), &circumstances).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn knows_everybody_and_tells_what_changes() {
    let world = World::new().await;
    Desk::new(1).live(&world, 100).await;
    let projections = world.projections().await;
    world.caught_up(&projections).await;
    let directory = Directory::start(&world.log, &world.pool).await.unwrap();
    let everybody = world.number("SELECT count(*) FROM read_people.people").await;
    assert_eq!(i64::try_from(directory.count(|_| true)).unwrap(), everybody);

    let mut changes = directory.changes();
    let ada = AccountId::from_uuid(id());
    let stream = StreamId::new("account", ada.as_uuid());
    let position = world.append(stream.clone(), 0, registered(ada)).await;
    directory.wait_for(position, PATIENCE).await.unwrap();
    let account = directory.get(ada).unwrap();
    assert_eq!((account.name.as_str(), account.role), ("Ada Agent", Role::Admin));
    let change = changes.recv().await.unwrap();
    assert_eq!(
        (change.before, change.after, change.position),
        (None, account.clone(), position)
    );

    let gone = Changes {
        active: Some(false),
        role: Some(Role::User),
        ..Changes::default()
    };
    let position = world.append(stream, 1, changed(&account, gone)).await;
    directory.wait_for(position, PATIENCE).await.unwrap();
    let first = changes.recv().await.unwrap();
    assert_eq!(
        (first.before.unwrap().role, first.after.role, first.after.active),
        (Role::Admin, Role::User, true)
    );
    let second = changes.recv().await.unwrap();
    assert!(!second.after.active);
    assert_eq!(directory.get(ada), Some(second.after));

    // What it follows is what the table says.
    world.caught_up(&projections).await;
    let again = Directory::start(&world.log, &world.pool).await.unwrap();
    assert_eq!(again.get(ada), directory.get(ada));
    let row = people::get(&world.pool, ada).await.unwrap().unwrap();
    assert_eq!(
        (row.version, row.position, Some(row.account.into())),
        (3, position, directory.get(ada))
    );
    let late = directory.wait_for(position + 1, Duration::from_millis(10)).await;
    assert_eq!(late.unwrap_err().applied, position);
    projections.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_unreadable_event_leaves_its_account_as_it_was() {
    let world = World::new().await;
    world.engine().prepare().await.unwrap();
    let directory = Directory::start(&world.log, &world.pool).await.unwrap();
    let ada = AccountId::from_uuid(id());
    let stream = StreamId::new("account", ada.as_uuid());
    world.append(stream.clone(), 0, registered(ada)).await;
    world
        .append(
            stream.clone(),
            1,
            vec![event("AccountNameChanged", 1, "{\"name\":7}")],
        )
        .await;
    let last = world
        .append(stream, 2, vec![event("AccountDeactivated", 1, "{}")])
        .await;
    directory.wait_for(last, PATIENCE).await.unwrap();
    let account = directory.get(ada).unwrap();
    assert_eq!((account.name.as_str(), account.active), ("Ada Agent", true));
}

/// A swap between the two looks that a start takes at the database: the checkpoint of one generation says nothing of the
/// rows of another.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn starts_from_one_generation_however_the_swap_falls() {
    let world = World::new().await;
    let ada = AccountId::from_uuid(id());
    let stream = StreamId::new("account", ada.as_uuid());
    world.append(stream, 0, registered(ada)).await;
    let projections = world.projections().await;
    world.caught_up(&projections).await;
    projections.stop().await;

    let mut admin = connect(&world.config).await;
    let swap = admin.transaction().await.unwrap();
    let held = "LOCK read_people.people; CREATE SCHEMA made;
                CREATE TABLE made.people (LIKE read_people.people); INSERT INTO made.people TABLE read_people.people;
                GRANT USAGE ON SCHEMA made TO informejo_app; GRANT SELECT ON made.people TO informejo_app;
                ALTER SCHEMA read_people RENAME TO read_people_prev; ALTER SCHEMA made RENAME TO read_people;
                UPDATE read_engine.projections SET generation = generation + 1 WHERE name = 'people'";
    swap.batch_execute(held).await.unwrap();
    let starting = tokio::spawn({
        let (log, pool) = (world.log.clone(), world.pool.clone());
        async move { Directory::start(&log, &pool).await }
    });
    let waits = "SELECT count(*) FROM pg_locks
                 WHERE NOT granted AND relation = 'read_people.people'::regclass";
    eventually("the start waits", || async {
        (world.number(waits).await > 0).then_some(())
    })
    .await;
    swap.commit().await.unwrap();
    let directory = starting.await.unwrap().unwrap();
    assert!(
        directory.get(ada).is_some(),
        "at position {}",
        directory.position()
    );
}
