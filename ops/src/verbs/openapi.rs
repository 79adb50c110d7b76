//! `informejo openapi`: print the description of the HTTP API.

use clap::Args;

use crate::cli::{self, VerbError};

/// Print the HTTP API as an OpenAPI document
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  informejo openapi > openapi.json")]
pub struct OpenApi {}

impl OpenApi {
    /// Runs the verb.
    pub fn run(self) -> Result<(), VerbError> {
        let document = api::openapi()
            .to_pretty_json()
            .map_err(VerbError::failed("writing the document"))?;
        cli::answer(&document)
    }
}
