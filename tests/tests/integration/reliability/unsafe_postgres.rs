//! A Postgres that does not keep what it acknowledges is refused at the start (D3).

use ops::postgres::{Cluster, Options};
use tests::process::ServerProcess;

#[tokio::test]
async fn a_postgres_without_durability_is_refused_by_name() {
    let folder = tests::postgres::new_data_dir();
    for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
        let mut options = Options::for_tests(folder.path().join("cluster"));
        options.settings.push((setting.to_owned(), "off".to_owned()));
        let cluster = Cluster::start(options).await.unwrap();
        cluster.create_database("informejo").await.unwrap();
        let url = tests::postgres::url(&cluster.config("informejo"));
        let mut server = ServerProcess::spawn(&[
            ("DATABASE_URL", url.as_str()),
            ("DATA_DIR", folder.path().to_str().unwrap()),
        ]);
        let status = server.end().await;
        assert_eq!(status.code(), Some(2), "{setting}");
        server.log().line_with(setting).await;
        cluster.stop().await.unwrap();
    }
}
