//! A person at a real browser (`node/browser.mjs`).

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::wait;

/// A browser of its own, with one page. It ends with this value.
pub struct Browser {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
}

impl Browser {
    /// Opens one.
    pub fn open() -> Self {
        let mut process = Command::new("node")
            .arg("browser.mjs")
            .current_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("node"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("node does not start ({error}): Node.js 18 or newer is needed"));
        let input = process.stdin.take().unwrap();
        let output = BufReader::new(process.stdout.take().unwrap()).lines();
        Self {
            _process: process,
            input,
            output,
        }
    }

    /// Goes to a page.
    pub async fn go(&mut self, url: &str) {
        self.step("go", json!(url)).await;
    }

    /// Types into the field with this label.
    pub async fn fill(&mut self, label: &str, text: &str) {
        self.step("fill", json!([label, text])).await;
    }

    /// Chooses a file for the field with this label.
    pub async fn attach(&mut self, label: &str, file: &Path) {
        self.step("attach", json!([label, file])).await;
    }

    /// Presses the button of this name.
    pub async fn press(&mut self, button: &str) {
        self.step("press", json!(button)).await;
    }

    /// Waits until this text is on the page.
    pub async fn sees(&mut self, text: &str) {
        self.step("see", json!(text)).await;
    }

    /// `secret` is not in the address bar, and was in no request's URL or `Referer` so far.
    pub async fn has_not_shown(&mut self, secret: &str) {
        self.step("addressLacks", json!(secret)).await;
        self.step("neverSent", json!(secret)).await;
    }

    /// A picture of the whole page, for people who look.
    pub async fn picture(&mut self, path: &Path) {
        self.step("picture", json!(path)).await;
    }

    async fn step(&mut self, name: &str, value: Value) {
        let line = format!("{}\n", json!([name, value]));
        self.input.write_all(line.as_bytes()).await.unwrap();
        let answer = wait::within((name, &value), self.output.next_line())
            .await
            .unwrap();
        let answer = answer.unwrap_or_else(|| panic!("the browser has ended at {name} {value}"));
        let answer: String = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer, "ok", "at {name} {value}");
    }
}
