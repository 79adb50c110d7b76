//! `informejo audit replay` and `informejo audit diff`

use serde_json::{Value, json};
use tests::process::{command, run};

use super::past::{Past, each};

struct Outcome {
    code: Option<i32>,
    said: String,
    complained: String,
}

impl Outcome {
    fn json(&self) -> Value {
        assert_eq!(self.code, Some(0), "{}", self.complained);
        serde_json::from_str(&self.said).unwrap()
    }
}

async fn audit(past: &Past, arguments: &[&str]) -> Outcome {
    let folder = tests::postgres::new_data_dir();
    let mut command = command();
    command
        .arg("audit")
        .args(arguments)
        .env("DATABASE_URL", past.app.database().url())
        .current_dir(folder.path());
    let output = run(&mut command, "").await;
    Outcome {
        code: output.status.code(),
        said: String::from_utf8(output.stdout).unwrap(),
        complained: String::from_utf8(output.stderr).unwrap(),
    }
}

#[tokio::test]
async fn a_ticket_is_replayed_for_people_and_for_programs_as_over_http() {
    let past = Past::new().await;
    let http = past.otto.get(&format!("{}/history", past.path)).await.good();
    let whole = past.otto.get(&past.path).await.good();
    let told = audit(&past, &["replay", past.id(), "--json"]).await.json();
    assert_eq!((&told["steps"], &told["state"]), (&http, &whole));
    assert_eq!(told["ticketId"], past.id());

    let people = audit(&past, &["replay", past.id()]).await;
    assert_eq!(people.code, Some(0), "{}", people.complained);
    for text in each(&http, "text") {
        assert!(
            people.said.contains(text.as_str().unwrap()),
            "{text} in {}",
            people.said
        );
    }
    assert!(
        people.said.contains("\n  WAITING MEDIUM HARDWARE\n"),
        "{}",
        people.said
    );
    assert!(!people.said.contains('\u{1b}'));

    let at = past.at[1].to_string();
    let then = audit(&past, &["replay", past.id(), "--at", &at, "--json"])
        .await
        .json();
    assert_eq!(then["atPosition"], past.at[1]);
    assert_eq!(then["steps"].as_array().unwrap().len(), 2);
    assert_eq!(then["state"]["status"], "OPEN");
    let details = [Value::Null, Value::Null, Value::Null, json!(format!("at={at}"))];
    assert_eq!(past.accesses("HISTORY").await, details);
}

#[tokio::test]
async fn a_deleted_ticket_can_be_replayed_and_an_unknown_one_is_refused() {
    let past = Past::new().await;
    past.ada.delete(&past.path).await.good();
    let told = audit(&past, &["replay", past.id()]).await;
    assert!(told.said.contains("Ada deleted the ticket."), "{}", told.said);
    assert!(told.said.trim_end().ends_with("\n  deleted"), "{}", told.said);
    let before = past.accesses("HISTORY").await.len();
    let unknown = "00000000-0000-4000-8000-000000000000";
    for (arguments, code) in [
        (vec!["replay", unknown], 1),
        (vec!["replay", past.id(), "--at", "0"], 1),
        (vec!["replay", past.id(), "--at", "999999999"], 2),
        (vec!["replay", past.id(), "--at", "9999-01-01T00:00:00Z"], 2),
        (vec!["replay", past.id(), "--at", "yesterday"], 2),
        (vec!["replay", "x"], 2),
        (vec!["diff", unknown, "--from", "0"], 1),
        (vec!["diff", "--from", "2", "--to", "1"], 2),
        (vec!["diff"], 2),
    ] {
        let outcome = audit(&past, &arguments).await;
        assert_eq!(outcome.code, Some(code), "{arguments:?}: {}", outcome.complained);
        assert_eq!(outcome.said, "", "{arguments:?}");
    }
    assert_eq!(past.accesses("HISTORY").await.len(), before, "what was not shown");
}

#[tokio::test]
async fn two_moments_are_compared_for_people_and_for_programs_as_over_http() {
    let past = Past::new().await;
    past.ulla.new_ticket("Scanner on fire").await;
    let (from, to) = (past.at[0].to_string(), past.app.head().await.to_string());
    let between = ["--from", &from, "--to", &to, "--json"];
    let query = format!("diff?from={from}&to={to}");

    let http = past.otto.get(&format!("{}/{query}", past.path)).await.good();
    let told = audit(&past, &[&["diff", past.id()], &between[..]].concat())
        .await
        .json();
    assert_eq!(told, http);
    let people = audit(&past, &["diff", past.id(), "--from", &from]).await;
    assert!(
        people.said.contains(http["text"].as_str().unwrap()),
        "{}",
        people.said
    );

    let http = past.otto.get(&format!("/api/audit/{query}")).await.good();
    let told = audit(&past, &[&["diff"], &between[..]].concat()).await.json();
    assert_eq!(told["tickets"], http);
    assert_eq!(each(&http, "kind"), ["CHANGED", "ADDED"]);
    let people = audit(&past, &["diff", "--from", &from]).await;
    assert!(people.said.ends_with("2 tickets differ.\n"), "{}", people.said);
    assert_eq!(past.accesses("DIFFERENCE").await.len(), 6);
}
