//! `informejo projections rebuild` while people read and write (P8).

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::app::{Client, TestApp};
use tests::process::{command, run};
use tests::workload::Workload;

/// Reads all the time; every read must succeed, and never show fewer tickets than the read before.
async fn read_on(person: Client, stop: Arc<AtomicBool>) -> usize {
    let (mut reads, mut seen) = (0, 0);
    while !stop.load(Ordering::SeqCst) {
        let stats = person.get("/api/stats").await.good();
        let total = stats["totalTickets"].as_i64().unwrap();
        assert!(total >= seen, "{total} after {seen}");
        seen = total;
        person.get("/api/tickets?limit=5").await.good();
        reads += 1;
    }
    reads
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_rebuild_is_not_noticed_by_those_who_read_and_write() {
    let app = TestApp::new().await;
    let ada = app.admin("Ada").await;
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(read_on(ada.clone(), Arc::clone(&stop)));
    let workload = Workload::start(&ada, 4);
    for name in ["tickets", "people", "tickets"] {
        workload.more(20).await;
        let mut verb = command();
        verb.args(["projections", "rebuild", name, "--json"]);
        verb.env("DATABASE_URL", app.database().url());
        let output = run(&mut verb, "").await;
        assert!(output.status.success(), "{output:?}");
        // Whoever wrote reads it in the new generation too.
        let ticket = ada.new_ticket("After the swap").await;
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
        ada.get(&path).await.good();
    }
    workload.more(20).await;
    stop.store(true, Ordering::SeqCst);
    assert!(reader.await.unwrap() > 3);
    let report = workload.check(&app.database().admin().await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    let status = run(
        command()
            .args(["projections", "status", "--json"])
            .env("DATABASE_URL", app.database().url()),
        "",
    )
    .await;
    let status: serde_json::Value = serde_json::from_slice(&status.stdout).unwrap();
    assert_eq!(status["projections"].as_array().unwrap().len(), 4, "{status}");
}
