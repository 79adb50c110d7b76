//! What the log refuses to be kept in.

use std::sync::Arc;

use eventlog::{EventLog, OpenError, Options};

use crate::server::Server;
use crate::world::{TestClock, World};

async fn open(config: &tokio_postgres::Config) -> Result<EventLog, OpenError> {
    let pool = eventlog::pool(config, 1).unwrap();
    EventLog::open(
        pool,
        config.clone(),
        Arc::new(TestClock::default()),
        Options::default(),
    )
    .await
}

/// D3, the cheap guard.
#[tokio::test]
async fn refuses_unsafe_postgres() {
    for (name, value) in [
        ("fsync", "fsync=off"),
        ("full_page_writes", "full_page_writes=off"),
    ] {
        let server = Server::start(&[value]);
        let world = World::on(&server).await;
        let error = open(&world.config).await.err().unwrap();
        assert!(
            matches!(error, OpenError::Unsafe { setting } if setting == name),
            "{error}"
        );
        assert!(error.to_string().contains(name));
    }
}

/// D3, the cheap guard.
#[tokio::test]
async fn refuses_sessions_that_do_not_wait_for_the_disk() {
    let world = World::new().await;
    let name = world.config.get_dbname().unwrap();
    world
        .admin
        .batch_execute(&format!("ALTER DATABASE {name} SET synchronous_commit = off"))
        .await
        .unwrap();
    let error = open(&world.config).await.err().unwrap();
    assert!(
        matches!(
            error,
            OpenError::Unsafe {
                setting: "synchronous_commit"
            }
        ),
        "{error}"
    );
}

#[tokio::test]
async fn says_when_the_migrations_are_missing() {
    let server = Server::start(&[]);
    let config = server.config(&server.empty_database().await);
    let error = open(&config).await.err().unwrap(); // there is not even the role
    assert!(matches!(error, OpenError::NotMigrated), "{error}");
    World::on(&server).await; // makes the roles, in another database
    let error = open(&config).await.err().unwrap();
    assert!(matches!(error, OpenError::NotMigrated), "{error}");
}

#[tokio::test]
async fn says_when_the_database_is_away() {
    let mut config = tokio_postgres::Config::new();
    config.host_path("/nonexistent").user("nobody");
    let error = open(&config).await.err().unwrap();
    assert!(matches!(error, OpenError::Unavailable(_)), "{error}");
}
