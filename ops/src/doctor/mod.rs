//! Looks at everything that an installation needs, and says of each thing whether it is well and what to do if not.
//! Changes nothing but a probe in the attachments' store, which it removes.

mod database;
mod desk;
mod machine;
mod store;
mod websocket;

use std::fmt;

use serde_json::{Value, json};

use crate::config::Settings;

/// How a thing is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// As it should be.
    Ok,
    /// It could not be looked at, because of something else.
    Skipped,
    /// It works, but will not always.
    Warning,
    /// It does not work, or is not safe.
    Error,
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Ok => "ok",
            Self::Skipped => "skipped",
            Self::Warning => "warning",
            Self::Error => "error",
        })
    }
}

/// What was found about one thing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The thing: `database.rights`.
    pub check: &'static str,
    /// How it is.
    pub level: Level,
    /// What was found, on one line.
    pub says: String,
    /// What to do about it; empty if nothing.
    pub advice: String,
}

impl Finding {
    fn new(check: &'static str, level: Level, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self {
            check,
            level,
            says: says.into(),
            advice: advice.into(),
        }
    }

    fn ok(check: &'static str, says: impl Into<String>) -> Self {
        Self::new(check, Level::Ok, says, "")
    }

    fn skipped(check: &'static str, why: impl Into<String>) -> Self {
        Self::new(check, Level::Skipped, why, "")
    }

    fn warning(check: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Level::Warning, says, advice)
    }

    fn error(check: &'static str, says: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(check, Level::Error, says, advice)
    }
}

/// All findings.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// In the order in which they were looked for.
    pub findings: Vec<Finding>,
}

impl Report {
    /// Looks at everything.
    pub async fn of(settings: &Settings) -> Self {
        let mut findings = machine::look(settings);
        findings.extend(database::look(settings).await);
        findings.extend(store::look(&settings.uploads).await);
        findings.extend(desk::look(settings).await);
        Self { findings }
    }

    /// How many there are of a level.
    pub fn count(&self, level: Level) -> usize {
        self.findings
            .iter()
            .filter(|finding| finding.level == level)
            .count()
    }

    /// As JSON.
    pub fn as_json(&self) -> Value {
        let findings: Vec<Value> = self
            .findings
            .iter()
            .map(|finding| {
                json!({
                    "check": finding.check, "level": finding.level.to_string(),
                    "says": finding.says, "advice": finding.advice,
                })
            })
            .collect();
        json!({
            "findings": findings, "errors": self.count(Level::Error),
            "warnings": self.count(Level::Warning), "skipped": self.count(Level::Skipped),
        })
    }
}

/// For people: a line a finding, and what to do below it.
impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for finding in &self.findings {
            writeln!(f, "{:<8} {:<22} {}", finding.level, finding.check, finding.says)?;
            if !finding.advice.is_empty() {
                writeln!(f, "{:>8} {}", "→", finding.advice)?;
            }
        }
        let (errors, warnings) = (self.count(Level::Error), self.count(Level::Warning));
        write!(
            f,
            "{errors} errors, {warnings} warnings, {} skipped",
            self.count(Level::Skipped)
        )
    }
}
