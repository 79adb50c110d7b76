//! Several processes and several databases may be brought up to date at once.

use futures::future::join_all;

use crate::server::{Server, connect};

async fn migrate(config: tokio_postgres::Config) -> Vec<String> {
    let mut client = connect(&config).await;
    eventlog::migrate(&mut client).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn two_programs_may_start_at_once_and_a_second_time() {
    let server = Server::shared();
    let config = server.config(&server.empty_database().await);
    let applied = join_all((0..4).map(|_| tokio::spawn(migrate(config.clone())))).await;
    let mut applied: Vec<_> = applied.into_iter().map(Result::unwrap).collect();
    applied.sort_by_key(Vec::len);
    assert!(applied[3].contains(&"V1__log".to_owned()), "{applied:?}");
    assert!(applied[..3].iter().all(Vec::is_empty), "{applied:?}");
    assert!(migrate(config).await.is_empty());
}

/// A right on the database is neither dumped nor copied from a template.
#[tokio::test]
async fn a_restored_database_gets_the_right_that_no_dump_holds() {
    let server = Server::shared();
    let config = server.config(&server.empty_database().await);
    migrate(config.clone()).await;
    let client = connect(&config).await;
    let name = config.get_dbname().unwrap();
    let may = "SELECT has_database_privilege('informejo_app', current_database(), 'CREATE')";
    let revoke = format!("REVOKE CREATE ON DATABASE {name} FROM informejo_app");
    client.batch_execute(&revoke).await.unwrap();
    assert!(!client.query_one(may, &[]).await.unwrap().get::<_, bool>(0));
    assert!(migrate(config).await.is_empty());
    assert!(client.query_one(may, &[]).await.unwrap().get::<_, bool>(0));
}

/// Roles belong to the cluster: on a fresh one, databases race to make them.
#[tokio::test(flavor = "multi_thread")]
async fn several_databases_of_a_fresh_cluster_may_be_migrated_at_once() {
    let server = Server::start(&[]);
    let mut databases = Vec::new();
    for _ in 0..8 {
        databases.push(server.empty_database().await);
    }
    let applied = databases
        .iter()
        .map(|name| tokio::spawn(migrate(server.config(name))));
    for applied in join_all(applied).await {
        assert!(!applied.unwrap().is_empty());
    }
}

/// The operator need not be superuser: it is enough to own the database and to be allowed to make roles.
#[tokio::test]
async fn an_owner_without_superuser_rights_can_migrate_and_serve() {
    let server = Server::start(&[]);
    let admin = connect(&server.config("postgres")).await;
    admin
        .batch_execute("CREATE ROLE operator LOGIN CREATEROLE")
        .await
        .unwrap();
    admin
        .batch_execute("CREATE DATABASE owned OWNER operator")
        .await
        .unwrap();
    let mut config = server.config("owned");
    config.user("operator");
    assert!(!migrate(config.clone()).await.is_empty());

    let pool = eventlog::pool(&config, 2).unwrap();
    let clock = std::sync::Arc::new(crate::world::TestClock::default());
    let log = eventlog::EventLog::open(pool, config, clock, eventlog::Options::default())
        .await
        .unwrap();
    let stream = crate::world::stream();
    log.append(crate::world::command(&stream, 0)).await.unwrap();
}
