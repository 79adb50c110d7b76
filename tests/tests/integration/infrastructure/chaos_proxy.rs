//! The proxy does to a conversation with Postgres what it says.

use std::time::Duration;

use tests::chaos_proxy::{ChaosProxy, Cut, Weather};
use tests::postgres::{TestDatabase, connect};
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls, Statement};

/// Long enough to tell an answer that comes from one that does not.
const SHORT: Duration = Duration::from_millis(200);

struct Scene {
    database: TestDatabase,
    proxy: ChaosProxy,
    client: Client,
    insert: Statement,
}

impl Scene {
    async fn new() -> Self {
        let database = TestDatabase::new().await;
        let admin = database.admin().await;
        admin
            .batch_execute("CREATE TABLE said (word text)")
            .await
            .unwrap();
        let proxy = ChaosProxy::before_postgres(&database.config()).await;
        let client = connect(&proxy.config(&database.config())).await;
        let insert = client.prepare("INSERT INTO said VALUES ($1)").await.unwrap();
        Self {
            database,
            proxy,
            client,
            insert,
        }
    }

    async fn say(&self, word: &str) -> Result<u64, tokio_postgres::Error> {
        self.client.execute(&self.insert, &[&word]).await
    }

    async fn said(&self) -> i64 {
        let admin = self.database.admin().await;
        admin
            .query_one("SELECT count(*) FROM said", &[])
            .await
            .unwrap()
            .get(0)
    }
}

#[tokio::test]
async fn passes_everything_in_calm_weather() {
    let scene = Scene::new().await;
    for word in ["a", "b", "c"] {
        assert_eq!(scene.say(word).await.unwrap(), 1);
    }
    assert_eq!(scene.said().await, 3);
    assert_eq!(scene.proxy.open_connections(), 1);
}

#[tokio::test]
async fn a_cut_before_forwarding_leaves_no_trace() {
    let scene = Scene::new().await;
    scene.say("first").await.unwrap();
    let sprung = scene.proxy.trap("INSERT INTO said", Cut::BeforeForwarding);
    assert!(scene.say("second").await.is_err());
    sprung.wait().await;
    assert_eq!(scene.said().await, 1);
}

#[tokio::test]
async fn a_cut_before_the_answer_comes_after_the_commit() {
    let scene = Scene::new().await;
    scene.say("first").await.unwrap();
    let sprung = scene.proxy.trap("INSERT INTO said", Cut::BeforeAnswer);
    assert!(scene.say("second").await.is_err());
    sprung.wait().await;
    assert_eq!(scene.said().await, 2);
}

#[tokio::test]
async fn a_commit_can_be_cut_off_from_its_answer() {
    let scene = Scene::new().await;
    scene.client.batch_execute("BEGIN").await.unwrap();
    scene.say("word").await.unwrap();
    assert_eq!(scene.said().await, 0);
    let sprung = scene.proxy.trap("COMMIT", Cut::BeforeAnswer);
    assert!(scene.client.batch_execute("COMMIT").await.is_err());
    sprung.wait().await;
    assert_eq!(scene.said().await, 1);
}

#[tokio::test]
async fn bad_weather_comes_and_goes() {
    let scene = Scene::new().await;
    scene.proxy.set(Weather::Blackhole);
    assert!(timeout(SHORT, scene.say("held back")).await.is_err());
    assert_eq!(scene.said().await, 0);
    scene.proxy.set(Weather::HalfOpen);
    assert!(timeout(SHORT, scene.say("unanswered")).await.is_err());
    scene.proxy.set(Weather::Slow(Duration::from_millis(5)));
    scene.say("late").await.unwrap();
    assert_eq!(scene.said().await, 3);
    scene.proxy.set(Weather::Down);
    assert!(scene.say("lost").await.is_err());
    let config = scene.proxy.config(&scene.database.config());
    assert!(config.connect(NoTls).await.is_err());
    scene.proxy.set(Weather::Calm);
    let again = connect(&config).await;
    again
        .execute("INSERT INTO said VALUES ('again')", &[])
        .await
        .unwrap();
    assert_eq!(scene.said().await, 4);
}
