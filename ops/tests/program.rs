//! The program as a shell sees it: help, answers, errors and exit codes.
#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use std::fs::Permissions;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Output, Stdio};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

fn informejo(dir: &TempDir, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_informejo"));
    command
        .args(arguments)
        .current_dir(dir)
        .env_remove("DATABASE_URL")
        .env_remove("RUST_LOG");
    command
}

fn folder() -> TempDir {
    tempfile::Builder::new()
        .permissions(Permissions::from_mode(0o755))
        .tempdir()
        .unwrap()
}

fn out(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

fn err(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn version_and_help_are_answers() {
    let dir = folder();
    let output = informejo(&dir, &["--version"]).output().unwrap();
    assert!(output.status.success());
    assert_eq!(out(&output), format!("informejo {}\n", env!("CARGO_PKG_VERSION")));
    let output = informejo(&dir, &["migrate", "--help"]).output().unwrap();
    assert!(output.status.success());
    for part in [
        "--data-dir <FOLDER>",
        "[env: DATABASE_URL]",
        "[default: ./data]",
        "Examples:",
    ] {
        // Wherever the lines are broken.
        let words = out(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(part), "{part}: {words}");
    }
}

#[test]
fn wrong_usage_and_wrong_settings_are_code_2() {
    let dir = folder();
    for arguments in [&["fly"] as &[_], &["migrate", "--port", "1"], &[]] {
        assert_eq!(
            informejo(&dir, arguments).output().unwrap().status.code(),
            Some(2),
            "{arguments:?}"
        );
    }
    let output = informejo(&dir, &["migrate"])
        .env("DATABASE_POOL_SIZE", "many")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        err(&output),
        "informejo: DATABASE_POOL_SIZE: \"many\" is not a number from 2 to 1000 (example: 32)\n"
    );
    assert!(
        !dir.path().join("data").exists(),
        "something was done in spite of a wrong setting"
    );
}

#[test]
fn read_models_that_are_not_there_make_no_database() {
    let dir = folder();
    for verb in [
        &["rebuild", "nonsense"] as &[_],
        &["retry", "nonsense", "0192d3a0-0000-7000-8000-000000000001"],
    ] {
        let output = informejo(&dir, &[&["projections"], verb].concat())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{verb:?}");
        assert!(
            err(&output).contains("[possible values: tickets, people, history, search]"),
            "{}",
            err(&output)
        );
    }
    for verb in [&["status"] as &[_], &["rebuild", "tickets"]] {
        let output = informejo(&dir, &[&["projections"], verb].concat())
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{verb:?}");
        assert_eq!(
            err(&output),
            "informejo: there is no database in data/postgres; `informejo serve` makes one\n"
        );
    }
    assert!(!dir.path().join("data").exists(), "something was made");
}

#[test]
fn failures_are_one_line_and_code_2() {
    let dir = folder();
    let url = "postgresql://u:hunter2@127.0.0.1:1/none";
    let output = informejo(&dir, &["migrate"])
        .env("DATABASE_URL", url)
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let error = err(&output);
    assert!(
        error.starts_with("informejo: connecting to the database: "),
        "{error}"
    );
    assert!(
        error.lines().count() == 1 && !error.contains("hunter2"),
        "{error}"
    );
    let output = informejo(&dir, &["migrate", "--pg-bindir", "/nonexistent"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        err(&output).contains("PG_BINDIR=/nonexistent"),
        "{}",
        err(&output)
    );
}

#[test]
fn migrate_makes_the_embedded_database_and_stops_it() {
    let dir = folder();
    let output = informejo(&dir, &["migrate", "--json"]).output().unwrap();
    assert!(output.status.success(), "{}", err(&output));
    let answer: serde_json::Value = serde_json::from_str(&out(&output)).unwrap();
    assert!(
        answer["applied"]
            .as_array()
            .is_some_and(|names| !names.is_empty()),
        "{answer}"
    );
    assert!(dir.path().join("data/postgres/data/PG_VERSION").exists());
    assert!(
        !dir.path().join("data/postgres/data/postmaster.pid").exists(),
        "still running"
    );
    let output = informejo(&dir, &["migrate"]).output().unwrap();
    assert_eq!(out(&output), "The database was up to date.\n", "{}", err(&output));
    for line in err(&output).lines() {
        assert!(line.contains(" INFO "), "{line}");
    }
}

#[test]
fn a_signal_interrupts_a_verb_that_waits() {
    for signal in [Signal::TERM, Signal::INT, Signal::HUP] {
        let dir = folder();
        let silent = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("postgresql://u@{}/none", silent.local_addr().unwrap());
        let mut command = informejo(&dir, &["migrate"]);
        let child = command
            .env("DATABASE_URL", url)
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let connection = silent.accept().unwrap();
        kill_process(Pid::from_child(&child), signal).unwrap();
        let output = child.wait_with_output().unwrap();
        drop(connection);
        assert_eq!(output.status.code(), Some(130), "{signal:?}: {}", err(&output));
        assert!(
            err(&output).contains("Shutting down gracefully..."),
            "{}",
            err(&output)
        );
    }
}

#[test]
fn the_key_that_proofs_are_checked_with_is_printed_and_stays() {
    let dir = folder();
    let key = || {
        let output = informejo(&dir, &["audit", "key", "--log-origin", "desk.example/log"])
            .output()
            .unwrap();
        assert!(output.status.success(), "{}", err(&output));
        out(&output)
    };
    let first = key();
    assert!(first.starts_with("desk.example/log+"), "{first}");
    assert_eq!(key(), first);
    let output = informejo(&dir, &["audit", "key", "--log-origin", "another"])
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
}
