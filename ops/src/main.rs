//! The program `informejo`. See `ops::cli`.

use std::process::ExitCode;

fn main() -> ExitCode {
    ops::cli::main(std::env::args_os())
}
