//! The live protocol's client: its own tests (`web/realtime/test`), against the program where they need one. The names
//! of the tests that run here say which items they prove: S-012, S-021, S-022, S-025, S-033 to S-035, S-037, S-039,
//! S-104, S-130 to S-135, S-139, S-141 to S-143.

use std::path::PathBuf;
use std::process::{Output, Stdio};

use tests::postgres::TestDatabase;
use tests::process::binary;
use tokio::io::AsyncWriteExt;
use tokio::process::Command;
use tokio::sync::OnceCell;

fn folder() -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../web/realtime");
    assert!(
        folder.join("node_modules/typescript").exists(),
        "packages are missing: run `npm ci` in {} (`make test` does)",
        folder.display()
    );
    folder.canonicalize().unwrap()
}

fn node(args: &[&str]) -> Command {
    let mut command = Command::new("node");
    command.args(args).current_dir(folder()).kill_on_drop(true);
    command
}

fn shown(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// Compiles the client and its tests, strictly, once.
async fn compiled() {
    static COMPILED: OnceCell<()> = OnceCell::const_new();
    let compile = async || {
        let tsc = node(&["node_modules/typescript/bin/tsc", "-p", "test/tsconfig.json"]).output();
        let output = tsc.await.unwrap();
        assert!(output.status.success(), "{}", shown(&output));
    };
    COMPILED.get_or_init(compile).await;
}

/// Runs a file of tests, which must all succeed.
async fn succeed(file: &str) {
    compiled().await;
    let database = TestDatabase::empty().await;
    let path = format!("build/test/{file}.test.js");
    let output = node(&["--test", "--test-reporter=spec", &path])
        .env("INFORMEJO_PROGRAM", binary())
        .env("DATABASE_URL", database.url())
        .stdin(Stdio::null())
        .output()
        .await
        .unwrap();
    let shown = shown(&output);
    assert!(output.status.success(), "{shown}");
    assert!(
        shown.contains("fail 0") && !shown.contains("tests 0"),
        "nothing was tested: {shown}"
    );
}

#[tokio::test]
async fn it_tries_again_when_it_should_and_says_how_it_is_doing() {
    succeed("connection").await;
}

#[tokio::test]
async fn it_remembers_what_was_seen_and_wished_over_connections() {
    succeed("client").await;
}

#[tokio::test]
async fn it_misses_nothing_of_a_server_that_is_cut_off_and_killed() {
    succeed("live").await;
}

#[tokio::test]
async fn it_works_in_a_browser_and_says_there_what_the_original_said() {
    succeed("browser").await;
}

#[tokio::test]
async fn its_types_are_made_of_the_present_description_of_the_protocol() {
    let mut generator = node(&["scripts/generate.mjs"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = generator.stdin.take().unwrap();
    input.write_all(api::asyncapi().as_bytes()).await.unwrap();
    drop(input);
    let output = generator.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{}", shown(&output));
    let committed = std::fs::read_to_string(folder().join("src/protocol.ts")).unwrap();
    assert!(
        committed == String::from_utf8(output.stdout).unwrap(),
        "web/realtime/src/protocol.ts is not the present one: \
         informejo asyncapi | npm run --silent --prefix web/realtime types"
    );
}
