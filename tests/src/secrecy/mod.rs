//! Watches over a whole run (A13): the programs log at TRACE, and every line of theirs, every answer and every frame is
//! searched for the secrets that tests have chosen or received: passwords, tokens, codes, keys.
//!
//! Secrets are planted by those who handle them: [`Client`](crate::app::Client) plants the passwords and tokens that it sends and
//! those that an answer hands to it, *after* it has searched that answer. Log lines are kept until the help desk that may have
//! written them ends, and searched then, since a line may be written before the test knows the secret that is in it.
//!
//! What is found fails the test that runs, and is shown without the secret.

mod log;
mod planted;
mod sources;

use std::sync::{LazyLock, Mutex, MutexGuard, PoisonError};

use planted::Planted;
pub use planted::{CHARS_MIN, Secret};

pub(crate) use log::listen;
pub(crate) use sources::{of_answer, of_data_dir, of_settings, of_wish};

/// Bytes of the log that are searched once more with the next ones: lines that were written just before a secret was known.
const AGAIN: usize = 256 * 1024;
/// Bytes of the log that may wait for the end of a help desk.
const WAITING_MAX: usize = 32 * 1024 * 1024;

/// Secrets, and what was logged.
#[derive(Default)]
pub struct Secrecy {
    planted: Mutex<Planted>,
    log: Mutex<Logged>,
}

#[derive(Default)]
struct Logged {
    /// Not searched yet, but for the first [`AGAIN`] bytes.
    lines: Vec<u8>,
    /// Bytes in all.
    heard: u64,
    /// Found, and not told yet.
    leaks: Vec<String>,
}

/// The run's.
pub fn of_this_run() -> &'static Secrecy {
    static OF_THIS_RUN: LazyLock<Secrecy> = LazyLock::new(Secrecy::default);
    &OF_THIS_RUN
}

impl Secrecy {
    /// Says that this must be seen nowhere from now on. What has fewer than [`CHARS_MIN`] characters is passed over.
    pub fn plant(&self, kind: &'static str, value: &str) {
        self.planted().add(kind, value);
    }

    /// Finds a secret in something that was seen, other than `except`, which may be there; says where, and masks it.
    pub fn leak(&self, place: &str, seen: &[u8], except: &str) -> Option<String> {
        let planted = self.planted();
        let (secret, at) = planted.find(seen, except)?;
        let from = seen[..at]
            .iter()
            .rposition(|&byte| byte == b'\n')
            .map_or(0, |end| end + 1);
        let to = seen[at..]
            .iter()
            .position(|&byte| byte == b'\n')
            .map_or(seen.len(), |end| at + end);
        let line = planted.masked(&seen[from..to]);
        let Secret { kind, by, .. } = secret;
        Some(format!("a {kind} of the test {by} is in {place}: {line}"))
    }

    /// Keeps what was logged, to be searched soon.
    pub fn logged(&self, lines: &[u8]) {
        let mut log = self.log();
        log.lines.extend_from_slice(lines);
        log.heard += lines.len() as u64;
        if log.lines.len() > WAITING_MAX {
            self.search(&mut log);
        }
    }

    /// How many bytes were logged.
    pub fn bytes_heard(&self) -> u64 {
        self.log().heard
    }

    /// Fails if a secret is in anything that was logged up to now.
    pub fn insist(&self) {
        let leaks = {
            let mut log = self.log();
            self.search(&mut log);
            std::mem::take(&mut log.leaks)
        };
        assert!(
            leaks.is_empty() || std::thread::panicking(),
            "{}",
            leaks.join("\n")
        );
    }

    fn search(&self, log: &mut Logged) {
        let leak = self.leak("a log line", &log.lines, "");
        // What was found is told once.
        let again = if leak.is_some() { 0 } else { AGAIN };
        let done = log.lines.len().saturating_sub(again);
        log.lines.drain(..done);
        log.leaks.extend(leak);
    }

    fn log(&self) -> MutexGuard<'_, Logged> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn planted(&self) -> MutexGuard<'_, Planted> {
        self.planted.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Plants what must be seen nowhere in this run.
pub fn plant(kind: &'static str, value: &str) {
    of_this_run().plant(kind, value);
}

/// Searches the log at the end of something that logs.
#[derive(Debug)]
pub(crate) struct AtTheEnd;

impl Drop for AtTheEnd {
    fn drop(&mut self) {
        of_this_run().insist();
    }
}
