//! `kill -9` of the program while people write (D1), and in the middle of an upload (U3).

use std::path::Path;

use futures::StreamExt;
use reqwest::multipart::{Form, Part};
use tests::process::Ground;
use tests::workload::Workload;

use super::admin;
use crate::shape::PNG;

const WRITERS: usize = 16;
/// How many acknowledgements the program lives for, round by round.
const LIVES: [usize; 6] = [40, 3, 120, 17, 1, 64];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_acknowledged_is_there_once_after_every_kill() {
    let ground = Ground::new().await;
    let mut server = ground.serve(&[]).await;
    let ada = admin(&server, &ground.settings()).await;
    let workload = Workload::start(&ada, WRITERS);
    for acknowledgements in LIVES {
        workload.more(acknowledgements).await;
        server.kill().await;
        server = ground.serve(&[]).await;
        workload.moved_to(&server.url());
    }
    workload.more(50).await;
    let report = workload.check(&ground.database.admin().await).await;
    assert!(report.is_clean(), "{report} {report:?}");
    assert!(report.acknowledged >= LIVES.iter().sum(), "{report}");
    // The read model holds exactly what the log holds (P2, P3).
    let admin = ground.database.admin().await;
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

/// A file that never ends: one piece, and then silence until the connection breaks.
fn endless(piece: usize) -> reqwest::Body {
    let first = futures::stream::once(async move { Ok::<_, std::io::Error>(vec![7_u8; piece]) });
    reqwest::Body::wrap_stream(first.chain(futures::stream::pending()))
}

/// Whether a file with something in it lies anywhere below the folder.
fn has_bytes(folder: &Path) -> bool {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return false;
    };
    entries.map(Result::unwrap).any(|entry| {
        let meta = entry.metadata();
        meta.is_ok_and(|meta| {
            if meta.is_dir() {
                has_bytes(&entry.path())
            } else {
                meta.len() > 0
            }
        })
    })
}

#[tokio::test]
async fn an_upload_that_is_killed_leaves_no_event() {
    let ground = Ground::new().await;
    let mut server = ground.serve(&[]).await;
    let ada = admin(&server, &ground.settings()).await;
    let ticket = ada.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}/attachments", ticket["id"].as_str().unwrap());
    let form = Form::new().part("file", Part::stream(endless(6 << 20)).file_name("a.bin"));
    let request = ada.request(reqwest::Method::POST, &path).form(form);
    let upload = tokio::spawn(request.try_send());
    let uploads = ground.data_dir().join("uploads");
    tests::wait::until("bytes on the disk", async || has_bytes(&uploads).then_some(())).await;
    server.kill().await;
    assert!(upload.await.unwrap().is_err());

    let server = ground.serve(&[]).await;
    let ada = ada.at(&server.url());
    let shown = ada
        .get(&format!("/api/tickets/{}", ticket["id"].as_str().unwrap()))
        .await
        .good();
    assert_eq!(shown["attachments"], serde_json::json!([]));
    ada.upload(&path, "a.png", "image/png", PNG).await.is(201);
}
