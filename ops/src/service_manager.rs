//! Tells whoever runs the program how it does: systemd (`Type=notify`) and PM2 (`wait_ready`). Where nobody listens,
//! nothing is sent.
//!
//! There is no watchdog: all that could be sent regularly without lying is that the runtime turns, and what a stuck desk
//! looks like from outside is what `/health` and `/ready` are for.

use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;

use rustix::net::{AddressFamily, SocketType, sockopt};
use rustix::process::{PidfdFlags, PidfdGetfdFlags, getpid, pidfd_getfd, pidfd_open};
use sd_notify::NotifyState;

/// Where a parent in Node.js, PM2 among them, says which descriptor leads to it.
const CHANNEL: &str = "NODE_CHANNEL_FD";
/// How it wants messages; a line of JSON each, unless it says otherwise.
const CHANNEL_FORM: &str = "NODE_CHANNEL_SERIALIZATION_MODE";
/// What `process.send('ready')` sends.
const READY: &[u8] = b"\"ready\"\n";

/// Whoever started this process, if they want to know.
#[derive(Debug)]
pub struct ServiceManager {
    /// The way to a parent in Node.js, or why it was not found.
    channel: Option<io::Result<UnixStream>>,
}

impl ServiceManager {
    /// Finds out. To be called before anything else opens files: the descriptor is known by its number only.
    pub fn of_this_process() -> Self {
        let wants_lines = std::env::var_os(CHANNEL_FORM).is_none_or(|form| form == "json");
        let number = std::env::var(CHANNEL).ok().and_then(|text| text.parse().ok());
        let channel = number.filter(|_| wants_lines).map(open_channel);
        Self { channel }
    }

    /// The help desk begins to do something, before it is ready.
    pub fn status(&self, status: &str) {
        tell_systemd(&[NotifyState::Status(status)]);
    }

    /// The help desk listens and answers.
    pub fn ready(&mut self, status: &str) {
        tell_systemd(&[NotifyState::Ready, NotifyState::Status(status)]);
        // Said once; the channel is closed afterwards.
        let told = self
            .channel
            .take()
            .map(|channel| channel.and_then(|mut channel| channel.write_all(READY)));
        if let Some(Err(error)) = told {
            warn(
                &error,
                "whoever started the program was not told that it is ready",
            );
        }
    }

    /// The way out has begun.
    pub fn stopping(&self) {
        let status = NotifyState::Status("finishing what is under way");
        tell_systemd(&[NotifyState::Stopping, status]);
    }
}

fn tell_systemd(state: &[NotifyState<'_>]) {
    if let Err(error) = sd_notify::notify(state) {
        warn(&error, "systemd was not told how the program does");
    }
}

fn warn(error: &io::Error, what: &'static str) {
    tracing::warn!(error = error as &dyn std::error::Error, "{what}");
}

/// A second descriptor of the channel. By way of the kernel, which finds a process' files by their numbers safely; to
/// take the number at its word would need `unsafe`.
fn open_channel(number: i32) -> io::Result<UnixStream> {
    if number < 0 {
        return Err(io::Error::other(format!("{number} is no descriptor")));
    }
    let this = pidfd_open(getpid(), PidfdFlags::empty())?;
    let channel: OwnedFd = pidfd_getfd(&this, number, PidfdGetfdFlags::empty())?;
    let is_stream = sockopt::socket_domain(&channel)? == AddressFamily::UNIX
        && sockopt::socket_type(&channel)? == SocketType::STREAM;
    if !is_stream {
        return Err(io::Error::other(format!("descriptor {number} is no channel")));
    }
    Ok(UnixStream::from(channel))
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::AsRawFd;

    use super::*;

    #[test]
    fn a_channel_is_found_by_its_number_and_told_once() {
        let (mut parent, child) = UnixStream::pair().unwrap();
        let mut manager = ServiceManager {
            channel: Some(open_channel(child.as_raw_fd())),
        };
        drop(child);
        manager.ready("");
        manager.ready("");
        let mut heard = Vec::new();
        parent.read_to_end(&mut heard).unwrap();
        assert_eq!(heard, b"\"ready\"\n");
    }

    #[test]
    fn what_is_no_channel_is_refused() {
        let file = tempfile::tempfile().unwrap();
        assert!(open_channel(file.as_raw_fd()).is_err());
        assert!(open_channel(-1).is_err());
        assert!(open_channel(i32::MAX).is_err());
    }
}
