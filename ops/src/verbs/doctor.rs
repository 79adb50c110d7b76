//! `informejo doctor`: is everything as it should be?

use std::fmt::Write;

use clap::Args;

use crate::cli::{self, VerbError};
use crate::config::ServeFlags;
use crate::doctor::{Level, Report};

/// Look at everything that an installation needs, and say what is not as it should be and what to do
///
/// The database and its rights, clocks, disks, the attachments' store, the key, the address that people type, the proxy
/// in front and websockets through it. Works while no program runs, and says what it had to skip. Run it as the account
/// and with the settings of `informejo serve`. Exits with 1 if there is an error.
#[derive(Debug, Args)]
#[command(after_help = "Examples:\n  \
                        informejo doctor\n  \
                        APP_URL=https://help.example.org informejo doctor\n  \
                        informejo doctor --json | jq -r '.findings[] | select(.level == \"error\").advice'")]
pub struct Doctor {
    /// Answer as JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    flags: ServeFlags,
}

impl Doctor {
    /// Runs the verb.
    pub async fn run(self) -> Result<(), VerbError> {
        let (settings, source) = cli::settings_and_source(self.flags)?;
        let given = source.given();
        let report = Report::of(&settings).await;
        if self.json {
            let mut answer = report.as_json();
            answer["settings"] = given.into_iter().collect();
            cli::answer(&answer.to_string())?;
        } else {
            let mut text = String::from("Settings that are given:");
            for (name, value) in &given {
                // Writing to a string does not fail.
                let _ = write!(text, "\n  {name}={value}");
            }
            if given.is_empty() {
                text.push_str(" none");
            }
            cli::answer(&format!("{text}\n\n{report}"))?;
        }
        match report.count(Level::Error) {
            0 => Ok(()),
            1 => Err(VerbError::Refused("1 thing is not as it must be".to_owned())),
            errors => Err(VerbError::Refused(format!(
                "{errors} things are not as they must be"
            ))),
        }
    }
}
