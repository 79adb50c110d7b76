//! The program itself as a process: started, spoken to, told to stop, killed.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::watch;

use crate::app::{Client, UNLIMITED};
use crate::mailbox::Mailbox;
use crate::postgres::{TestDatabase, new_data_dir};
use crate::secrecy::{self, AtTheEnd};
use crate::wait;

/// Where the program lies that belongs to these tests: `target/<profile>/informejo`.
pub fn binary() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.parent().and_then(Path::parent).unwrap();
    let binary = profile.join("informejo");
    assert!(
        binary.exists(),
        "{} is missing: build it with `cargo build -p ops --bin informejo` (`make test` does)",
        binary.display()
    );
    binary
}

/// The program, without anything of this process' environment that could be a setting.
pub fn command() -> Command {
    let mut command = Command::new(binary());
    command.env_clear().envs(UNLIMITED).kill_on_drop(true);
    for name in ["PATH", "HOME", "TMPDIR", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    command
}

/// Runs one of the program's verbs to its end, with `input` on its standard input.
pub async fn run(command: &mut Command, input: &str) -> std::process::Output {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut pipe = child.stdin.take().unwrap();
    // Who does not read need not: a closed pipe is no failure.
    let _ = pipe.write_all(input.as_bytes()).await;
    drop(pipe);
    wait::within("the end of the program", child.wait_with_output())
        .await
        .unwrap()
}

/// What programs stand on: a database that is as an operator would make it, and a folder.
pub struct Ground {
    /// The database.
    pub database: TestDatabase,
    folder: TempDir,
    url: String,
}

impl Ground {
    /// A new one.
    pub async fn new() -> Self {
        let database = TestDatabase::empty().await;
        let url = database.url();
        let folder = new_data_dir();
        Self {
            database,
            folder,
            url,
        }
    }

    /// The folder.
    pub fn data_dir(&self) -> &Path {
        self.folder.path()
    }

    /// The settings that say so.
    pub fn settings(&self) -> [(&str, &str); 2] {
        let folder = self.folder.path().to_str().unwrap();
        [("DATABASE_URL", &self.url), ("DATA_DIR", folder)]
    }

    /// Starts a server on it, with further settings.
    pub async fn serve(&self, further: &[(&str, &str)]) -> ServerProcess {
        ServerProcess::start(&[&self.settings(), further].concat()).await
    }
}

/// A running server.
pub struct ServerProcess {
    child: Child,
    mailbox: Option<Mailbox>,
    address: Option<SocketAddr>,
    log: Log,
    _secrecy: AtTheEnd,
}

/// The lines that the program has written so far.
#[derive(Clone)]
pub struct Log {
    lines: Arc<Mutex<Vec<String>>>,
    count: watch::Receiver<usize>,
}

impl Log {
    /// All of them.
    pub fn lines(&self) -> Vec<String> {
        self.lines.lock().unwrap().clone()
    }

    /// How many lines there are.
    pub fn lines_so_far(&self) -> usize {
        self.lines.lock().unwrap().len()
    }

    /// Whether one of the lines after the first `skipped` contains `text` by now.
    pub fn has(&self, skipped: usize, text: &str) -> bool {
        let lines = self.lines.lock().unwrap();
        lines.iter().skip(skipped).any(|line| line.contains(text))
    }

    /// The first line that contains `text`, waiting for it.
    pub async fn line_with(&self, text: &str) -> String {
        let mut count = self.count.clone();
        let look = async {
            loop {
                let found = self.lines().into_iter().find(|line| line.contains(text));
                if let Some(line) = found {
                    return Some(line);
                }
                if count.changed().await.is_err() {
                    return self.lines().into_iter().find(|line| line.contains(text));
                }
            }
        };
        match tokio::time::timeout(wait::DEADLINE, look).await {
            Ok(Some(line)) => line,
            _ => panic!("the log does not say {text:?}:\n{}", self.lines().join("\n")),
        }
    }
}

impl ServerProcess {
    /// Starts `informejo serve` with these settings, on a free port of 127.0.0.1.
    pub async fn start(settings: &[(&str, &str)]) -> Self {
        let mut server = Self::spawn(settings);
        server.ready().await;
        server
    }

    /// As [`ServerProcess::start`], without waiting for anything.
    pub fn spawn(settings: &[(&str, &str)]) -> Self {
        secrecy::of_settings(settings.iter().copied());
        let mut command = command();
        command
            .arg("serve")
            .env("HOST", "127.0.0.1")
            .env("PORT", "0")
            .env("LOG_LEVEL", "trace")
            .envs(settings.iter().copied())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // A demo shows its people's passwords to whoever starts it.
        let is_demo = settings.contains(&("DEMO", "true"));
        let lines = Arc::new(Mutex::new(Vec::new()));
        let (counter, count) = watch::channel(0);
        let counter = Arc::new(counter);
        follow(
            child.stdout.take().unwrap(),
            Arc::clone(&lines),
            Arc::clone(&counter),
            !is_demo,
        );
        follow(child.stderr.take().unwrap(), Arc::clone(&lines), counter, true);
        let folder = settings.iter().rev().find(|(name, _)| *name == "DATA_DIR");
        Self {
            child,
            address: None,
            log: Log { lines, count },
            _secrecy: AtTheEnd,
            mailbox: folder.map(|(_, folder)| Mailbox::at(&Path::new(folder).join("mail"))),
        }
    }

    /// Waits until it listens and says that it is ready.
    pub async fn ready(&mut self) -> SocketAddr {
        let log = self.log.clone();
        let address = tokio::select! {
            line = log.line_with("Ready to accept connections") => address_in(&line),
            status = self.child.wait() => panic!("ended ({status:?}):\n{}", log.lines().join("\n")),
        };
        self.address = Some(address);
        let client = reqwest::Client::new();
        wait::until("readiness", async || {
            let answer = client.get(format!("http://{address}/ready")).send().await.ok()?;
            answer.status().is_success().then_some(())
        })
        .await;
        address
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address.expect("ready() was not waited for")
    }

    /// The way to it, without a slash at the end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address())
    }

    /// Nobody in particular, who reads the mail that it sends.
    pub fn nobody(&self) -> Client {
        let mailbox = self.mailbox.clone().expect("its mail is nowhere known");
        Client::anonymous(&self.url()).with_mailbox(mailbox)
    }

    /// What it has written.
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// Its process id.
    pub fn pid(&self) -> i32 {
        i32::try_from(self.child.id().expect("it has ended")).unwrap()
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) {
        kill_process(Pid::from_raw(self.pid()).unwrap(), signal).unwrap();
    }

    /// `kill -9`, and waits until it is gone.
    pub async fn kill(&mut self) {
        self.signal(Signal::KILL);
        self.end().await;
    }

    /// Waits for its end.
    pub async fn end(&mut self) -> ExitStatus {
        wait::within("the end of the program", self.child.wait())
            .await
            .unwrap()
    }

    /// Asks it to stop; it must be gone within `deadline`.
    pub async fn terminate(&mut self, deadline: Duration) -> ExitStatus {
        self.signal(Signal::TERM);
        tokio::time::timeout(deadline, self.child.wait())
            .await
            .unwrap_or_else(|_| {
                panic!(
                    "runs on {deadline:?} after SIGTERM:\n{}",
                    self.log.lines().join("\n")
                )
            })
            .unwrap()
    }
}

fn follow(
    output: impl AsyncRead + Send + Unpin + 'static,
    lines: Arc<Mutex<Vec<String>>>,
    counter: Arc<watch::Sender<usize>>,
    is_searched: bool,
) {
    tokio::spawn(async move {
        let mut reader = BufReader::new(output).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            if is_searched {
                secrecy::of_this_run().logged(format!("{line}\n").as_bytes());
            }
            lines.lock().unwrap().push(line);
            counter.send_modify(|count| *count += 1);
        }
    });
}

/// The address in the log line that says that the program is ready, whichever form lines have.
fn address_in(line: &str) -> SocketAddr {
    let found = ["address=", "\"address\":\""]
        .iter()
        .find_map(|before| line.split(before).nth(1))
        .and_then(|rest| rest.split([' ', '"']).next());
    let address: SocketAddr = found
        .and_then(|text| text.parse().ok())
        .unwrap_or_else(|| panic!("no address in {line:?}"));
    SocketAddr::from(([127, 0, 0, 1], address.port()))
}
