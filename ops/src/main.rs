//! The program `informejo`. See `ops::cli`.

use std::process::ExitCode;

use mimalloc::MiMalloc;

/// A broadcast's texts are made in one thread and dropped in others, thousands at a time: there the system's allocator
/// spends much of its time waiting for itself.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    ops::cli::main(std::env::args_os())
}
