//! Stops a cluster when the program dies, however it dies.
//!
//! A shell waits at the end of a pipe that only this program holds open. When the pipe closes without a word, the
//! program is gone, and the shell stops the postmaster. (`PR_SET_PDEATHSIG` would bind the postmaster to the *thread*
//! that started it, and needs unsafe code or a helper program.)

use std::io::Write;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};

use super::error::PostgresError;

const SCRIPT: &str = r#"read -r _ || kill -INT "$(head -n 1 "$0/postmaster.pid")" 2>/dev/null"#;

/// The waiting shell.
#[derive(Debug)]
pub(super) struct Guard {
    shell: Child,
}

impl Guard {
    /// Watches over the cluster in `data` from now on.
    pub(super) fn set(data: &Path) -> Result<Self, PostgresError> {
        let mut command = Command::new("/bin/sh");
        command.arg("-c").arg(SCRIPT).arg(data).process_group(0);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        let shell = command.spawn().map_err(PostgresError::io("starting /bin/sh"))?;
        Ok(Self { shell })
    }

    /// Sends the shell home: the cluster has been stopped, or left to others.
    pub(super) fn dismiss(mut self) {
        // If it is gone already there is nobody to tell.
        let _ = self.shell.stdin.take().map(|mut pipe| pipe.write_all(b"\n"));
        let _ = self.shell.wait();
    }
}
