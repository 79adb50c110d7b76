//! Prints what the house can do beside what its rivals can do, in one run on one Postgres with default durability.
//!
//! Nothing here passes or fails: figures depend on the machine and on its mood. So rivals are measured in turn within
//! the same run, several times over, and what counts is the ratio.

mod append;
mod args;
mod client;
mod database;
mod desk;
mod fanout;
mod history;
mod http;
mod load;
mod machine;
mod outcome;
mod process;
mod realtime;
mod rebuild;
mod report;
mod rest;
mod runs;
mod search;
mod signals;
mod table;
mod tickets;
mod verify;

use std::process::ExitCode;

use clap::Parser;

use crate::args::{Args, Subject};
use crate::database::Server;
use crate::outcome::Outcome;
use crate::report::Report;

fn main() -> ExitCode {
    let args = Args::parse();
    match run(&args) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            outcome::complain(&*failure);
            ExitCode::FAILURE
        }
    }
}

#[tokio::main]
async fn run(args: &Args) -> Outcome<()> {
    let server = Server::start().await?;
    let measured = measure(&server, args).await;
    server.stop().await?;
    measured?.print(args.json)
}

async fn measure(server: &Server, args: &Args) -> Outcome<Report> {
    let mut report = Report::new(machine::describe(server).await?);
    for subject in args.subjects() {
        report.add(match subject {
            Subject::Append => append::measure(server, args).await?,
            Subject::Fanout => fanout::measure(server, args).await?,
            Subject::History => history::measure(server, args).await?,
            Subject::Http => http::measure(server, args).await?,
            Subject::Realtime => realtime::measure(server, args).await?,
            Subject::Rebuild => rebuild::measure(server, args).await?,
            Subject::Rest => rest::measure(server, args).await?,
            Subject::Search => search::measure(server, args).await?,
            Subject::Signals => signals::measure(server, args).await?,
            Subject::Verify => verify::measure(server, args).await?,
        });
    }
    Ok(report)
}
