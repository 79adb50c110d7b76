//! What may be said on the command line.

use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::fanout::Contender;

/// Prints figures beside those of rivals.
#[derive(Debug, Parser)]
#[command(name = "bench")]
pub(crate) struct Args {
    /// What to measure
    #[arg(value_enum)]
    subject: Option<Subject>,
    /// How long each measurement lasts
    #[arg(long, value_name = "SECONDS", default_value_t = 2, value_parser = clap::value_parser!(u64).range(1..))]
    seconds: u64,
    /// How often everything is measured; printed are the median and, in brackets, the least and the most
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) runs: u32,
    /// How many tickets are rebuilt or verified, of five events each; half as many, of ten each, are looked back at, and
    /// half as many, with ten comments each, are searched
    #[arg(long, default_value_t = 200_000)]
    pub(crate) tickets: usize,
    /// Broadcast to so many clients only
    #[arg(long, value_name = "NUMBER")]
    pub(crate) clients: Option<usize>,
    /// Broadcast by this server only
    #[arg(long, value_enum, value_name = "SERVER")]
    pub(crate) by: Option<Contender>,
    /// Print JSON
    #[arg(long)]
    pub(crate) json: bool,
}

/// What can be measured; everything, if none is named.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Subject {
    /// Appending events, beside pgbench, cqrs-es and COPY
    Append,
    /// Broadcasts to thousands of clients, beside socket.io and socketioxide
    Fanout,
    /// Looking at what was, beside looking at what is
    History,
    /// Creating tickets over HTTP
    Http,
    /// From a command to its broadcast
    Realtime,
    /// Rebuilding a read model, beside pure SQL
    Rebuild,
    /// Memory at rest, and the time to get ready
    Rest,
    /// Lists and searches on a desk with many texts, beside ILIKE
    Search,
    /// Messages between two nodes, beside socketioxide-postgres
    Signals,
    /// Walking the hash chain, beside SQL that does
    Verify,
}

impl Args {
    /// What is to be measured, in order.
    pub(crate) fn subjects(&self) -> Vec<Subject> {
        self.subject
            .map_or_else(|| Subject::value_variants().to_vec(), |subject| vec![subject])
    }

    /// How long each measurement lasts.
    pub(crate) fn time(&self) -> Duration {
        Duration::from_secs(self.seconds)
    }
}
