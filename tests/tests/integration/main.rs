//! Everything that is promised across crates, against a real Postgres and over real connections. The modules mirror the
//! addresses and the promises; ids such as D4 or S-063 are those of the reliability and acceptance lists.
#![expect(clippy::unwrap_used, reason = "a test's helpers fail the test by panicking")]

mod audit;
mod auth;
mod authorization;
mod deploying;
mod guests;
mod house;
mod infrastructure;
mod leaks;
mod limits;
mod mail;
mod observing;
mod oidc;
mod operating;
mod people;
mod program;
mod realtime;
mod reliability;
mod secrets;
mod service;
mod shape;
mod tickets;
mod web;
