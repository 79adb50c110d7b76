//! `postmaster.pid`: what a running postmaster says of itself.

use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use super::error::PostgresError;

/// The contents of a `postmaster.pid`, whether its postmaster still lives or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct PidFile {
    /// The postmaster's process.
    pub(super) pid: Pid,
    /// The port in its socket's name.
    pub(super) port: u16,
    /// Its socket's folder.
    pub(super) socket_dir: PathBuf,
    /// Whether it says that it accepts connections.
    pub(super) ready: bool,
}

impl PidFile {
    /// Reads the file of the cluster in `data`; `None` where there is none, or one half written.
    pub(super) fn read(data: &Path) -> Result<Option<Self>, PostgresError> {
        let path = data.join("postmaster.pid");
        match fs::read_to_string(&path) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(PostgresError::io(format!("reading {}", path.display()))(error)),
        }
    }

    /// Lines: pid, data directory, start time, port, socket directory, address, shared memory, status.
    fn parse(text: &str) -> Option<Self> {
        let lines: Vec<&str> = text.lines().collect();
        let pid = Pid::from_raw(lines.first()?.trim().parse().ok()?)?;
        Some(Self {
            pid,
            port: lines
                .get(3)
                .and_then(|line| line.trim().parse().ok())
                .unwrap_or_default(),
            socket_dir: PathBuf::from(lines.get(4).copied().unwrap_or_default()),
            ready: lines.get(7).is_some_and(|status| status.trim() == "ready"),
        })
    }

    /// Whether the process is really a postmaster of the cluster in `data`, and not one that got the same number
    /// later. Its command line says so, which is open to all, unlike its working directory (closed to a container's
    /// root).
    pub(super) fn runs(&self, data: &Path) -> bool {
        if !cfg!(target_os = "linux") {
            return !matches!(
                rustix::process::test_kill_process(self.pid),
                Err(rustix::io::Errno::SRCH)
            );
        }
        let command = fs::read(format!("/proc/{}/cmdline", self.pid.as_raw_nonzero()));
        command.is_ok_and(|command| is_postmaster(&command, data))
    }
}

/// Whether a command line (arguments, each ended by NUL) is that of a postmaster of the cluster in `data`.
fn is_postmaster(command: &[u8], data: &Path) -> bool {
    let mut arguments = command.split(|&byte| byte == 0);
    let program = arguments.next().unwrap_or_default();
    (program.ends_with(b"postgres") || program.ends_with(b"postmaster"))
        && arguments.any(|argument| argument == data.as_os_str().as_encoded_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_file_is_read() {
        let text = "1178\n/d/data\n1700000000\n5432\n/d/run\n\n  8325  7\nready   \n";
        let file = PidFile::parse(text).unwrap();
        assert_eq!(file.pid.as_raw_nonzero().get(), 1178);
        assert_eq!(
            (file.port, file.socket_dir.as_path(), file.ready),
            (5432, Path::new("/d/run"), true)
        );
        assert!(
            !PidFile::parse(&text.replace("ready   ", "starting"))
                .unwrap()
                .ready
        );
    }

    #[test]
    fn a_half_written_file_is_no_postmaster() {
        assert_eq!(PidFile::parse(""), None);
        assert_eq!(PidFile::parse("x\n"), None);
        assert!(!PidFile::parse("12\n/d/data\n").unwrap().ready);
    }

    #[test]
    fn another_process_of_that_number_is_not_taken_for_the_postmaster() {
        let data = Path::new("/d/data");
        assert!(is_postmaster(
            b"/usr/bin/postgres\0-D\0/d/data\0-c\0port=5432\0",
            data
        ));
        assert!(!is_postmaster(b"/usr/bin/postgres\0-D\0/d/data.new\0", data));
        assert!(!is_postmaster(b"/usr/bin/pg_ctl\0-D\0/d/data\0stop\0", data));
        assert!(!is_postmaster(b"postgres: checkpointer\0", data));
        assert!(!is_postmaster(b"", data));
        let me = format!("{}\n/d\n1\n5432\n/d\n\n1 1\nready\n", std::process::id());
        if cfg!(target_os = "linux") {
            assert!(!PidFile::parse(&me).unwrap().runs(data));
        }
    }
}
