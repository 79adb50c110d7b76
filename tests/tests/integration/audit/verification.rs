//! An auditor verifies the record over HTTP, beside everybody's work.

use serde_json::{Value, json};
use tests::app::{Client, TestApp};
use tests::wait;

use crate::shape::PNG;

const PATH: &str = "/api/audit/verification";

/// Begins a verification and waits for what it comes to.
async fn verified(auditor: &Client, wish: &Value) -> Value {
    auditor.post(PATH, wish).await.is(202);
    wait::until("the end of the verification", async || {
        let state = auditor.get(PATH).await.good();
        (state["running"] == false).then_some(state)
    })
    .await["report"]
        .take()
}

fn outcomes(report: &Value) -> Vec<(&str, &str)> {
    let sections = report["sections"].as_array().unwrap().iter();
    sections
        .map(|section| {
            (
                section["name"].as_str().unwrap(),
                section["outcome"].as_str().unwrap(),
            )
        })
        .collect()
}

/// What was found, of one kind.
fn found(report: &Value, name: &str) -> Vec<String> {
    let sections = report["sections"].as_array().unwrap();
    let section = sections.iter().find(|section| section["name"] == name).unwrap();
    let findings = section["findings"].as_array().unwrap().iter();
    findings
        .map(|finding| finding["what"].as_str().unwrap().to_owned())
        .collect()
}

async fn desk() -> (TestApp, Client) {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("/api/tickets/{}/attachments", ticket["id"].as_str().unwrap());
    ulla.upload(&path, "a.png", "image/png", PNG).await.is(201);
    let auditor = app.auditor("Otto").await;
    (app, auditor)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_untouched_desk_is_clean_and_who_verified_is_recorded() {
    let (app, otto) = desk().await;
    let nothing = otto.get(PATH).await.good();
    assert_eq!(
        nothing,
        json!({ "running": false, "progress": null, "report": null, "error": null })
    );
    otto.post("/api/audit/heads", &json!({})).await.good();
    let report = verified(&otto, &json!({})).await;
    let clean = [
        "chain",
        "versions",
        "checkpoints",
        "readModels",
        "signedHeads",
        "attachments",
    ];
    assert_eq!(outcomes(&report), clean.map(|name| (name, "clean")), "{report:#}");
    assert_eq!(report["outcome"], "clean");
    assert_eq!(report["head"], app.head().await);
    let checked = |place: usize| report["sections"][place]["checked"].as_i64().unwrap();
    assert_eq!(checked(0), app.head().await);
    assert_eq!((checked(4), checked(5)), (1, 1), "{report:#}");

    let admin = app.database().admin().await;
    let recorded =
        "SELECT count(*) FROM log.events WHERE category = 'access' AND payload->>'what' = 'VERIFICATION'";
    assert_eq!(admin.query_one(recorded, &[]).await.unwrap().get::<_, i64>(0), 1);

    let report = verified(&otto, &json!({ "since": 3, "skipAttachments": true })).await;
    assert_eq!(outcomes(&report)[5], ("attachments", "skipped"));
    assert_eq!(report["sections"][0]["checked"], app.head().await - 3);
    for wrong in [json!({ "since": -1 }), json!({ "sinse": 1 })] {
        otto.post(PATH, &wrong).await.problem(422);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whatever_was_touched_is_found() {
    let (app, otto) = desk().await;
    let head = otto.post("/api/audit/heads", &json!({})).await.good();
    let kept = head["head"]["note"].as_str().unwrap();
    let admin = app.database().admin().await;
    let tamper = |sql: &str| {
        let sql = format!("SET session_replication_role = replica; {sql}; RESET session_replication_role");
        let admin = &admin;
        async move { admin.batch_execute(&sql).await.unwrap() }
    };
    tamper("UPDATE read_tickets.tickets SET title = 'Printer on ice'").await;
    let report = verified(&otto, &json!({})).await;
    assert_eq!(report["outcome"], "findings");
    let rows = found(&report, "readModels");
    assert!(
        rows.len() == 1 && rows[0].ends_with("differs in title"),
        "{report:#}"
    );
    assert!(!report.to_string().contains("ice"), "a report has no contents");

    let uploads = app.data_dir().join("uploads/sha256");
    let folder = std::fs::read_dir(&uploads)
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let file = std::fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
    std::fs::write(&file, b"other bytes").unwrap();
    let report = verified(&otto, &json!({})).await;
    assert_eq!(
        found(&report, "attachments"),
        ["the bytes of an attachment are others"]
    );
    std::fs::remove_file(&file).unwrap();
    let report = verified(&otto, &json!({})).await;
    assert_eq!(
        found(&report, "attachments"),
        ["the bytes of an attachment are missing"]
    );

    tamper("UPDATE log.events SET metadata = '{}' WHERE position = 2").await;
    let report = verified(&otto, &json!({})).await;
    assert_eq!(found(&report, "chain"), ["the hash does not fit"]);
    assert_eq!(report["sections"][0]["findings"][0]["position"], 2);

    // Whoever cuts off the end and what was sworn to it is found by what others kept.
    let cut = head["head"]["position"].as_i64().unwrap();
    app.shared().projections.stop().await;
    tamper("DELETE FROM log.signed_heads").await;
    let report = verified(&otto, &json!({ "heads": [kept] })).await;
    assert_eq!(found(&report, "signedHeads"), [""; 0]);
    tamper(&format!("DELETE FROM log.events WHERE position >= {cut}")).await;
    let verifier = &app.shared().verifier;
    let plan = api::verification::Plan {
        heads: vec![api::verification::KeptHead {
            place: "a drawer".to_owned(),
            note: kept.to_owned(),
        }],
        ..api::verification::Plan::default()
    };
    let report = verifier.verify(&plan, &mut |_| {}).await.unwrap();
    let report = serde_json::to_value(report).unwrap();
    let found = found(&report, "signedHeads");
    assert!(
        found.len() == 1 && found[0].contains("a drawer") && found[0].contains("cut off"),
        "{report:#}"
    );
}
