//! Heads are signed, listed, and brought to where others keep them.

use std::sync::{Arc, Mutex};

use audit::{TreeHead, VerifierKey};
use serde_json::{Value, json};
use tests::app::TestApp;
use tests::wait;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;

const PATH: &str = "/api/audit/heads";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_head_is_signed_when_there_is_something_new() {
    let app = TestApp::new().await;
    let (otto, opa) = (app.auditor("Otto").await, app.operator("Opa").await);
    opa.get("/api/audit/heads/latest").await.problem(404);
    let first = otto.post(PATH, &json!({})).await.good();
    assert_eq!(first["new"], true);
    assert_eq!(first["head"]["position"], app.head().await);
    let again = otto.post(PATH, &json!({})).await.good();
    assert_eq!(again, json!({ "head": first["head"], "new": false }));
    app.user("Ulla").await.new_ticket("Printer on fire").await;
    let second = otto.post(PATH, &json!({})).await.good();
    assert_eq!(second["head"]["position"], app.head().await);

    let listed = opa.get(PATH).await.good();
    assert_eq!(listed["heads"], json!([second["head"], first["head"]]));
    assert_eq!(listed["lastError"], Value::Null);
    let older = opa
        .get(&format!("{PATH}?limit=1&before={}", second["head"]["position"]))
        .await
        .good();
    assert_eq!(older["heads"], json!([first["head"]]));
    let problem = opa
        .get(&format!("{PATH}?before=monday"))
        .await
        .blames(422, "before");
    assert_eq!(problem["detail"], "before must be a position");
    let latest = opa.get("/api/audit/heads/latest").await;
    assert_eq!(latest.is(200).text(), second["head"]["note"].as_str().unwrap());

    // What anybody can do who has the key.
    let key: VerifierKey = listed["key"].as_str().unwrap().parse().unwrap();
    let tree = TreeHead::open(second["head"]["note"].as_str().unwrap(), &key).unwrap();
    assert_eq!(tree.head, app.shared().log.head().await.unwrap());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nobody_swears_to_a_damaged_log() {
    let app = TestApp::new().await;
    let otto = app.auditor("Otto").await;
    otto.post(PATH, &json!({})).await.good();
    app.user("Ulla").await.new_ticket("Printer on fire").await;
    let admin = app.database().admin().await;
    let head = app.head().await;
    admin
        .batch_execute(&format!(
            "SET session_replication_role = replica; UPDATE log.events SET metadata = '{{}}' WHERE position = {head}"
        ))
        .await
        .unwrap();
    let problem = otto.post(PATH, &json!({})).await.problem(409);
    let said = problem.to_string();
    assert!(said.contains(&format!("position {head}")), "{said}");
    let state = otto.get(PATH).await.good();
    assert!(
        state["lastError"]
            .as_str()
            .unwrap()
            .contains("nothing was signed"),
        "{state}"
    );
    assert_eq!(state["heads"].as_array().unwrap().len(), 1);
}

/// Takes what is put to it, but for the first request; what it took.
async fn witness() -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/desk?token=canary", listener.local_addr().unwrap());
    let taken = Arc::new(Mutex::new(Vec::new()));
    let notes = Arc::clone(&taken);
    tokio::spawn(async move {
        let mut refused = false;
        loop {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let whole = loop {
                let mut part = [0; 4096];
                let count = socket.read(&mut part).await.unwrap();
                request.extend_from_slice(&part[..count]);
                let text = String::from_utf8_lossy(&request).into_owned();
                if count == 0 || text.ends_with("=\n") {
                    break text;
                }
            };
            let (head, note) = whole.split_once("\r\n\r\n").unwrap();
            assert!(head.starts_with("PUT /desk?token=canary HTTP/1.1"), "{head}");
            let answer = if refused {
                "204 No Content"
            } else {
                "503 Service Unavailable"
            };
            if refused {
                notes.lock().unwrap().push(note.to_owned());
            }
            refused = true;
            let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
            socket.write_all(answer.as_bytes()).await.unwrap();
        }
    });
    (url, taken)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heads_are_signed_by_themselves_and_arrive_where_others_keep_them() {
    let folder = tests::postgres::new_data_dir();
    let file = folder.path().join("newest.head");
    let (url, taken) = witness().await;
    let places = format!("{},{}/all/,{url}", file.display(), folder.path().display());
    let app = TestApp::with(&[("HEAD_INTERVAL", "1"), ("HEAD_PUBLISH", &places)]).await;
    let opa = app.operator("Opa").await;
    let position = app.head().await;
    let state = wait::until("a head of everything at every place", async || {
        let state = opa.get(PATH).await.good();
        let publications = state["publications"].as_array().unwrap();
        let everywhere = publications.len() == 3
            && publications
                .iter()
                .all(|place| place["position"].as_i64() >= Some(position));
        everywhere.then_some(state)
    })
    .await;
    let newest = state["heads"][0]["note"].as_str().unwrap();
    assert_eq!(std::fs::read_to_string(&file).unwrap(), newest);
    assert_eq!(taken.lock().unwrap().last().unwrap(), newest);
    assert!(std::fs::read_dir(folder.path().join("all")).unwrap().count() >= 1);
    assert!(!state.to_string().contains("canary"), "{state}");
}
