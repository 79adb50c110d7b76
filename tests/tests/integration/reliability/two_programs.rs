//! Sixty-four writers at two programs on one database, with killed backends (D6, P1), and what one program does showing
//! at the other.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tests::process::{Ground, command, run};
use tests::socketio::{ConnectOptions, SocketClient};
use tests::workload::{Workload, keys};

use super::admin;

const WRITERS_EACH: usize = 32;

/// Reads the log all the time; whoever sees a position has seen all before it.
async fn watch_positions(database: tokio_postgres::Client, stop: Arc<AtomicBool>) -> i64 {
    let mut last = 0_i64;
    loop {
        // Once more after the end, so that nothing is left unread.
        let is_last_time = stop.load(Ordering::SeqCst);
        let rows = database
            .query(
                "SELECT position FROM log.events WHERE position > $1 ORDER BY position",
                &[&last],
            )
            .await
            .unwrap();
        for row in rows {
            let position: i64 = row.get(0);
            assert_eq!(position, last + 1, "seen before its predecessor");
            last = position;
        }
        if is_last_time {
            return last;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn positions_have_no_gap_and_nothing_is_skipped_whatever_breaks() {
    let ground = Ground::new().await;
    let one = ground.serve(&[]).await;
    let two = ground.serve(&[]).await;
    let ada = admin(&one, &ground.settings()).await;
    let stop = Arc::new(AtomicBool::new(false));
    let reader = tokio::spawn(watch_positions(ground.database.admin().await, Arc::clone(&stop)));
    let at_one = Workload::start(&ada, WRITERS_EACH);
    let at_two = Workload::start(&ada.at(&two.url()), WRITERS_EACH);
    let admin = ground.database.admin().await;
    for _ in 0..4 {
        at_one.more(100).await;
        at_two.more(100).await;
        // Backends die in the middle of whatever they do, appends among it.
        admin
            .execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name = 'informejo' AND pid <> pg_backend_pid()",
                &[],
            )
            .await
            .unwrap();
    }
    at_one.more(50).await;
    at_two.more(50).await;
    let (mut journal, rest) = (at_one.stop().await, at_two.stop().await);
    journal.extend(rest);
    let report = tests::checker::check(&journal, &keys(&admin).await);
    assert!(report.is_clean(), "{report} {report:?}");
    assert!(report.acknowledged >= 900, "{report}");

    // Both go on to show everything.
    let made: i64 = admin
        .query_one(
            "SELECT count(*) FROM log.events WHERE type = 'TicketCreated'",
            &[],
        )
        .await
        .unwrap()
        .get(0);
    for base in [one.url(), two.url()] {
        let ada = ada.at(&base);
        tests::wait::until("everything is shown", async || {
            let answer = ada.get("/api/stats").await;
            (answer.status == 200 && answer.json()["totalTickets"] == made).then_some(())
        })
        .await;
    }
    stop.store(true, Ordering::SeqCst);
    let head: i64 = admin
        .query_one("SELECT max(position) FROM log.events", &[])
        .await
        .unwrap()
        .get(0);
    assert_eq!(reader.await.unwrap(), head, "it has read all of it");

    // A rebuild compares the live read models with a fresh fold (P3).
    for name in ["tickets", "people", "history", "search"] {
        let mut verb = command();
        verb.args(["projections", "rebuild", name, "--json"]);
        let output = run(verb.envs(ground.settings()), "").await;
        assert!(output.status.success(), "{output:?}");
    }
}

#[tokio::test]
async fn what_is_written_at_one_program_is_broadcast_by_the_other() {
    let ground = Ground::new().await;
    let one = ground.serve(&[]).await;
    let two = ground.serve(&[]).await;
    let ada = admin(&one, &ground.settings()).await;
    let options = ConnectOptions::default().token(ada.token());
    let socket = SocketClient::connect(&two.url(), options).await;
    let mut made = HashSet::new();
    for number in 0..20 {
        let at = if number % 2 == 0 { one.url() } else { two.url() };
        let ticket = ada.at(&at).new_ticket(&format!("Number {number}")).await;
        made.insert(ticket["id"].as_str().unwrap().to_owned());
        // Written here, read there, by saying what must be seen.
        let other = if number % 2 == 0 { two.url() } else { one.url() };
        let path = format!("/api/tickets/{}", ticket["id"].as_str().unwrap());
        let head = ground.database.admin().await;
        let position: i64 = head
            .query_one("SELECT max(position) FROM log.events", &[])
            .await
            .unwrap()
            .get(0);
        let request = ada.at(&other).request(reqwest::Method::GET, &path);
        request
            .header("Min-Position", &position.to_string())
            .send()
            .await
            .is(200);
    }
    tests::wait::until("twenty broadcasts", async || {
        (socket.received("ticket:created").len() >= 20).then_some(())
    })
    .await;
    let heard: Vec<_> = socket.received("ticket:created");
    let positions: Vec<_> = heard
        .iter()
        .map(|args| args[1]["position"].as_i64().unwrap())
        .collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{positions:?}");
    let ids: HashSet<_> = heard
        .iter()
        .map(|args| args[0]["id"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(ids, made);
    // A session that ends at one ends the sockets at the other.
    ada.post("/api/auth/logout", &serde_json::json!({})).await.good();
    socket.disconnected().await;
}
