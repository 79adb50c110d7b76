//! How measuring can fail: by anything, and then there are no figures.

use std::error::Error;
use std::io::Write;

/// A result, or whatever went wrong.
pub(crate) type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// Says on standard error what went wrong, and what caused it.
pub(crate) fn complain(failure: &dyn Error) {
    let mut text = failure.to_string();
    let mut cause = failure.source();
    while let Some(source) = cause {
        text = format!("{text}: {source}");
        cause = source.source();
    }
    say(&format!("bench: {text}"));
}

/// A line on standard error, where it does not mix with the figures.
pub(crate) fn say(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}
