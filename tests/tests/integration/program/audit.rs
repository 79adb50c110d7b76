//! `informejo audit …` beside a running help desk, and what its exit codes say.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;
use tests::process::{Ground, ServerProcess, command, run};

/// Exit code, answer, complaint.
async fn informejo(arguments: &[&str], settings: &[(&str, &str)]) -> (i32, String, String) {
    let mut command = command();
    command.args(arguments).envs(settings.iter().copied());
    let output = run(&mut command, "").await;
    (
        output.status.code().unwrap(),
        String::from_utf8(output.stdout).unwrap(),
        String::from_utf8(output.stderr).unwrap(),
    )
}

fn write(folder: &Path, name: &str, text: &str) -> String {
    let file = folder.join(name);
    std::fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_running_desk_is_verified_and_what_was_cut_off_is_found_against_a_kept_head() {
    let ground = Ground::new().await;
    let mut server = ground.serve(&[("DEMO", "true")]).await;
    let settings = ground.settings();
    let (code, key, _) = informejo(&["audit", "key"], &settings).await;
    assert_eq!(code, 0);
    let key = write(ground.data_dir(), "desk.vkey", &key);
    let (code, head, complaint) = informejo(&["audit", "head"], &settings).await;
    assert_eq!(code, 0, "{complaint}");
    let head = write(ground.data_dir(), "kept.head", &head);

    let verify = ["audit", "verify", "--head", &head, "--key", &key];
    let (code, report, complaint) = informejo(&verify, &settings).await;
    assert_eq!((code, complaint.as_str()), (0, ""), "{report}");
    for letter in 'a'..='f' {
        assert!(report.contains(&format!("({letter}) ok ")), "{report}");
    }
    assert!(report.contains("Clean in "), "{report}");
    let (code, report, _) = informejo(&["audit", "verify", "--json", "--skip-attachments"], &settings).await;
    let report: Value = serde_json::from_str(&report).unwrap();
    assert_eq!(
        (code, &report["outcome"]),
        (0, &Value::from("clean")),
        "{report:#}"
    );
    assert!(server.terminate(Duration::from_secs(10)).await.success());

    // Whoever has the database cuts off the end, and everything that could tell of it.
    let admin = ground.database.admin().await;
    admin
        .batch_execute(
            "SET session_replication_role = replica; DELETE FROM log.signed_heads; \
             DELETE FROM log.events WHERE position > (SELECT max(position) - 3 FROM log.events)",
        )
        .await
        .unwrap();
    let server = ground.serve(&[]).await;
    let (code, report, complaint) = informejo(&verify, &settings).await;
    assert_eq!(code, 1, "{report}");
    assert!(report.contains("its end was cut off"), "{report}");
    assert!(
        complaint.starts_with("informejo: ") && complaint.contains("finding"),
        "{complaint}"
    );
    drop(server);
}

#[tokio::test]
async fn what_cannot_be_verified_is_exit_code_two() {
    let folder = tests::postgres::new_data_dir();
    let data_dir = folder.path().to_str().unwrap();
    let away = "postgresql://nobody@127.0.0.1:1/nothing";
    for settings in [
        &[("DATABASE_URL", away), ("DATA_DIR", data_dir)][..],
        &[("DATA_DIR", data_dir)],
    ] {
        for arguments in [&["audit", "verify"][..], &["audit", "head"]] {
            let (code, said, complaint) = informejo(arguments, settings).await;
            assert_eq!((code, said.as_str()), (2, ""), "{complaint}");
            assert_eq!(complaint.lines().count(), 1, "{complaint}");
        }
    }
    let missing = ["audit", "verify", "--head", "not-there.head"];
    let (code, _, complaint) = informejo(&missing, &[("DATA_DIR", data_dir)]).await;
    assert!(code == 2 && complaint.contains("not-there.head"), "{complaint}");
}

#[tokio::test]
async fn the_embedded_database_of_a_running_desk_is_reached() {
    let folder = tests::postgres::new_data_dir();
    let settings = [("DATA_DIR", folder.path().to_str().unwrap())];
    let mut server = ServerProcess::start(&[settings[0], ("DEMO", "true")]).await;
    let (code, report, complaint) = informejo(&["audit", "verify"], &settings).await;
    assert_eq!(code, 0, "{report} {complaint}");
    assert!(server.terminate(Duration::from_secs(10)).await.success());
    // And when it does not run.
    let (code, report, complaint) = informejo(&["audit", "verify"], &settings).await;
    assert_eq!(code, 0, "{report} {complaint}");
}
