//! One folder for everything that a run leaves on disk, removed when the process ends, however it ends.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::OnceLock;

/// Waits for the end of its input, which comes with the end of this process; then for the cluster to have stopped
/// (its own guard tells it to); then cleans up.
const SCRIPT: &str = r#"
read -r _
tries=0
while [ -e "$0/cluster/data/postmaster.pid" ] && [ $tries -lt 200 ]; do sleep 0.05; tries=$((tries + 1)); done
rm -rf "$0"
"#;

struct RunFolder {
    path: std::path::PathBuf,
    /// Never read: open as long as this process lives.
    _sweeper: (Child, ChildStdin),
}

/// The folder. Passable for everybody, because Postgres runs as somebody else when the tests run as root.
pub(crate) fn run_folder() -> &'static Path {
    static FOLDER: OnceLock<RunFolder> = OnceLock::new();
    &FOLDER
        .get_or_init(|| {
            let path = tempfile::Builder::new()
                .prefix("informejo-tests-")
                .permissions(Permissions::from_mode(0o755))
                .tempdir()
                .unwrap()
                .keep();
            let mut sweeper = Command::new("/bin/sh")
                .arg("-c")
                .arg(SCRIPT)
                .arg(&path)
                .process_group(0)
                .stdin(Stdio::piped())
                .stdout(Stdio::null())
                .stderr(Stdio::null())
                .spawn()
                .unwrap();
            let pipe = sweeper.stdin.take().unwrap();
            RunFolder {
                path,
                _sweeper: (sweeper, pipe),
            }
        })
        .path
}

/// A new folder in it, for one test.
pub(crate) fn new_folder(prefix: &str) -> tempfile::TempDir {
    tempfile::Builder::new()
        .prefix(prefix)
        .permissions(Permissions::from_mode(0o755))
        .tempdir_in(run_folder())
        .unwrap()
}
