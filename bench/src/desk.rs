//! The program itself as a process: the release build that lies beside this one.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::Stdio;
use std::time::{Duration, Instant};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWriteExt, BufReader};
use tokio::process::{Child, Command};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use crate::client::Client;
use crate::outcome::Outcome;
use crate::process;

/// Who signs in.
const EMAIL: &str = "bench@example.test";
const PASSWORD: &str = "only for measuring";
/// How often it is asked whether it is ready.
const ASK_EVERY: Duration = Duration::from_millis(2);
/// Longest time to get ready, and to end.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running server.
pub(crate) struct Desk {
    process: Child,
    pub(crate) address: SocketAddr,
    /// From the start of the process until it said that it was ready.
    pub(crate) ready_after: Duration,
}

impl Desk {
    /// Starts `informejo serve` with these settings, and waits until it is ready.
    pub(crate) async fn start(settings: &[(&str, &str)]) -> Outcome<Self> {
        let begin = Instant::now();
        let mut process = command(settings)?
            .arg("serve")
            .envs([("HOST", "127.0.0.1"), ("PORT", "0")])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        let (lines, mut said) = mpsc::unbounded_channel();
        let (stdout, stderr) = process
            .stdout
            .take()
            .zip(process.stderr.take())
            .ok_or("no pipes")?;
        listen(stdout, lines.clone());
        listen(stderr, lines);
        let mut log = Vec::new();
        let port = timeout(PATIENCE, async {
            while let Some(line) = said.recv().await {
                if let Some(port) = port_in(&line) {
                    return Ok(port);
                }
                log.push(line);
            }
            Err(format!("the program ended:\n{}", log.join("\n")))
        });
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port.await??));
        // The rest of what it says is read and dropped, as a supervisor would read and keep it.
        tokio::spawn(async move { while said.recv().await.is_some() {} });
        let mut client = Client::connect(address).await?;
        while !client.get("/ready").await?.0.is_success() {
            if begin.elapsed() > PATIENCE {
                return Err("the program does not get ready".into());
            }
            sleep(ASK_EVERY).await;
        }
        Ok(Self {
            process,
            address,
            ready_after: begin.elapsed(),
        })
    }

    /// What it has in memory now, in MiB.
    pub(crate) fn memory(&self) -> Outcome<f64> {
        Ok(process::memory(self.id()?)? / 1024.0)
    }

    /// The process.
    pub(crate) fn id(&self) -> Outcome<u32> {
        Ok(self.process.id().ok_or("the program has ended")?)
    }

    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(mut self) -> Outcome<()> {
        let id = self.process.id().ok_or("the program has ended")?;
        let told = Command::new("kill").arg(id.to_string()).status().await?;
        let ended = timeout(PATIENCE, self.process.wait()).await??;
        if told.success() && ended.success() {
            Ok(())
        } else {
            Err(format!("the program ended badly: {ended}").into())
        }
    }
}

/// An admin whose session [`sign_in`] begins.
pub(crate) async fn create_admin(settings: &[(&str, &str)]) -> Outcome<()> {
    let mut process = command(settings)?
        .args(["accounts", "create-admin", "--email", EMAIL, "--name", "Bench"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()?;
    let mut input = process.stdin.take().ok_or("no pipe")?;
    input.write_all(format!("{PASSWORD}\n").as_bytes()).await?;
    drop(input);
    let output = process.wait_with_output().await?;
    if output.status.success() {
        Ok(())
    } else {
        Err(format!("create-admin: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The token of a new session.
pub(crate) async fn sign_in(address: SocketAddr) -> Outcome<String> {
    Client::connect(address).await?.sign_in(EMAIL, PASSWORD).await
}

/// Runs one of the program's verbs to its end; what it answered.
pub(crate) async fn verb(settings: &[(&str, &str)], arguments: &[&str]) -> Outcome<String> {
    let output = command(settings)?
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .await?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The program with these settings and no others.
fn command(settings: &[(&str, &str)]) -> Outcome<Command> {
    let program: PathBuf = std::env::current_exe()?.with_file_name("informejo");
    if !program.exists() {
        return Err(format!("{} is missing: cargo build --release", program.display()).into());
    }
    let mut command = Command::new(program);
    command
        .env_clear()
        .kill_on_drop(true)
        .envs(settings.iter().copied());
    for name in ["PATH", "HOME", "TMPDIR", "LANG"] {
        if let Some(value) = std::env::var_os(name) {
            command.env(name, value);
        }
    }
    Ok(command)
}

pub(crate) fn listen(output: impl AsyncRead + Send + Unpin + 'static, lines: mpsc::UnboundedSender<String>) {
    tokio::spawn(async move {
        let mut reader = BufReader::new(output).lines();
        while let Ok(Some(line)) = reader.next_line().await {
            if lines.send(line).is_err() {
                return;
            }
        }
    });
}

/// The port in a line such as `… http://localhost:3003`.
pub(crate) fn port_in(line: &str) -> Option<u16> {
    let (_, address) = line.split_once("http://")?;
    let (_, port) = address.split_once(':')?;
    let digits = port.find(|c: char| !c.is_ascii_digit()).unwrap_or(port.len());
    port[..digits].parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_port_is_found_where_the_program_says_it() {
        assert_eq!(port_in("INFO Ready: http://localhost:3003"), Some(3003));
        assert_eq!(
            port_in("{\"message\":\"Ready: http://127.0.0.1:41000\"}"),
            Some(41000)
        );
        assert_eq!(port_in("INFO the embedded PostgreSQL has started"), None);
    }
}
