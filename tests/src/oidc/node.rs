//! The identity provider of `tests/node/oidc.mjs`.

use std::path::Path;
use std::process::Stdio;

use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader, Lines};
use tokio::process::{Child, ChildStdin, ChildStdout, Command};

use super::DESK;
use crate::wait;

/// A running `oidc-provider`; it ends with this.
pub struct NodeProvider {
    _process: Child,
    input: ChildStdin,
    output: Lines<BufReader<ChildStdout>>,
    /// Its issuer identifier.
    pub issuer: String,
    name: String,
}

impl NodeProvider {
    /// One that the desk calls `name`, under `host`. `in_id_token`: whether claims stand in the ID token.
    pub async fn start(name: &str, host: &str, in_id_token: bool) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("node");
        assert!(
            folder.join("node_modules/oidc-provider").exists(),
            "oidc-provider is missing: run `npm ci` in {} (`make test` does)",
            folder.display()
        );
        let config = json!({
            "host": host,
            "redirectUri": format!("{DESK}/api/auth/providers/{name}/callback"),
            "postLogoutRedirectUri": format!("{DESK}/login"),
            "inIdToken": in_id_token,
        });
        let mut process = Command::new("node")
            .arg(folder.join("oidc.mjs"))
            .env("CONFIG", config.to_string())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .spawn()
            .unwrap_or_else(|error| panic!("node does not start ({error}): Node.js 20 or newer is needed"));
        let mut output = BufReader::new(process.stdout.take().unwrap()).lines();
        let issuer = wait::within("an identity provider", output.next_line()).await;
        Self {
            input: process.stdin.take().unwrap(),
            issuer: issuer.unwrap().expect("the provider has ended"),
            output,
            name: name.to_owned(),
            _process: process,
        }
    }

    /// Its entry in the operator's file.
    pub fn entry(&self) -> Value {
        json!({
            "name": self.name,
            "label": "Example Ltd.",
            "issuer": self.issuer,
            "clientId": "desk",
            "clientSecret": "a secret that only these two know",
        })
    }

    /// From now on whoever signs in there is `sub`, and these claims are made.
    pub async fn next_is(&mut self, sub: &str, claims: Value) {
        self.say(json!({ "sub": sub, "claims": claims })).await;
    }

    /// From now on nobody is let in there.
    pub async fn refuses(&mut self) {
        self.say(json!({ "sub": null })).await;
    }

    async fn say(&mut self, line: Value) {
        self.input
            .write_all(format!("{line}\n").as_bytes())
            .await
            .unwrap();
        let answer = wait::within("the identity provider", self.output.next_line()).await;
        assert_eq!(answer.unwrap().as_deref(), Some("ok"));
    }
}
