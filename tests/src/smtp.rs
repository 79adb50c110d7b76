//! An SMTP server that nobody here wrote (npm's `smtp-server`), told to behave well or badly (`tests/node/smtp.mjs`).

use std::path::{Path, PathBuf};
use std::process::Stdio;

use serde_json::Value;
use tempfile::TempDir;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use crate::mailbox::Mail;
use crate::run_folder::new_folder;
use crate::wait;

/// A key and a certificate for 127.0.0.1 and localhost that nobody trusts by himself.
pub struct Certificate {
    folder: TempDir,
}

impl Certificate {
    /// A new one, by `openssl`.
    pub async fn new() -> Self {
        let folder = new_folder("certificate-");
        let made = Self { folder };
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-sha256"]);
        openssl.args(["-days", "2", "-subj", "/CN=informejo smtp test"]);
        openssl.args(["-addext", "basicConstraints=critical,CA:FALSE", "-addext"]);
        openssl.arg("subjectAltName=IP:127.0.0.1,DNS:localhost");
        openssl.arg("-keyout").arg(made.key());
        openssl.arg("-out").arg(made.file());
        let output = openssl.output().await.unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        made
    }

    /// The certificate in PEM.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.folder.path().join("key.pem")
    }
}

/// How a server is to be.
#[derive(Default)]
pub struct SmtpOptions<'a> {
    /// What it does with each mail, separated by commas, the last for all that follow; see `smtp.mjs`. Empty: it takes
    /// them.
    pub mode: &'a str,
    /// It offers STARTTLS with this.
    pub certificate: Option<&'a Certificate>,
    /// It wants TLS from the beginning.
    pub implicit: bool,
    /// It wants this name and password.
    pub login: Option<(&'a str, &'a str)>,
    /// Where it listens; 0: anywhere.
    pub port: u16,
}

/// A running server. It ends when this is dropped.
pub struct SmtpServer {
    _process: Child,
    orders: ChildStdin,
    lines: Lines<BufReader<ChildStdout>>,
    told: Vec<Value>,
    port: u16,
}

impl SmtpServer {
    /// Starts one.
    pub async fn start(options: SmtpOptions<'_>) -> Self {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("node/smtp.mjs");
        let mut command = Command::new("node");
        command.arg(script).env("PORT", options.port.to_string());
        if !options.mode.is_empty() {
            command.env("MODE", options.mode);
        }
        if let Some(certificate) = options.certificate {
            command
                .env("KEY", certificate.key())
                .env("CERT", certificate.file());
        }
        if options.implicit {
            command.env("IMPLICIT", "1");
        }
        if let Some((user, password)) = options.login {
            command.env("USER", user).env("PASSWORD", password);
        } else {
            command.env_remove("USER");
        }
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .unwrap();
        let mut server = Self {
            orders: process.stdin.take().unwrap(),
            lines: BufReader::new(process.stdout.take().unwrap()).lines(),
            _process: process,
            told: Vec::new(),
            port: 0,
        };
        let listening = server.tells("listening").await;
        server.port = u16::try_from(listening["port"].as_u64().unwrap()).unwrap();
        server
    }

    /// Where it listens.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Tells it what to do with the next mails; see [`SmtpOptions::mode`].
    pub async fn behave(&mut self, mode: &str) {
        self.orders
            .write_all(format!("{mode}\n").as_bytes())
            .await
            .unwrap();
        self.tells("mode").await;
    }

    /// Waits until it tells something of this kind, from now on.
    pub async fn tells(&mut self, kind: &str) -> Value {
        loop {
            let what = format!("{kind}, after {:?}", self.told);
            let line = wait::within(what, self.lines.next_line()).await.unwrap();
            let line = line.unwrap_or_else(|| panic!("the server has ended after {:?}", self.told));
            let told: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("not JSON: {line}"));
            self.told.push(told.clone());
            if told["kind"] == kind {
                return told;
            }
        }
    }

    /// Waits for the next whole mail, whether it is taken or not.
    pub async fn mail(&mut self) -> Mail {
        let told = self.tells("mail").await;
        Mail::parse("", told["raw"].as_str().unwrap())
    }

    /// What it has told of this kind so far, as far as it was waited for.
    pub fn told(&self, kind: &str) -> Vec<&Value> {
        self.told.iter().filter(|told| told["kind"] == kind).collect()
    }
}
