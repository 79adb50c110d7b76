//! Each test's database is its own, migrated, and as durable as in production.

use tests::postgres::TestDatabase;

async fn setting(database: &TestDatabase, name: &str) -> String {
    let admin = database.admin().await;
    let row = admin.query_one("SELECT current_setting($1)", &[&name]).await;
    row.unwrap().get(0)
}

#[tokio::test]
async fn a_test_database_is_migrated_durable_and_alone() {
    let (one, two) = (TestDatabase::new().await, TestDatabase::new().await);
    for name in ["fsync", "synchronous_commit", "full_page_writes"] {
        assert_eq!(setting(&one, name).await, "on", "{name}");
    }
    let admin = one.admin().await;
    admin.batch_execute("CREATE TABLE mine ()").await.unwrap();
    admin.query("SELECT FROM log.events", &[]).await.unwrap();
    let other = two.admin().await;
    assert!(other.query("SELECT FROM mine", &[]).await.is_err());
}
