//! The files of `ops/deploy`, and the programs that know what to do with them.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::atomic::{AtomicU16, Ordering};

use tempfile::TempDir;

pub(super) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

pub(super) fn path(name: &str) -> PathBuf {
    root().join("ops/deploy").join(name)
}

pub(super) fn read(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// A shipped file with these parts replaced, each of which must be there.
pub(super) fn with(name: &str, parts: &[(&str, &str)]) -> String {
    parts.iter().fold(read(name), |text, (from, to)| {
        assert!(text.contains(from), "{name} does not say {from:?}");
        text.replace(from, to)
    })
}

/// A program that is installed, or that `ops/setup.sh test` has unpacked into `target/tools`.
pub(super) fn tool(name: &str) -> Command {
    let tests = std::env::current_exe().unwrap();
    let unpacked = tests.ancestors().nth(3).unwrap().join("tools").join(name);
    let installed = [
        "/usr/sbin",
        "/usr/bin",
        "/sbin",
        "/usr/local/bin",
        "/usr/local/sbin",
    ]
    .map(|folder| Path::new(folder).join(name));
    let found = std::iter::once(unpacked)
        .chain(installed)
        .find(|path| path.exists());
    Command::new(found.unwrap_or_else(|| panic!("no {name}: run `make setup`")))
}

/// Runs a program that must succeed; what it said.
pub(super) fn succeed(command: &mut Command) -> String {
    let Output {
        status,
        stdout,
        stderr,
    } = command
        .output()
        .unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = format!(
        "{}{}",
        String::from_utf8_lossy(&stdout),
        String::from_utf8_lossy(&stderr)
    );
    assert!(status.success(), "{command:?}: {status}\n{said}");
    said
}

/// A port of 127.0.0.1 that nobody listens at, below those that the kernel gives to whoever asks for any: so nobody else
/// takes it before it is used.
pub(super) fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let start = u16::try_from(std::process::id() % 6_000).unwrap();
    for _ in 0..6_000 {
        let port = 20_000 + (start + NEXT.fetch_add(1, Ordering::Relaxed)) % 6_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no port is free");
}

/// A self-made certificate for 127.0.0.1 and localhost.
pub(super) struct Certificate {
    folder: TempDir,
    /// The certificate, which is its own authority.
    pub(super) pem: String,
}

impl Certificate {
    pub(super) fn new() -> Self {
        let folder = tests::postgres::new_data_dir();
        let (key, certificate) = (folder.path().join("key.pem"), folder.path().join("cert.pem"));
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-nodes",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
        ]);
        openssl.args(["-days", "2", "-subj", "/CN=informejo test"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext"]);
        openssl.arg("subjectAltName=IP:127.0.0.1,DNS:localhost,DNS:help.example.org");
        openssl.arg("-keyout").arg(&key).arg("-out").arg(&certificate);
        succeed(&mut openssl);
        let pem = std::fs::read_to_string(&certificate).unwrap();
        let both = format!("{pem}{}", std::fs::read_to_string(&key).unwrap());
        std::fs::write(folder.path().join("both.pem"), both).unwrap();
        Self { folder, pem }
    }

    /// The path of `cert.pem`, `key.pem`, or `both.pem`.
    pub(super) fn file(&self, name: &str) -> String {
        self.folder.path().join(name).to_str().unwrap().to_owned()
    }
}
