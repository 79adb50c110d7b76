//! `kill -9` of the program while people write (D1).

use tests::postgres::TestDatabase;
use tests::process::ServerProcess;
use tests::workload::Workload;

use super::admin;

const WRITERS: usize = 16;
/// How many acknowledgements the program lives for, round by round.
const LIVES: [usize; 6] = [40, 3, 120, 17, 1, 64];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_after_every_kill() {
    let database = TestDatabase::empty().await;
    let folder = tests::postgres::new_data_dir();
    let url = database.url();
    let settings = [
        ("DATABASE_URL", url.as_str()),
        ("DATA_DIR", folder.path().to_str().unwrap()),
    ];
    let mut server = ServerProcess::start(&settings).await;
    let ada = admin(&server, &settings).await;
    let workload = Workload::start(&ada, WRITERS);
    for acknowledgements in LIVES {
        workload.more(acknowledgements).await;
        server.kill().await;
        server = ServerProcess::start(&settings).await;
        workload.moved_to(&server.url());
    }
    workload.more(50).await;
    let report = workload.check(&database.admin().await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    assert!(report.acknowledged >= LIVES.iter().sum(), "{report}");
    // The read model holds exactly what the log holds (P2, P3).
    let admin = database.admin().await;
    tests::wait::until("the read model has caught up", async || {
        let row = admin
            .query_one(
                "SELECT (SELECT count(*) FROM log.events WHERE type = 'TicketCreated'),
                        (SELECT count(*) FROM read_tickets.tickets)",
                &[],
            )
            .await
            .unwrap();
        (row.get::<_, i64>(0) == row.get::<_, i64>(1)).then_some(())
    })
    .await;
}
