//! `informejo asyncapi`: print the description of the live protocol.

use clap::Args;

use crate::cli::{self, VerbError};

/// Print the live protocol as an AsyncAPI document
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  informejo asyncapi > asyncapi.json")]
pub struct AsyncApi {}

impl AsyncApi {
    /// Runs the verb.
    pub fn run(self) -> Result<(), VerbError> {
        cli::answer(api::asyncapi())
    }
}
