//! The read models against a real Postgres. Ids such as P1 are those of the promises in `docs/reliability.md`.
#![expect(clippy::unwrap_used, reason = "a failure in a test's helper fails the test")]

mod as_of;
mod directory;
mod faults;
mod fold;
mod generations;
mod health;
mod history;
mod lease;
mod lists;
mod parking;
mod queries;
mod rebuild;
// The same throw-away Postgres as for the log.
#[path = "../../../eventlog/tests/it/server.rs"]
mod server;
mod skips;
mod tracer;
mod upgrade;
mod verify;
mod world;
