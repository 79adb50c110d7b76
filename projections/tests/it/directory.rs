//! The directory of people in memory.

use std::time::Duration;

use domain::account::{AccountCommand, Changes, Circumstances, Registered, decide};
use domain::{Account, AccountEvent, AccountId, Actor, Role};
use eventlog::{NewEvent, StreamId};
use projections::people::{self, Directory};

use crate::history::Desk;
use crate::world::{PATIENCE, World, event, id};

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
