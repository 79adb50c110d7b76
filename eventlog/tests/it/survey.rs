//! What a look at the database tells of it.

use crate::world::World;

/// A trigger can be there, not be disabled, and yet never fire.
#[tokio::test]
async fn triggers_that_do_not_fire_are_told() {
    let world = World::new().await;
    let off = "the triggers that keep the log from being changed are missing or off";
    for (change, told) in [
        ("DISABLE TRIGGER", Some(off)),
        ("ENABLE REPLICA TRIGGER", Some(off)),
        ("ENABLE ALWAYS TRIGGER", None),
        ("ENABLE TRIGGER", None),
    ] {
        let sql = format!("ALTER TABLE log.events {change} events_are_append_only");
        world.admin.batch_execute(&sql).await.unwrap();
        let survey = eventlog::survey(&world.admin).await.unwrap();
        assert_eq!(survey.wrong_rights, Vec::from_iter(told), "{change}");
    }
}
