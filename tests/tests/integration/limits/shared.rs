//! The counts are in the database: shared by all nodes, and without them nothing is tried.

use tests::app::TestApp;
use tests::chaos_proxy::Weather;
use tests::wait;

use super::{Attempt, refused};

#[tokio::test]
async fn nodes_count_together() {
    let settings = [("PROOFS_PER_MINUTE", "2")];
    let app = TestApp::with(&settings).await;
    let other = app.second_node_with(&settings).await;
    for n in 0..4 {
        let node = if n % 2 == 0 { &app } else { &other };
        let email = format!("person{n}@example.test");
        assert_eq!(Attempt::guess("", &email).at(node).await.status, 401);
    }
    for node in [&app, &other] {
        refused(&Attempt::guess("", "person@example.test").at(node).await, 30);
    }
    other.stop().await;
}

#[tokio::test]
async fn without_the_database_nothing_is_tried() {
    let (app, proxy) = TestApp::behind_proxy(&[]).await;
    let before = app.shared().identity.hasher().verifications();
    proxy.set(Weather::Down);
    Attempt::guess("", "nobody@example.test")
        .at(&app)
        .await
        .problem(503);
    assert_eq!(app.shared().identity.hasher().verifications(), before);
    proxy.set(Weather::Calm);
    let tried = async || {
        let answer = Attempt::guess("", "nobody@example.test").at(&app).await;
        (answer.status == 401).then_some(())
    };
    wait::until("it is tried again", tried).await;
}
