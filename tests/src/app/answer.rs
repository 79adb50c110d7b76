//! What the server answered, and short ways to say what it must be.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use serde_json::Value;

use crate::secrecy;

/// An answer, read to its end.
#[derive(Clone, Debug)]
pub struct Answer {
    /// What was asked, for messages.
    pub asked: String,
    /// The status code.
    pub status: u16,
    /// The headers.
    pub headers: HeaderMap,
    /// The body's bytes.
    pub body: Bytes,
}

impl Answer {
    /// The body as JSON; null if it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The body as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// A header as text; empty if it is missing.
    pub fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map_or("", |value| value.to_str().unwrap_or("(not text)"))
    }

    /// It must have this status.
    #[track_caller]
    #[expect(
        clippy::return_self_not_must_use,
        reason = "saying so is often all that is wanted"
    )]
    pub fn is(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        self
    }

    /// It must be a success; its JSON.
    #[track_caller]
    pub fn good(&self) -> Value {
        assert!(
            (200..300).contains(&self.status),
            "{}: {} {}",
            self.asked,
            self.status,
            self.text()
        );
        self.json()
    }

    /// It must be a problem document with this status; its JSON.
    #[track_caller]
    pub fn problem(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}: {}", self.asked, self.text());
        assert_eq!(
            self.header("content-type"),
            "application/problem+json",
            "{}",
            self.asked
        );
        let problem = self.json();
        for (name, kind) in [
            ("type", "string"),
            ("title", "string"),
            ("error", "string"),
            ("status", "number"),
        ] {
            let found = match &problem[name] {
                Value::String(_) => "string",
                Value::Number(_) => "number",
                _ => "neither",
            };
            assert_eq!(found, kind, "{}: {name} in {problem}", self.asked);
        }
        assert_eq!(problem["status"], status, "{}: {problem}", self.asked);
        problem
    }

    /// It must be a problem with this field of the input.
    #[track_caller]
    pub fn blames(&self, status: u16, field: &str) -> Value {
        let problem = self.problem(status);
        let details = problem["details"].as_array().cloned().unwrap_or_default();
        assert!(
            details.iter().any(|detail| detail["path"][0] == field),
            "{}: {field} is not blamed in {problem}",
            self.asked
        );
        problem
    }

    /// The value of the cookie that it sets, if it sets one of this name.
    pub fn cookie(&self, name: &str) -> Option<String> {
        let values = self.headers.get_all("set-cookie").iter();
        values
            .filter_map(|value| value.to_str().ok())
            .filter_map(|line| line.split(';').next()?.split_once('='))
            .find(|(found, _)| *found == name)
            .map(|(_, value)| value.to_owned())
    }

    /// It must not have a secret in it that is known already: `sent` may come back as a cookie that lasts longer. What it
    /// hands to whoever asked is one from now on.
    pub(super) fn keeps_secrets(&self, sent: &str) {
        let secrecy = secrecy::of_this_run();
        for (name, value) in &self.headers {
            let except = if name == "set-cookie" { sent } else { "" };
            let place = format!("the header {name} of the answer to {}", self.asked);
            let leak = secrecy.leak(&place, value.as_bytes(), except);
            assert_eq!(leak, None);
        }
        let place = format!("the answer to {}", self.asked);
        assert_eq!(secrecy.leak(&place, &self.body, ""), None);
        secrecy::of_answer(&self.headers, &self.body);
    }

    /// Where in the log it stands.
    pub fn position(&self) -> i64 {
        let text = self.header("x-position");
        text.parse()
            .unwrap_or_else(|_| panic!("{}: no position in {:?}", self.asked, self.headers))
    }
}
