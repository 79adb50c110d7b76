//! Evidence packs of a real ticket: they hold, for two checkers, and nothing of others is in them.

use std::path::Path;

use audit::pack::check;
use serde_json::json;
use tests::app::TestApp;
use tests::second_opinion;

/// A pack as the server gives it.
async fn taken(app: &TestApp, ticket: &str) -> Vec<u8> {
    let otto = app.auditor("Otto").await;
    let answer = otto.get(&format!("/api/audit/evidence/{ticket}")).await.is(200);
    assert_eq!(answer.header("content-type"), "application/zip");
    assert_eq!(answer.header("cache-control"), "private, no-store");
    let name = format!("attachment; filename=\"ticket-{ticket}.evidence.zip\"");
    assert_eq!(answer.header("content-disposition"), name);
    answer.body.to_vec()
}

fn second_opinion(pack: &[u8], key: &str) -> String {
    let folder = tests::postgres::new_data_dir();
    let file = folder.path().join("pack.zip");
    std::fs::write(&file, pack).unwrap();
    second_opinion::of(&file, key)
}

#[tokio::test]
async fn a_ticket_is_proved_to_whoever_has_the_key() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Ada").await, app.user("Ulla").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let id = ticket["id"].as_str().unwrap();
    let path = format!("/api/tickets/{id}");
    let said = json!({ "content": "Blue flames — プリンター 🖨\u{202e} <script>alert(1)</script>" });
    ulla.post(&format!("{path}/comments"), &said).await.good();
    ulla.upload(&format!("{path}/attachments"), "flame.txt", "text/plain", b"hot")
        .await
        .good();
    ada.patch(&path, &json!({ "status": "IN_PROGRESS" })).await.good();
    ulla.new_ticket("Another ticket").await;
    ada.delete(&path).await.good();

    let pack = taken(&app, id).await;
    let key = app.shared().heads.key().clone();
    let checked = check(&pack, &key).unwrap();
    assert_eq!(checked.stream.to_string(), id);
    assert_eq!((checked.events, checked.category.as_str()), (5, "ticket"));
    // Taking it was recorded before, and is before its head.
    assert_eq!(checked.head, app.shared().log.head().await.unwrap());
    assert_eq!(second_opinion(&pack, &key.to_string()), "holds");

    // With another key it proves nothing.
    let other = audit::Signer::new(key.name(), &[9; 32]).unwrap();
    assert!(check(&pack, other.key()).is_err());
    assert!(second_opinion(&pack, &other.key().to_string()).contains("not signed by this key"));
}

#[tokio::test]
async fn nothing_of_other_tickets_or_of_people_is_in_it() {
    let app = TestApp::new().await;
    let (ada, ulla) = (app.admin("Canary-Admin").await, app.user("Canary-User").await);
    let ticket = ulla.new_ticket("Printer on fire").await;
    let id = ticket["id"].as_str().unwrap();
    let other = ulla.new_ticket("Canary-Title of another").await;
    let other = other["id"].as_str().unwrap();
    let path = format!("/api/tickets/{other}");
    for (who, said) in [(&ada, "Canary-Comment"), (&ulla, "Canary-Answer")] {
        let said = json!({ "content": said });
        who.post(&format!("{path}/comments"), &said).await.good();
    }
    ulla.upload(
        &format!("{path}/attachments"),
        "Canary-File.txt",
        "text/plain",
        b"Canary-Bytes",
    )
    .await
    .good();

    let pack = taken(&app, id).await;
    assert_eq!(check(&pack, app.shared().heads.key()).unwrap().events, 1);
    let text = String::from_utf8_lossy(&pack);
    assert!(text.contains("Printer on fire"));
    assert!(!text.contains("Canary") && !text.contains(other));
    assert!(!text.contains(ulla.email()) && !text.contains(ada.email()));
}

#[tokio::test]
async fn taking_evidence_is_recorded_and_of_nothing_there_is_none() {
    let app = TestApp::new().await;
    let ticket = app.user("Ulla").await.new_ticket("Printer on fire").await;
    let id = ticket["id"].as_str().unwrap();
    taken(&app, id).await;
    let olga = app.auditor("Olga").await;
    let unknown = "/api/audit/evidence/00000000-0000-4000-8000-000000000000";
    olga.get(unknown).await.problem(404);
    // An account's stream is no ticket.
    let account = format!("/api/audit/evidence/{}", olga.id());
    olga.get(&account).await.problem(404);
    let admin = app.database().admin().await;
    let sql = "SELECT payload->>'what', payload->>'ticket' FROM log.events WHERE category = 'access'";
    let rows = admin.query(sql, &[]).await.unwrap();
    let recorded: Vec<(&str, &str)> = rows.iter().map(|row| (row.get(0), row.get(1))).collect();
    assert_eq!(recorded, [("EVIDENCE", id)]);
}

/// Nobody swears to a log that was not walked, nor to another one than before.
#[tokio::test]
async fn of_a_log_that_does_not_hold_there_is_no_evidence() {
    let app = TestApp::new().await;
    let ulla = app.user("Ulla").await;
    let ticket = ulla.new_ticket("Printer on fire").await;
    let path = format!("/api/audit/evidence/{}", ticket["id"].as_str().unwrap());
    let other = ulla.new_ticket("Another ticket").await;
    let olga = app.auditor("Olga").await;
    // What a superuser can do; the ticket that is asked about is not touched, and no hash is.
    let admin = app.database().admin().await;
    let sql = format!(
        "ALTER TABLE log.events DISABLE TRIGGER ALL; \
         UPDATE log.events SET payload = replace(payload::text, 'Another', 'No')::json WHERE stream = '{}'",
        other["id"].as_str().unwrap()
    );
    admin.batch_execute(&sql).await.unwrap();
    let refused = olga.get(&path).await.problem(409);
    assert!(refused.to_string().contains("nothing was signed"), "{refused}");
    let kept = "SELECT count(*) FROM log.signed_heads";
    let kept: i64 = admin.query_one(kept, &[]).await.unwrap().get(0);
    assert_eq!(kept, 0);
}

/// The head of a pack is one of those that are kept, and later ones are held against it.
#[tokio::test]
async fn the_head_of_a_pack_is_kept_as_every_other_one() {
    let app = TestApp::new().await;
    let ticket = app.user("Ulla").await.new_ticket("Printer on fire").await;
    let id = ticket["id"].as_str().unwrap();
    let pack = taken(&app, id).await;
    let checked = check(&pack, app.shared().heads.key()).unwrap();
    let admin = app.database().admin().await;
    let sql = "SELECT position, note FROM log.signed_heads ORDER BY position DESC LIMIT 1";
    let kept = admin.query_one(sql, &[]).await.unwrap();
    assert_eq!(kept.get::<_, i64>(0), checked.head.position);
    let note: &str = kept.get(1);
    assert!(String::from_utf8_lossy(&pack).contains(note));
}

#[test]
fn the_second_opinion_agrees_about_every_vector() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("../audit/tests/vectors");
    let read = |name: &str| std::fs::read_to_string(vectors.join(name)).unwrap();
    let key = read("key.vkey");
    assert_eq!(
        second_opinion::of(&vectors.join("evidence.zip"), key.trim()),
        "holds"
    );
    for line in read("tampered/faults.txt").lines() {
        let (name, fault) = line.split_once(": ").unwrap();
        let file = vectors.join("tampered").join(name);
        assert_eq!(second_opinion::of(&file, key.trim()), fault, "{name}");
    }
}
