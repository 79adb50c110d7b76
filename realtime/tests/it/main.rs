//! Realtime, from stored events to frames: purely, and over real connections against a real Postgres.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    reason = "a test fails by panicking"
)]

mod accounts;
mod authentication;
mod behind;
mod broadcasts;
mod client;
mod doubles;
mod garbage;
mod interrupted;
mod limits;
mod lists;
mod log_lines;
mod nodes;
mod operations;
mod origin;
mod polling;
mod presence;
mod relay;
mod resume;
mod rights;
mod rooms;
mod samples;
mod secrecy;
// The same throw-away Postgres as for the log.
#[path = "../../../eventlog/tests/it/server.rs"]
mod server;
mod slow;
mod table;
mod turns;
mod typing;
mod world;
