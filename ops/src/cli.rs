//! The command line: which verbs there are, and what their outcomes mean to a shell.

use std::error::Error;
use std::ffi::OsString;
use std::io::{self, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::config::{ConfigError, Environment, Settings};
use crate::shutdown::EXIT_INTERRUPTED;
use crate::traces::Traces;
use crate::{telemetry, verbs};

/// A help desk whose only truth is an append-only log.
#[derive(Debug, Parser)]
#[command(
    name = "informejo",
    version,
    max_term_width = 110,
    after_help = "Every setting can be given as a flag, in the environment, or in a file .env in the working \
                  directory; the first of these that has it wins.\n\
                  Exit codes: 0 done and nothing found, 1 something was found or refused, 2 it could not be done \
                  (wrong usage or settings, no database, …), 130 interrupted."
)]
struct Cli {
    #[command(subcommand)]
    verb: Verb,
}

#[derive(Debug, Subcommand)]
enum Verb {
    Serve(Box<verbs::serve::Serve>),
    Migrate(verbs::migrate::Migrate),
    Projections(verbs::projections::Projections),
    Reactors(verbs::reactors::Reactors),
    Accounts(verbs::accounts::Accounts),
    Audit(verbs::audit::Audit),
    Doctor(verbs::doctor::Doctor),
    #[command(name = "asyncapi")]
    AsyncApi(verbs::asyncapi::AsyncApi),
    #[command(name = "openapi")]
    OpenApi(verbs::openapi::OpenApi),
}

/// Why a verb did not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum VerbError {
    /// A setting is wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A signal ended it.
    #[error("interrupted")]
    Interrupted,
    /// The answer is no, or something is not as it must be; what, is said here or in the answer.
    #[error("{0}")]
    Refused(String),
    /// It could not even be tried.
    #[error("{0}")]
    CannotRun(String),
    /// Something went wrong; the first part says what was being done.
    #[error("{0}")]
    Failed(&'static str, #[source] Box<dyn Error + Send + Sync>),
}

impl VerbError {
    /// What was being done, for `map_err`.
    pub fn failed<E: Into<Box<dyn Error + Send + Sync>>>(doing: &'static str) -> impl FnOnce(E) -> Self {
        move |error| Self::Failed(doing, error.into())
    }

    fn exit_code(&self) -> u8 {
        match self {
            Self::Config(_) | Self::CannotRun(_) | Self::Failed(..) => 2,
            Self::Interrupted => u8::try_from(EXIT_INTERRUPTED).unwrap_or(1),
            Self::Refused(_) => 1,
        }
    }
}

/// Runs the program with these arguments, its own name among them.
pub fn main(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(error) => {
            // To standard output for --help and --version, which are no errors.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match run(cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Nobody is left to tell if standard error is closed.
            let _ = writeln!(io::stderr(), "informejo: {}", chain(&error));
            ExitCode::from(error.exit_code())
        }
    }
}

fn run(cli: Cli) -> Result<(), VerbError> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(VerbError::failed("starting"))?;
    runtime.block_on(async {
        match cli.verb {
            Verb::Serve(verb) => verb.run().await,
            Verb::Migrate(verb) => verb.run().await,
            Verb::Projections(verb) => verb.run().await,
            Verb::Reactors(verb) => verb.run().await,
            Verb::Accounts(verb) => verb.run().await,
            Verb::Audit(verb) => verb.run().await,
            Verb::Doctor(verb) => verb.run().await,
            Verb::AsyncApi(verb) => verb.run(),
            Verb::OpenApi(verb) => verb.run(),
        }
    })
}

/// Reads the settings of a verb from its flags, the environment and `.env`, and starts logging by them.
pub(crate) fn settings(flags: impl Into<Environment>) -> Result<Settings, VerbError> {
    settings_and_source(flags).map(|(settings, _)| settings)
}

/// As [`settings`], with what they were read from.
pub(crate) fn settings_and_source(
    flags: impl Into<Environment>,
) -> Result<(Settings, Environment), VerbError> {
    let (settings, environment) = read_settings(flags)?;
    telemetry::init(settings.log_format, &settings.log_filter, None);
    Ok((settings, environment))
}

/// As [`settings`], for the verb that serves: with traces, if somebody collects them.
pub(crate) fn settings_and_traces(
    flags: impl Into<Environment>,
) -> Result<(Settings, Option<Traces>), VerbError> {
    let (settings, _) = read_settings(flags)?;
    let traces = Traces::of(&settings).map_err(VerbError::failed("preparing traces"))?;
    telemetry::init(settings.log_format, &settings.log_filter, traces.as_ref());
    Ok((settings, traces))
}

fn read_settings(flags: impl Into<Environment>) -> Result<(Settings, Environment), VerbError> {
    let environment = flags
        .into()
        .with_variables(std::env::vars_os())?
        .with_file(Path::new(".env"))?;
    let settings = Settings::read(&environment)?;
    Ok((settings, environment))
}

/// Writes an answer to standard output.
pub(crate) fn answer(text: &str) -> Result<(), VerbError> {
    writeln!(io::stdout(), "{text}").map_err(VerbError::failed("writing the answer"))
}

/// An error and its causes on one line, each said once.
pub(crate) fn chain(error: &dyn Error) -> String {
    let causes = std::iter::successors(Some(error), |&error| error.source());
    let mut texts: Vec<String> = causes.map(|cause| cause.to_string().replace('\n', " ")).collect();
    texts.dedup();
    texts.join(": ")
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn commands_are_well_formed_and_explained() {
        Cli::command().debug_assert();
        for verb in Cli::command().get_subcommands() {
            assert!(
                verb.get_about().is_some() && verb.get_after_help().is_some(),
                "{}",
                verb.get_name()
            );
        }
    }

    #[test]
    fn errors_are_one_line_with_their_causes() {
        let cause = io::Error::other("disk\nfull");
        let error = VerbError::failed("writing")(cause);
        assert_eq!(chain(&error), "writing: disk full");
        assert_eq!(error.exit_code(), 2);
    }
}
